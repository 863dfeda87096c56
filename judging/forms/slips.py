"""Keying slips, and ruling on them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.forms import ActionForm


class KeySlipForm(ActionForm):
    seat = forms.IntegerField(label=pgettext_lazy("juror", "Seat"), min_value=1, max_value=9999)
    score = forms.IntegerField(label=_("Score on the slip"), min_value=0, max_value=100)


class SlipRulingForm(ActionForm):
    seat = forms.IntegerField(min_value=1, max_value=9999, widget=forms.HiddenInput)
    score = forms.IntegerField(
        label=_("Score that counts"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_("Leave it empty when the slip does not count."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
