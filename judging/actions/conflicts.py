"""What the machine finds about an expert and an entry, kept and acted upon (回避)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from contest.record import record
from judging.actions.dealing import keep_checks
from judging.actions.panels import drop_sheet, hand_over
from judging.actions.rounds import lock_round
from judging.enums import AssignmentStatus, ConflictMoment, LinkKind, RoundStatus
from judging.models import Assignment, Round
from judging.queries.conflicts import conflicts
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor


def stop_if_conflicted(*, actor: Actor, assignment: Assignment, moment: ConflictMoment) -> RuleBroken | None:
    """Compare expert and entry once more and keep the answer; on a conflict end the assignment.

    Then the draft lapses, the entry goes to another seat, the original stays on file as recused, and what
    is to be said comes back: the caller raises it after its transaction, so that all this is kept. Refuses
    outside scoring and once the sheet is submitted. ``assignment`` comes with entry and seat.
    """
    if assignment.entry.withdrawn_at:
        return None
    found = conflicts([assignment.seat.expert_id], [assignment.entry])
    if not found:
        keep_checks([assignment], found, moment)
        return None
    round = lock_round(assignment.entry.round)
    refuse_unless_open(round)
    assignment = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("entry", "seat")
        .get(pk=assignment.pk)
    )
    refuse_unless(
        assignment.status in (AssignmentStatus.OFFERED, AssignmentStatus.CLEAR),
        "assignment_ended",
        _("This assignment has already ended."),
    )
    successor = recuse(assignment)
    keep_checks([assignment], found, moment)
    (findings,) = found.values()
    # In a blind round not even who is recused learns who applied.
    why = {LinkKind(finding.kind).label if round.rules.blind else finding.text for finding in findings}
    record(
        "conflict.found",
        actor=actor,
        obj=assignment,
        edition=round.edition,
        after={
            "moment": moment,
            "kinds": sorted({finding.kind for finding in findings}),
            "replacement": successor.pk if successor else None,
        },
    )
    return RuleBroken(
        "conflict_found",
        _(
            "You cannot review this entry (%(why)s). You have been recused, and it goes to another expert. "
            "If this is wrong, tell the contest office."
        ),
        why="；".join(sorted(map(str, why))),
    )


def recuse(assignment: Assignment) -> Assignment | None:
    """End an assignment for a conflict; whoever takes it over, if anybody is free."""
    drop_sheet(assignment)
    assignment.status = AssignmentStatus.RECUSED
    assignment.save(update_fields=["status"])
    return hand_over(assignment)


def refuse_unless_open(round: Round) -> None:
    """Refuse once scoring is over, by the database's clock."""
    refuse_unless(
        round.status == RoundStatus.SCORING, "round_not_scoring", _("The round is not being scored.")
    )
    refuse_unless(
        round.scoring_ends_at and clock.db_now() < round.scoring_ends_at,
        "scoring_over",
        _("Scoring has ended."),
    )
