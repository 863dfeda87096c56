"""What was decided on a sealed tally."""

from __future__ import annotations

from django.db.models import QuerySet

from judging.enums import DecisionStatus
from judging.models import DecisionLine, Round


def decided_lines(round: Round) -> QuerySet[DecisionLine]:
    """The lines of the approved decision by place; none while there is no such decision."""
    return DecisionLine.objects.filter(
        decision__round=round, decision__status=DecisionStatus.APPROVED
    ).for_list()
