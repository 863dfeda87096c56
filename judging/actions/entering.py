"""Taking a seat with what is printed under the QR code, for a phone that cannot read it."""

from __future__ import annotations

import hmac
import unicodedata

from django.utils.translation import gettext_lazy as _

from judging.actions.jury import bind_card, card_codes, card_token
from judging.models import JurorCard
from judging.voting import LIVE_STATES
from kit.errors import RuleBroken, refuse_unless
from kit.limits import within_limit

TYPINGS_PER_MINUTE = 10
#: What people type for letters that no code has.
MISREAD = str.maketrans("1I", "LL")


def enter_card(*, seat: int, code: str, device: str) -> JurorCard:
    """Tie the card of a seat to the phone that types its code; then as ``bind_card``.

    Refuses a seat tried too often, whatever address that came from, and says of a wrong code and of
    an unknown seat the same.
    """
    refuse_unless(
        within_limit("juror-seat", seat, times=TYPINGS_PER_MINUTE, per_s=60),
        "too_often",
        _("This seat was tried too often. Please wait a minute, or scan the QR code."),
    )
    typed = plain_code(code)
    cards = JurorCard.objects.usable().filter(seat=seat, round__status__in=LIVE_STATES)
    for card in cards:
        if any(hmac.compare_digest(plain_code(known), typed) for known in card_codes(card)):
            return bind_card(token=card_token(card), device=device)
    raise RuleBroken(
        "code_wrong",
        _("Seat and code do not belong together. Please compare them with your card."),
        field="code",
    )


def plain_code(code: str) -> str:
    """The letters and digits alone, as a phone's keyboard may send them; never mind case and width."""
    text = unicodedata.normalize("NFKC", code).upper().translate(MISREAD)
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum())
