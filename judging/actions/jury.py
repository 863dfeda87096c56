"""The public jury: cards, phones, and the ballots themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import card_actor
from accounts.rights import require
from contest.record import record
from judging.actions.asked import refuse_while_asked
from judging.actions.rounds import hold_round
from judging.models import (
    Ballot,
    BallotEvent,
    JurorCard,
    ReleasedScore,
    Round,
    RoundEntry,
    letters_of,
    receipt_code,
)
from judging.voting import LIVE_STATES, hash_device, may_read
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.limits import within_limit

if TYPE_CHECKING:
    from accounts.models import User

OPENINGS_PER_MINUTE = 20

# Cards


def card_token(card: JurorCard) -> str:
    """What stands in the QR code: a 256-bit signature over the card and its version."""
    return _signer().sign(f"{card.pk}.{card.version}")


def _signer(key: str | bytes | None = None) -> Signer:
    return Signer(key=key, salt="judging.juror-card", sep=".")


def card_code(card: JurorCard) -> str:
    """What a juror types with the seat when the phone cannot read the QR code, such as ``K7Q2-M4XA``."""
    return _short(card_token(card))


def _short(token: str) -> str:
    letters = letters_of(hashlib.sha256(token.encode()).digest()[:5])
    return f"{letters[:4]}-{letters[4:]}"


def card_codes(card: JurorCard) -> list[str]:
    """Every code under which the card may have been printed, as keys are changed now and then."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_short(_signer(key).sign(f"{card.pk}.{card.version}")) for key in keys]


def refuse_unless_live(round: Round) -> None:
    """Refuse a final whose scoring is over."""
    refuse_unless(
        round.status in LIVE_STATES,
        "jury_over",
        _("The scoring of this final is over; the card is of no more use."),
    )


def read_token(token: str) -> tuple[int, int]:
    """Card id and version of a genuine token; touches no database."""
    try:
        card_id, version = _signer().unsign(token).split(".")
        return int(card_id), int(version)
    except (BadSignature, ValueError) as error:
        raise _unknown_card() from error


def _unknown_card() -> RuleBroken:
    return RuleBroken("card_unknown", _("This is not a juror card of ours. Please scan the QR code again."))


def card_of_token(token: str) -> JurorCard:
    """The card of a token that is in force; changes nothing.

    Refuses a forged token, a voided or replaced card, and any card once the final is sealed.
    """
    card_id, version = read_token(token)
    card = JurorCard.objects.select_related("round__edition").filter(pk=card_id).first()
    if card is None:
        raise _unknown_card()
    _refuse_if_dead(card, version)
    return card


def _refuse_if_dead(card: JurorCard, version: int) -> None:
    refuse_unless(
        card.voided_at is None and card.version == version,
        "card_void",
        _("This card is void. Please ask for a new one at the desk."),
    )
    refuse_unless_live(card.round)


@transaction.atomic
def bind_card(*, token: str, device: str) -> JurorCard:
    """Tie a card to the phone that opens it first; the same phone may do so again.

    ``device`` is that phone's secret; only its hash is kept. Opening counts as checking in. A second
    phone is refused, and so is a token tried too often; the address it comes from plays no part, as
    a whole hall shares one. Locks: round (held), card.
    """
    card_id, version = read_token(token)
    refuse_unless(
        within_limit("juror-card", card_id, times=OPENINGS_PER_MINUTE, per_s=60),
        "too_often",
        _("This card was tried too often. Please wait a minute."),
    )
    card = _hold_card(card_id)
    if card is None:
        raise _unknown_card()
    _refuse_if_dead(card, version)
    secret = hash_device(device)
    refuse_unless(
        card.device_sha256 in ("", secret),
        "card_other_device",
        _("This card is already in use on another phone. If that is not yours, please go to the desk."),
    )
    if card.device_sha256:
        return card
    card.device_sha256 = secret
    # By the clock of the ballots: what was received before is not for the eyes of this phone.
    card.bound_at = clock.db_now()
    card.checked_in_at = card.checked_in_at or card.bound_at
    card.save(update_fields=["device_sha256", "bound_at", "checked_in_at"])
    record(
        "card.bound",
        actor=card_actor(card.pk),
        obj=card,
        edition=card.round.edition,
        after={"seat": card.seat, "version": card.version},
    )
    return card


@transaction.atomic
def check_in_card(*, actor: User, card: JurorCard) -> JurorCard:
    """Note at the door that the juror is here, before or without the phone."""
    require(actor, "judging.issue_cards", card)
    card = lock_card(card)
    if card.checked_in_at is None:
        card.checked_in_at = clock.now()
        card.save(update_fields=["checked_in_at"])
        record(
            "card.checked_in", actor=actor, obj=card, edition=card.round.edition, after={"seat": card.seat}
        )
    return card


def lock_card(card: JurorCard) -> JurorCard:
    """A card in force, locked after its round, which is held: no seal comes in between.

    Refuses a voided one and one whose final is sealed.
    """
    locked = _hold_card(card.pk)
    if locked is None:
        raise _unknown_card()
    _refuse_if_dead(locked, locked.version)
    return locked


def _hold_card(card_id: int) -> JurorCard | None:
    """A card, locked; its round held before it, so that a hall of phones does not queue."""
    round_id = JurorCard.objects.filter(pk=card_id).values_list("round_id", flat=True).first()
    if round_id is None:
        return None
    hold_round(round_id)
    return JurorCard.objects.select_for_update(of=("self",)).select_related("round__edition").get(pk=card_id)


@transaction.atomic
def reissue_card(*, actor: User, card: JurorCard, reason: str) -> tuple[JurorCard, str]:
    """A new token for the same seat, for a lost card or phone; the old ones stop at once.

    Ballots already received stay, because the seat stays. Refuses while the seal is asked for.
    """
    require(actor, "judging.issue_cards", card)
    refuse_unless(reason.strip(), "reason_missing", _("Please give a reason."), field="reason")
    card = lock_card(card)
    refuse_while_asked(card.round)
    before = card.version
    card.version += 1
    card.device_sha256 = ""
    card.bound_at = None
    card.save(update_fields=["version", "device_sha256", "bound_at"])
    record(
        "card.reissued",
        actor=actor,
        obj=card,
        edition=card.round.edition,
        before={"version": before},
        after={"version": card.version, "seat": card.seat},
        reason=reason,
    )
    return card, card_token(card)


@transaction.atomic
def void_card(*, actor: User, card: JurorCard, reason: str) -> JurorCard:
    """Take a seat out of the jury: its token and phone stop, its ballots no longer count.

    They stay in the trail. Refused once the final is sealed or its seal asked for, and for a seat whose
    ballot counts in a score the hall has seen.
    """
    require(actor, "judging.issue_cards", card)
    refuse_unless(reason.strip(), "reason_missing", _("Please give a reason."), field="reason")
    card = lock_card(card)
    refuse_while_asked(card.round)
    refuse_unless(
        not ReleasedScore.objects.standing().filter(entry__ballots__card=card).exists(),
        "seat_shown",
        _("The hall has seen a score in which this seat counts. Replace the card instead; its scores stay."),
    )
    card.voided_at = clock.now()
    card.save(update_fields=["voided_at"])
    record(
        "card.voided",
        actor=actor,
        obj=card,
        edition=card.round.edition,
        after={"seat": card.seat},
        reason=reason,
    )
    return card


# Ballots

#: The statement itself, with the reasons for its shape, is in the migrations ``0004_cast_ballot``,
#: ``0014_the_hall_kept`` and ``0015_nothing_moves_past_the_end``.
CAST = "SELECT judging_cast_ballot(%s, %s, %s, %s, %s, %s, %s, %s)"

#: Phones count in milliseconds. What is further ahead than this would stand above all that its seat can
#: still send.
SEQ_AHEAD = timedelta(days=1)
#: Beyond every scale, and within what the database calls an integer.
LARGEST_SCORE = 1_000_000
#: Nothing that waited longer can still be wanted; within what the database calls an integer.
LONGEST_WAIT_MS = 3_600_000


@dataclass(frozen=True)
class Receipt:
    """What the phone is told: the score on record, when it came, and the code to keep.

    ``is_current`` is False when a later tap had arrived before this one; then ``score`` is that
    later tap's, or none if it was received from the phone before, which this one must not read.
    """

    score: int | None
    received_at: datetime
    code: str
    seq: int
    is_current: bool = True


def cast_ballot(
    *, card: int, device: str, entry: int, score: int, nonce: UUID, seq: int, waited_ms: int = 0
) -> Receipt:
    """Take one tap of a juror's phone: ids of card and entry, the phone's secret, the score.

    ``waited_ms`` is how long ago it was made, for a phone that had no network: where the rulebook
    allows it, what was tapped before the close is taken for some seconds after it.

    The row in the trail is the record of it; there is no event besides. Trying again with the same
    nonce gives the same receipt, even after the close. Refuses a closed entry (``voting_closed``),
    a card that is void or another phone's, a score off the scale, and a known nonce with another
    body (``nonce_reused``).
    """
    latest = (clock.now() + SEQ_AHEAD).timestamp() * 1000
    refuse_unless(0 < seq <= latest, "ballot_malformed", _("This ballot cannot be read."))
    refuse_unless(abs(score) <= LARGEST_SCORE, "score_range", _("Please give a whole number from 0 to 100."))
    held_clock = clock.now() if clock.is_frozen() else None
    waited_ms = min(max(waited_ms, 0), LONGEST_WAIT_MS)
    received_at = _cast((held_clock, card, hash_device(device), entry, score, nonce.hex, seq, waited_ms))
    if received_at:
        return Receipt(score, received_at, receipt_code(nonce), seq)
    return _explain(card=card, device=device, entry=entry, score=score, nonce=nonce, seq=seq)


def _cast(sent: tuple[Any, ...]) -> datetime | None:
    """Run the statement. A connection the database has dropped is found out here, by using it,
    and the statement sent once more on a new one: the nonce makes that harmless."""
    if connection.in_atomic_block:
        return _execute(sent)
    # Spares every ballot the round trip that asks whether the connection still lives.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _execute(sent)
    except (OperationalError, InterfaceError):
        connection.close()
        return _execute(sent)


def _execute(sent: tuple[Any, ...]) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(CAST, sent)
        received_at: datetime | None = cursor.fetchone()[0]
    return received_at


def _explain(*, card: int, device: str, entry: int, score: int, nonce: UUID, seq: int) -> Receipt:
    """Why a tap changed nothing: it was known, came late, or was refused."""
    holder = JurorCard.objects.filter(pk=card, device_sha256=hash_device(device)).first()
    known = BallotEvent.objects.filter(nonce=nonce).first()
    if known and holder:
        refuse_unless(
            (known.card_id, known.entry_id, known.score, known.seq) == (card, entry, score, seq),
            "nonce_reused",
            _("This ballot was sent before with other content. Please send it again."),
        )
        standing = Ballot.objects.get(card=card, entry=entry)
        return Receipt(
            standing.score if may_read(holder, standing) else None,
            standing.received_at,
            standing.receipt,
            standing.seq,
            standing.nonce == known.nonce,
        )
    _refuse(holder, entry, score)
    raise RuleBroken("voting_closed", _("Voting on this project is closed."))


def _refuse(holder: JurorCard | None, entry: int, score: int) -> None:
    if holder is None:
        raise RuleBroken(
            "card_other_device", _("This phone holds no juror card. Please scan the card again.")
        )
    refuse_unless(
        holder.voided_at is None, "card_void", _("This card is void. Please ask for a new one at the desk.")
    )
    refuse_unless(
        0 <= score <= holder.scale_max,
        "score_range",
        _("Please give a whole number from 0 to %(top)s."),
        field="score",
        top=holder.scale_max,
    )
    refuse_unless(
        RoundEntry.objects.running().filter(pk=entry, round_id=holder.round_id).exists(),
        "entry_unknown",
        _("This project is not before this jury."),
    )
