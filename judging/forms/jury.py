"""What the console and the phones send."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.errors import RuleBroken
from kit.forms import ActionForm

#: Digits as phones send them: no sign, no fraction, no full-width forms, no leading zeros; few
#: enough for a bigint.
WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,17})", re.ASCII)


def whole_number(text: str, field: str | None = None) -> int:
    """A number from a form of a phone; anything but plain digits is refused."""
    if not WHOLE.fullmatch(text):
        raise RuleBroken("ballot_malformed", _("Please give a whole number."), field=field)
    return int(text)


class SeatForm(ActionForm):
    """What is printed on a card, typed in."""

    seat = forms.IntegerField(
        label=_("Seat number"),
        min_value=1,
        max_value=32767,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Code under the QR code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class DoorForm(ActionForm):
    """What somebody at the door shows: a hand-held reader types the address of the QR code here."""

    shown = forms.CharField(
        label=_("Seat number, or the code on the card"),
        max_length=300,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autofocus": True,
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class ReasonForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class IssueCardsForm(ActionForm):
    """Further seats of one trade, or all seats of the rulebook at once."""

    trade = forms.CharField(label=_("Trade"), max_length=40)
    count = forms.IntegerField(label=_("How many seats"), min_value=1, max_value=300)

    def action_arguments(self) -> dict[str, object]:
        return {"seats": [(self.cleaned_data["trade"], self.cleaned_data["count"])]}
