"""Changing by hand who reads what while a round is scored, and sharing out once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.dealing import Dealt, deal, keep_checks
from judging.actions.panels import drop_sheet, hand_over, offer
from judging.actions.rounds import lock_round
from judging.enums import AssignmentStatus, RoundStatus
from judging.models import Assignment, PanelSeat, Round, RoundEntry, Sheet
from judging.queries.conflicts import conflicts_of_pair
from judging.queries.rounds import seats_with_load
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def give_assignment(*, actor: Actor, entry: RoundEntry, seat: PanelSeat, reason: str) -> Assignment:
    """Give an entry to one more seat. Refuses a seat with a conflict, and one that has had the entry,
    unless it was taken from it before anything was opened: then it is offered again."""
    round = lock_scoring(actor, entry.round, reason)
    entry = RoundEntry.objects.select_related("project", "round").get(pk=entry.pk)
    refuse_unless(entry.withdrawn_at is None, "entry_withdrawn", _("This project has left the round."))
    found_seat = seats_with_load(round.pk).filter(pk=seat.pk).first()
    if found_seat is None:
        raise RuleBroken(
            "seat_not_sitting",
            _("This seat is not on the panel, or has seen the scores of the others."),
            field="seat",
        )
    if found := conflicts_of_pair(found_seat.expert_id, entry):
        raise RuleBroken(
            "seat_conflicted",
            _("This expert must not review the entry (%(why)s)."),
            field="seat",
            why="；".join(finding.text for finding in found),
        )
    earlier = Assignment.objects.select_for_update().filter(entry=entry, seat=found_seat).first()
    given = _again(earlier) if earlier else offer(entry, found_seat, by="clerk")
    record(
        "assignment.given",
        actor=actor,
        obj=given,
        edition=round.edition,
        after={"entry": entry.number, "seat": seat.pk, "replacement": given.pk},
        reason=reason,
    )
    return given


def _again(earlier: Assignment) -> Assignment:
    refuse_unless(
        earlier.status == AssignmentStatus.REPLACED and not Sheet.objects.filter(assignment=earlier).exists(),
        "seat_had_entry",
        _("This expert has the entry already, or has had it."),
        field="seat",
    )
    earlier.status = AssignmentStatus.OFFERED
    earlier.grounds = {**earlier.grounds, "by": "clerk"}
    earlier.save(update_fields=["status", "grounds"])
    keep_checks([earlier], {})
    return earlier


@transaction.atomic
def take_assignment(*, actor: Actor, assignment: Assignment, reason: str) -> Assignment:
    """Take an entry back from a seat without giving it to another; it stays on file as replaced.

    Refuses once the sheet is submitted.
    """
    round = lock_scoring(actor, assignment.entry.round, reason)
    assignment = _end(assignment)
    record("assignment.taken", actor=actor, obj=assignment, edition=round.edition, reason=reason)
    return assignment


@transaction.atomic
def replace_assignment(*, actor: Actor, assignment: Assignment, reason: str) -> Assignment:
    """Give an entry to another seat of the panel because its expert cannot finish it.

    The original stays on file as replaced. Refuses once the sheet is submitted and when no other
    seat is free.
    """
    round = lock_scoring(actor, assignment.entry.round, reason)
    assignment = _end(assignment)
    successor = hand_over(assignment)
    if successor is None:
        raise RuleBroken("no_free_seat", _("No other expert of the panel is free for this entry."))
    record(
        "assignment.replaced",
        actor=actor,
        obj=assignment,
        edition=round.edition,
        after={"replacement": successor.pk, "seat": successor.seat_id},
        reason=reason,
    )
    return successor


def _end(assignment: Assignment) -> Assignment:
    """The assignment, locked and taken from its seat; refuses one that has ended."""
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    refuse_unless(
        assignment.status in (AssignmentStatus.OFFERED, AssignmentStatus.CLEAR),
        "assignment_ended",
        _("This assignment has already ended."),
    )
    drop_sheet(assignment)
    assignment.status = AssignmentStatus.REPLACED
    assignment.save(update_fields=["status"])
    return assignment


@transaction.atomic
def share_again(*, actor: Actor, round: Round, reason: str) -> Dealt:
    """Share the entries out once more over the panel as it sits now; what is begun stays.

    Brings every entry back to its sheets and loads back into balance. An assignment that is taken back
    stays on file, and the one in its place points to it.
    """
    round = lock_scoring(actor, round, reason)
    list(Assignment.objects.select_for_update().filter(entry__round=round).order_by("pk").values_list("pk"))
    entries = list(round.entries.running().select_related("project").order_by("number"))
    dealt = deal(round, entries)
    record(
        "round.shared_again",
        actor=actor,
        obj=round,
        edition=round.edition,
        after={
            "given": len(dealt.given),
            "taken": len(dealt.taken),
            "seats": sorted({row.seat_id for row in dealt.given}),
        },
        reason=reason,
    )
    return dealt


def lock_scoring(actor: Actor, round: Round, reason: str) -> Round:
    """The round, locked; refuses those who do not prepare rounds, other times, and no reason."""
    require(actor, "judging.prepare_round", round)
    round = lock_round(round)
    refuse_unless(
        round.status == RoundStatus.SCORING, "round_not_scoring", _("The round is not being scored.")
    )
    refuse_unless(reason.strip(), "reason_missing", _("Give a reason."), field="reason")
    return round
