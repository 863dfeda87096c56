"""The panel while a round is scored: an expert leaves, another comes, the chair looks at the scores."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User
from accounts.rights import require
from contest.record import record
from judging.actions.panels import drop_sheet, offer
from judging.actions.rounds import lock_round
from judging.actions.sharing import lock_scoring
from judging.enums import AssignmentStatus
from judging.models import Assignment, PanelSeat, Round, Sheet
from judging.queries.conflicts import barred_seats
from judging.queries.rounds import owed_by, seats_with_load
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor


@dataclass(frozen=True)
class Ended:
    """What became of the entries of a seat that ended: taken over, or left with fewer sheets."""

    seat: PanelSeat
    handed: list[Assignment]
    left: list[Assignment]


@transaction.atomic
def add_seat(*, actor: Actor, round: Round, expert: User, reason: str, is_chair: bool = False) -> PanelSeat:
    """Seat one more expert while a round is scored, under the next number.

    The newcomer gets the calibration entry, where there is one, and otherwise nothing yet: whoever leaves
    hands over to the least loaded seat, and ``share_again`` balances the loads. Refuses people who are
    no experts, who sit or have sat on this panel, and a second chair.
    """
    round = lock_scoring(actor, round, reason)
    refuse_unless(
        User.objects.holding(Role.EXPERT).filter(pk=expert.pk).exists(),
        "not_an_expert",
        _("Only people with the role of expert can sit on a panel."),
        field="expert",
    )
    seats = list(round.seats.all())
    refuse_unless(
        expert.pk not in {seat.expert_id for seat in seats},
        "seated_already",
        _("This expert sits on the panel already, or has left it."),
        field="expert",
    )
    refuse_unless(
        not is_chair or not any(seat.is_chair and seat.ended_at is None for seat in seats),
        "chair_taken",
        _("The panel has a chair."),
        field="is_chair",
    )
    number = max((seat.number for seat in seats), default=0) + 1
    seat = PanelSeat.objects.create(round=round, expert=expert, number=number, is_chair=is_chair)
    _calibrate(round, seat)
    record(
        "seat.added",
        actor=actor,
        obj=seat,
        edition=round.edition,
        after={"expert": expert.pk, "number": number, "chair": is_chair},
        reason=reason,
    )
    return seat


def _calibrate(round: Round, seat: PanelSeat) -> None:
    entry = round.entries.running().filter(is_calibration=True).select_related("project").first()
    if entry is not None and not barred_seats([entry], [seat])[entry.pk]:
        offer(entry, seats_with_load(round.pk).get(pk=seat.pk), by="calibration")


@transaction.atomic
def end_seat(*, actor: Actor, seat: PanelSeat, reason: str) -> Ended:
    """End a seat while a round is scored and hand over what it has not submitted.

    Submitted sheets stay in the tally; drafts lapse and stay on file. Each entry goes to the least loaded
    seat without a conflict that has not had it; where there is none, it stays with fewer sheets until
    somebody joins and the entries are shared out again.
    """
    round = lock_scoring(actor, seat.round, reason)
    seat = PanelSeat.objects.select_for_update().get(pk=seat.pk)
    refuse_unless(seat.ended_at is None, "seat_ended", _("This seat has ended already."))
    seat.ended_at, seat.ended_reason = clock.db_now(), reason.strip()
    seat.save(update_fields=["ended_at", "ended_reason"])
    # Waits for a submission on its way, which then counts.
    list(Sheet.objects.select_for_update().filter(assignment__seat=seat).order_by("pk").values_list("pk"))
    rows = list(owed_by(seat).select_related("entry__project").order_by("entry__number"))
    for row in rows:
        drop_sheet(row)
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(status=AssignmentStatus.REPLACED)
    handed = _hand_over(round, rows)
    record(
        "seat.ended",
        actor=actor,
        obj=seat,
        edition=round.edition,
        after={
            "handed": len(handed),
            "left": len(rows) - len(handed),
            "seats": sorted({row.seat_id for row in handed}),
        },
        reason=reason,
    )
    taken = {row.stands_for_id for row in handed}
    return Ended(seat, handed, [row for row in rows if row.pk not in taken])


def _hand_over(round: Round, rows: list[Assignment]) -> list[Assignment]:
    """Each entry to the least loaded seat that may have it; the conflicts are looked up once for all."""
    entries = [row.entry for row in rows]
    seats = list(seats_with_load(round.pk))
    barred = barred_seats(entries, seats)
    had: dict[int, set[int]] = defaultdict(set)
    for entry, seat in Assignment.objects.filter(entry__in=entries).values_list("entry_id", "seat_id"):
        had[entry].add(seat)
    handed = []
    for row in rows:
        free = [seat for seat in seats if seat.pk not in barred[row.entry_id] | had[row.entry_id]]
        if not free:
            continue
        taker = min(free, key=lambda seat: (seat.load, seat.number))
        handed.append(offer(row.entry, taker, by="handed_over", stands_for=row))
        taker.load += 1
    return handed


@transaction.atomic
def open_scores(*, actor: Actor, seat: PanelSeat) -> PanelSeat:
    """The chair opens the scores of the panel; from here on the seat is given no entry, and its sheets
    stay as they are.

    Refuses where the rules keep the scores from the chair, and while an own sheet is not submitted.
    """
    require(actor, "judging.chair_panel", seat)
    round = lock_round(seat.round)
    seat = PanelSeat.objects.select_for_update().get(pk=seat.pk)
    refuse_unless(seat.ended_at is None, "seat_ended", _("This seat has ended already."))
    refuse_unless(
        not owed_by(seat).exists(),
        "own_sheets_first",
        _("First submit all your own sheets: whoever still scores sees no other scores."),
    )
    if seat.scores_seen_at is None:
        seat.scores_seen_at = clock.db_now()
        seat.save(update_fields=["scores_seen_at"])
        record("scores.opened", actor=actor, obj=seat, edition=round.edition)
    return seat
