"""Paper slips of the public jury: read by two clerks, blind to each other; differences are ruled on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.asked import refuse_while_asked
from judging.actions.rounds import lock_round
from judging.actions.shown import refuse_once_shown
from judging.enums import RoundKey, RoundStatus, SlipState
from judging.models import JurorCard, Round, RoundEntry, SlipKeying, SlipRuling
from judging.queries.slips import Slip, slips_of
from judging.voting import refuse_while_taken
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User

#: The statement decides by itself what the slip says; see the migrations ``0014_the_hall_kept`` and
#: ``0015_nothing_moves_past_the_end``.
CAST = "SELECT judging_cast_slip(%s, %s, %s, %s)"


@transaction.atomic
def key_slip(*, actor: User, entry: RoundEntry, seat: int, score: int) -> SlipState:
    """Key one slip as its first or second reading; two that agree become the seat's ballot at once.

    When the scoring was opened again, reading begins anew. Refuses while the phones are still open, a
    seat without a card or not checked in, a score off the scale, a slip this person has keyed before
    ("slip_keyed"), one that two have keyed already ("slip_read"), whoever may rule on slips and
    therefore sees readings, a score the hall has seen, and while the seal is asked for.
    """
    require(actor, "judging.key_slips", entry)
    refuse_unless(
        not actor.has_perm("judging.rule_on_slips", entry),
        "slip_ruler",
        _("Whoever rules on slips sees what others have read, and therefore keys none."),
    )
    entry = _lock_closed(entry)
    card = _lock_card(entry, seat)
    _refuse_absent(card)
    refuse_unless(
        0 <= score <= card.scale_max,
        "score_range",
        _("Please give a whole number from 0 to %(top)s."),
        field="score",
        top=card.scale_max,
    )
    past = SlipKeying.objects.filter(card=card, entry=entry)
    readings = list(past.filter(keyed_at__gte=entry.voting_opens_at))
    refuse_unless(
        all(reading.clerk_id != actor.pk for reading in readings),
        "slip_keyed",
        _("You have keyed this slip already; somebody else has to."),
        field="seat",
    )
    refuse_unless(len(readings) < 2, "slip_read", _("Two people have keyed this slip already."), field="seat")
    keying = SlipKeying.objects.create(
        card=card,
        entry=entry,
        clerk=actor,
        reading=past.count() + 1,
        score=score,
        keyed_at=clock.db_now(),
    )
    _cast(card, entry)
    [state] = [slip.state for slip in slips_of(entry) if slip.card == card]
    record(
        "slip.keyed",
        actor=actor,
        obj=entry,
        edition=entry.round.edition,
        after={"seat": card.seat, "reading": keying.reading, "state": state},
    )
    return state


@transaction.atomic
def rule_on_slip(
    *, actor: User, entry: RoundEntry, seat: int, reason: str, score: int | None = None
) -> SlipRuling:
    """Decide what a slip says whose readings differ, that was read once only, or whose seat also
    voted by phone; without a score the slip does not count.

    Refuses slips nobody keyed or on which two agree, whoever has keyed the slip, a score for a seat not
    checked in, one the hall has seen, and while the seal is asked for.
    """
    require(actor, "judging.rule_on_slips", entry)
    reason = reason.strip()
    refuse_unless(reason, "reason_missing", _("Please give a reason."), field="reason")
    entry = _lock_closed(entry)
    card = _lock_card(entry, seat)
    slip = _pending(card, entry)
    refuse_unless(
        all(reading.clerk_id != actor.pk for reading in slip.all_readings),
        "slip_own",
        _("Whoever has keyed a slip does not rule on it."),
    )
    if score is not None:
        _refuse_absent(card)
    refuse_unless(
        score is None or 0 <= score <= card.scale_max,
        "score_range",
        _("Please give a whole number from 0 to %(top)s."),
        field="score",
        top=card.scale_max,
    )
    ruling = SlipRuling.objects.create(
        card=card,
        entry=entry,
        number=len(slip.all_rulings) + 1,
        score=score,
        reason=reason,
        ruled_by=actor,
        ruled_at=clock.db_now(),
    )
    _cast(card, entry)
    record(
        "slip.ruled",
        actor=actor,
        obj=entry,
        edition=entry.round.edition,
        before={"state": slip.state},
        after={"seat": card.seat, "counts": score is not None},
        reason=reason,
    )
    return ruling


def _lock_closed(entry: RoundEntry) -> RoundEntry:
    """The entry of a final that is being scored, locked, with its phones closed and its score unseen."""
    round: Round = lock_round(entry.round)
    refuse_unless(
        round.key == RoundKey.FINAL and round.status == RoundStatus.SCORING,
        "round_not_scoring",
        _("The final is not being scored now."),
    )
    entry = (
        RoundEntry.objects.select_for_update(of=("self",)).select_related("round__edition").get(pk=entry.pk)
    )
    refuse_unless(entry.withdrawn_at is None, "entry_withdrawn", _("This project is no longer in the round."))
    refuse_while_taken(entry, clock.db_now())
    refuse_while_asked(round)
    refuse_once_shown(entry)
    return entry


def _lock_card(entry: RoundEntry, seat: int) -> JurorCard:
    card = JurorCard.objects.usable().select_for_update().filter(round_id=entry.round_id, seat=seat).first()
    if card is None:
        raise RuleBroken("seat_unknown", _("No card was issued for this seat."), field="seat")
    return card


def _refuse_absent(card: JurorCard) -> None:
    refuse_unless(
        card.checked_in_at,
        "not_checked_in",
        _("This juror is not checked in. The door checks in whoever is here, by list if need be."),
        field="seat",
    )


def _pending(card: JurorCard, entry: RoundEntry) -> Slip:
    slip = next((slip for slip in slips_of(entry) if slip.card == card), None)
    if slip is None or not slip.is_pending:
        raise RuleBroken("slip_settled", _("There is nothing to rule on."), field="seat")
    return slip


def _cast(card: JurorCard, entry: RoundEntry) -> None:
    held_clock = clock.now() if clock.is_frozen() else None
    with connection.cursor() as cursor:
        cursor.execute(CAST, [held_clock, card.pk, entry.pk, uuid4().hex])
