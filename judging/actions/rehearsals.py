"""A final rehearsed in an edition of its own: the same projects and people, other rows throughout."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import create_rehearsal, lock_edition
from contest.record import record
from judging.actions.cards import issue_cards
from judging.actions.rounds import lock_round
from judging.actions.show import prepare_show
from judging.enums import AssignmentStatus, RoundKey, RoundStatus
from judging.models import Assignment, PanelSeat, Round, RoundEntry, Sheet
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.models import User
    from contest.models import Edition

REHEARSAL_DAYS = 7


@transaction.atomic
def begin_rehearsal(*, actor: User, round: Round) -> Round:
    """A rehearsal of an opened final, ready at its welcome: its entries, its panel, cards of its own.

    Everything that is written in it hangs on the rehearsal's own round: sheets, cards, ballots, tally.
    What an expert has declared of a project holds in it; what is undeclared has to be declared there
    too. It ends with its reveal: no list is ever proposed from it. Each call makes another one.
    """
    require(actor, "judging.run_voting", round)
    lock_edition(round.edition)
    round = lock_round(round)
    refuse_unless(round.key == RoundKey.FINAL, "not_the_final", _("Only the final has a stage."))
    refuse_unless(
        round.status == RoundStatus.SCORING, "round_not_scoring", _("The final is not being scored now.")
    )
    edition = create_rehearsal(actor=actor, edition=round.edition)
    rehearsal = _open(actor, edition)
    entries = _copy_entries(round, rehearsal)
    _copy_panel(round, rehearsal, entries)
    record(
        "final.rehearsed",
        actor=actor,
        obj=round,
        edition=round.edition,
        after={"rehearsal": edition.year, "entries": len(entries)},
    )
    issue_cards(actor=actor, round=rehearsal, seats=_seats(round))
    prepare_show(actor=actor, round=rehearsal)
    return rehearsal


def _open(actor: User, edition: Edition) -> Round:
    moment = clock.now()
    return Round.objects.create(
        edition=edition,
        key=RoundKey.FINAL,
        status=RoundStatus.SCORING,
        rulebook=edition.current_rulebook,
        opened_at=moment,
        scoring_ends_at=moment + timedelta(days=REHEARSAL_DAYS),
        created_by=actor,
    )


def _copy_entries(round: Round, rehearsal: Round) -> dict[int, RoundEntry]:
    """The running entries, by the id of the one each stands for."""
    real = list(RoundEntry.objects.running().filter(round=round).order_by("number"))
    copies = RoundEntry.objects.bulk_create(
        RoundEntry(
            round=rehearsal,
            project_id=entry.project_id,
            submission_id=entry.submission_id,
            number=entry.number,
            stage_order=entry.stage_order,
        )
        for entry in real
    )
    return {entry.pk: copy for entry, copy in zip(real, copies, strict=True)}


def _copy_panel(round: Round, rehearsal: Round, entries: dict[int, RoundEntry]) -> None:
    real = list(PanelSeat.objects.sitting().filter(round=round).order_by("number"))
    copies = PanelSeat.objects.bulk_create(
        PanelSeat(round=rehearsal, expert_id=seat.expert_id, number=seat.number, is_chair=seat.is_chair)
        for seat in real
    )
    seats = {seat.pk: copy for seat, copy in zip(real, copies, strict=True)}
    work = Assignment.objects.current().filter(entry__in=list(entries), seat__in=list(seats))
    given = Assignment.objects.bulk_create(
        Assignment(entry=entries[task.entry_id], seat=seats[task.seat_id], status=task.status)
        for task in work
    )
    Sheet.objects.bulk_create(
        Sheet(assignment=task) for task in given if task.status == AssignmentStatus.CLEAR
    )


def _seats(round: Round) -> list[tuple[str, int]] | None:
    """As many of each trade as the real jury has; before it has any, those of the rulebook."""
    trades = Counter(round.cards.usable().order_by("seat").values_list("trade", flat=True))
    return list(trades.items()) or None
