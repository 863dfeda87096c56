"""What is on the stage of a final now, for the experts of its panel."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from judging.enums import RoundStatus, SheetStatus, ShowPhase
from judging.models import Assignment

#: Until its score is shown a project is what the panel has to look at.
SCORABLE = (ShowPhase.TALK, ShowPhase.ANSWERS, ShowPhase.SCORING, ShowPhase.COUNTING)


def on_stage_for(user: Any) -> list[Any]:
    """The expert's own assignments whose projects are on a stage, with ``phase_label`` and ``is_in``.

    One query; more than one only while a rehearsal runs beside the final.
    """
    found: list[Any] = list(
        Assignment.objects.visible_to(user)
        .current()
        .filter(
            entry__round__status=RoundStatus.SCORING,
            entry__round__show__entry=F("entry"),
            entry__round__show__phase__in=SCORABLE,
        )
        .annotate(phase=F("entry__round__show__phase"))
        .select_related("sheet", "entry__project", "entry__round__edition")
        .order_by("entry__round")
    )
    for assignment in found:
        sheet = getattr(assignment, "sheet", None)
        assignment.phase_label = ShowPhase(assignment.phase).label
        assignment.is_in = sheet is not None and sheet.status == SheetStatus.SUBMITTED
    return found
