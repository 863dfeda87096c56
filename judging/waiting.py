"""What waits for experts, clerks, approvers and supervisors."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.waiting import Waiting, waits
from judging.enums import AssignmentStatus, ObjectionStatus, RoundStatus
from judging.models import Notice, Objection, Round
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


@waits
def objections_to_handle(user: User) -> Iterator[Waiting]:
    """For the clerk: objections to take up; for those without a hand in the list: to conclude."""
    url = reverse("judging:objections")
    if user.has_perm("judging.handle_objection"):
        filed = Objection.objects.filter(status=ObjectionStatus.FILED).count()
        yield Waiting(_("Objections to take up"), f"{url}?status={ObjectionStatus.FILED}", filed, "amber")
    if user.has_perm("judging.decide_objection"):
        accepted = Objection.objects.filter(status=ObjectionStatus.ACCEPTED).decidable_by(user).count()
        yield Waiting(
            _("Objections to conclude"), f"{url}?status={ObjectionStatus.ACCEPTED}", accepted, "amber"
        )


@waits
def results_to_confirm(user: User) -> Iterator[Waiting]:
    """For the approver: rounds whose notice is over and whose objections are all decided."""
    if not user.has_perm("judging.confirm_round"):
        return
    over = Notice.objects.in_force().filter(
        round__status=RoundStatus.NOTICED, ends_on__lt=clock.local(clock.db_now()).date()
    )
    free = over.exclude(round__notices__objections__status__in=ObjectionStatus.undecided())
    yield Waiting(_("Results to confirm"), reverse("judging:notices"), free.count(), "amber")
