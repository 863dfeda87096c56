"""Taking a seat with what is printed under the QR code, for a phone that cannot read it."""

from __future__ import annotations

import hmac
import unicodedata

from django.utils.translation import gettext_lazy as _

from judging.actions.jury import bind_card, card_codes, card_token
from judging.models import JurorCard
from judging.voting import LIVE_STATES
from kit import request as current_request
from kit.errors import RuleBroken, refuse_unless
from kit.limits import is_used_up, within_limit

#: Wrong codes a minute for one seat. Few from one address, so that nobody guesses; many in all, so that
#: nobody shuts a seat to its juror from somewhere else.
WRONG_BY_ADDRESS = 10
WRONG_BY_SEAT = 300
#: What people type for letters that no code has.
MISREAD = str.maketrans("1I", "LL")


def enter_card(*, seat: int, code: str, device: str) -> JurorCard:
    """Tie the card of a seat to the phone that types its code; then as ``bind_card``.

    Refuses a seat tried with too many wrong codes, and says of a wrong code and of an unknown seat the
    same.
    """
    limits = [
        ("juror-seat", seat, WRONG_BY_SEAT),
        ("juror-seat-from", (seat, current_request.current().ip), WRONG_BY_ADDRESS),
    ]
    refuse_unless(
        not any(is_used_up(name, key, times=times, per_s=60) for name, key, times in limits),
        "too_often",
        _("This seat was tried too often. Please wait a minute, or scan the QR code."),
    )
    typed = plain_code(code)
    cards = JurorCard.objects.usable().filter(seat=seat, round__status__in=LIVE_STATES)
    for card in cards:
        if any(hmac.compare_digest(plain_code(known), typed) for known in card_codes(card)):
            return bind_card(token=card_token(card), device=device)
    for name, key, times in limits:
        within_limit(name, key, times=times, per_s=60)
    raise RuleBroken(
        "code_wrong",
        _("Seat and code do not belong together. Please compare them with your card."),
        field="code",
    )


def plain_code(code: str) -> str:
    """The letters and digits alone, as a phone's keyboard may send them; never mind case and width."""
    text = unicodedata.normalize("NFKC", code).upper().translate(MISREAD)
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum())
