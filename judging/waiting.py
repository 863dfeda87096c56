"""What waits for experts, clerks, approvers and supervisors."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.waiting import Waiting, waits
from judging.enums import AssignmentStatus, ObjectionStatus, RoundStatus
from judging.models import Notice, Objection, Rereview, Round, Show
from judging.queries.integrity import rounds_with_open_flags
from judging.queries.letters import rounds_owing_letters
from judging.queries.queue import open_tasks
from judging.queries.rounds import chairs_done, rounds_ready_to_seal
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
            _("Rounds ready to be sealed"),
            url,
            rounds_ready_to_seal(clock.db_now()).filter(edition__is_rehearsal=False).count(),
            "amber",
        )
        sealed = Round.objects.filter(status=RoundStatus.SEALED, edition__is_rehearsal=False).count()
        yield Waiting(_("Lists to propose"), url, sealed, "blue")
    if user.has_perm("judging.approve_decision"):
        proposed = Round.objects.filter(status=RoundStatus.PROPOSED)
        others = proposed.exclude(decisions__drafted_by=user, decisions__status="proposed")
        yield Waiting(_("Lists to approve"), url, others.count(), "amber")


@waits
def finals_to_confirm(user: User) -> Iterator[Waiting]:
    """For the second person of a live final: a seal or a reveal that was asked for; one query."""
    if not user.has_perm("judging.confirm_show"):
        return
    asked = Show.objects.exclude(asked="").exclude(asked_by=user)
    for year in asked.values_list("round__edition__year", flat=True):
        url = reverse("judging:live_confirm", args=[year])
        yield Waiting(_("Live final: to be confirmed by you"), url, 1, "red")


@waits
def flags_to_look_into(user: User) -> Iterator[Waiting]:
    """For the supervisor: oddities in the sheets of each round, which hold up its seal; one query."""
    if not user.has_perm("judging.look_into_flags"):
        return
    for row in rounds_with_open_flags():
        url = reverse("judging:round_flags", args=[row["round"]])
        yield Waiting(_("Oddities in score sheets to look into"), url, row["count"], "amber")


@waits
def scores_to_look_at(user: User) -> Iterator[Waiting]:
    """For the chair of a panel whose own sheets are all in: the scores can be looked at; one query."""
    if not user.has_perm("judging.use_review"):
        return
    for seat in chairs_done(user).filter(round__status=RoundStatus.SCORING):
        if user.has_perm("judging.chair_panel", seat):
            url = reverse("judging:review_panel", args=[seat.round_id])
            yield Waiting(_("Scores of your panel"), url, 1, "blue")


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
def objections_overdue(user: User) -> Iterator[Waiting]:
    """For the clerk and the supervisor: steps of objections that should have been taken."""
    if user.has_perm("judging.view_objector"):
        late = Objection.objects.overdue(clock.today()).count()
        yield Waiting(_("Objections overdue"), f"{reverse('judging:objections')}?late=yes", late, "red")


@waits
def rereviews_to_give(user: User) -> Iterator[Waiting]:
    """For an expert: second opinions asked for."""
    if user.has_perm("judging.use_review"):
        count = Rereview.objects.visible_to(user).open().count()
        yield Waiting(_("Second opinions to give"), reverse("judging:review_home"), count, "amber")


@waits
def letters_to_write(user: User) -> Iterator[Waiting]:
    """For the clerk: confirmed rounds whose applicants have not been written to."""
    if user.has_perm("judging.issue_letters"):
        owed = list(rounds_owing_letters().values_list("pk", flat=True)[:100])
        url = (
            reverse("judging:round_letters", args=[owed[0]]) if len(owed) == 1 else reverse("judging:rounds")
        )
        yield Waiting(_("Letters to the applicants to write"), url, len(owed), "blue")


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
