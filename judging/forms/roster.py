"""Forms of the roster of the public jury."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PERSON_NAME
from accounts.models import District
from contest.models import Edition
from judging.forms.rounds import REASON
from judging.models import Juror
from judging.queries.roster import trades_of
from kit.forms import ActionForm
from projects.models.organisations import phone_shape


class JurorForm(ActionForm):
    """What the roster says of somebody."""

    name = forms.CharField(label=PERSON_NAME, max_length=60)
    trade = forms.ChoiceField(label=_("Trade"))
    unit = forms.CharField(label=_("Unit or community"), max_length=120, required=False)
    district = forms.ModelChoiceField(
        District.objects.all(),
        label=_("District"),
        required=False,
        empty_label="—",
        help_text=_("The draw takes the districts as evenly as it can."),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=20,
        required=False,
        validators=[phone_shape],
        help_text=_("To reach the person; never public."),
    )

    def __init__(self, *args: Any, edition: Edition, juror: Juror | None = None, **kwargs: Any) -> None:
        if juror:
            kwargs["initial"] = {name: getattr(juror, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        trades = [*trades_of(edition)]
        # A trade that later rules dropped stays with whoever has it.
        if juror and juror.trade not in trades:
            trades.append(juror.trade)
        self.fields["trade"].choices = [(trade, trade) for trade in trades]  # type: ignore[attr-defined]


class StrikeForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), **REASON)
