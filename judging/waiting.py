"""What waits for experts, clerks and approvers."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.waiting import Waiting, waits
from judging.enums import AssignmentStatus, RoundStatus
from judging.models import Round
from judging.queries.rounds import rounds_ready_to_seal
from judging.queries.sheets import open_tasks
from kit import clock


@waits
def sheets_to_do(user: User) -> Iterator[Waiting]:
    """For an expert: declarations owed and sheets to score; one query."""
    if not user.has_perm("judging.use_review"):
        return
    states = list(open_tasks(user).values_list("status", flat=True))
    url = reverse("judging:review_home")
    owed = states.count(AssignmentStatus.OFFERED)
    yield Waiting(_("Declarations to make"), url, owed, "amber")
    yield Waiting(_("Score sheets to submit"), url, len(states) - owed, "blue")


@waits
def rounds_to_move(user: User) -> Iterator[Waiting]:
    """For the clerk: rounds to seal and lists to propose; for the approver: lists to decide on."""
    url = reverse("judging:rounds")
    if user.has_perm("judging.seal_round"):
        yield Waiting(
            _("Rounds ready to be sealed"), url, rounds_ready_to_seal(clock.db_now()).count(), "amber"
        )
        sealed = Round.objects.filter(status=RoundStatus.SEALED).count()
        yield Waiting(_("Lists to propose"), url, sealed, "blue")
    if user.has_perm("judging.approve_decision"):
        proposed = Round.objects.filter(status=RoundStatus.PROPOSED)
        others = proposed.exclude(decisions__drafted_by=user, decisions__status="proposed")
        yield Waiting(_("Lists to approve"), url, others.count(), "amber")
