"""The door of the hall: whoever comes is found by seat, by the card's code or by what its QR code says."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.entering import plain_code
from judging.actions.jury import card_codes, card_of_token, check_in_card, lock_card
from judging.models import JurorCard, Round
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User

#: No seat has a longer number; a code is longer.
LONGEST_SEAT = 5


def admit(*, actor: User, round: Round, shown: str) -> tuple[JurorCard, bool]:
    """Check in whoever shows a seat number, the code under the QR code, or the address in it.

    The card, and whether it was checked in before; that changes nothing then. Refuses what belongs to no
    card of this final in force, and what ``card_of_token`` refuses.
    """
    require(actor, "judging.issue_cards", round)
    card = _card_of(round, shown.strip())
    if card is None:
        raise RuleBroken("card_not_found", _("No card of this final has this seat or code."), field="shown")
    was_here = card.checked_in_at is not None
    return check_in_card(actor=actor, card=card), was_here


@transaction.atomic
def take_back_arrival(*, actor: User, card: JurorCard) -> JurorCard:
    """Undo a check-in that was a slip of the finger: the quorum counts who is here.

    Refuses a card that is not checked in, one that was opened on a phone and one with ballots.
    """
    require(actor, "judging.issue_cards", card)
    card = lock_card(card)
    refuse_unless(card.checked_in_at, "not_here", _("This juror is not checked in."))
    refuse_unless(
        card.bound_at is None and not card.ballots.exists(),
        "card_in_use",
        _("This card is in use: its juror is here."),
    )
    card.checked_in_at = None
    card.save(update_fields=["checked_in_at"])
    record(
        "card.check_in_undone", actor=actor, obj=card, edition=card.round.edition, after={"seat": card.seat}
    )
    return card


def _card_of(round: Round, shown: str) -> JurorCard | None:
    cards = JurorCard.objects.usable().filter(round=round).select_related("round__edition", "juror")
    if shown.isascii() and shown.isdigit() and len(shown) <= LONGEST_SEAT:
        return cards.filter(seat=int(shown)).first()
    if "/" in shown:
        token = shown.rstrip("/").rpartition("/")[2]
        return cards.filter(pk=card_of_token(token).pk).first()
    typed = plain_code(shown)
    return next((card for card in cards if _is_of(card, typed)), None)


def _is_of(card: JurorCard, typed: str) -> bool:
    return any(hmac.compare_digest(plain_code(code), typed) for code in card_codes(card))
