"""What people add to the minutes of the final."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.forms import ActionForm


class MinutesForm(ActionForm):
    place = forms.CharField(
        label=pgettext_lazy("meeting", "Place"), max_length=120, help_text=_("Hall and address.")
    )
    host = forms.CharField(label=_("Chaired by"), max_length=120)
    present = forms.CharField(
        label=_("Others who were there"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Leaders, supervisors, notaries, media. Experts and jurors are counted, not named."),
    )
    remarks = forms.CharField(
        label=_("Anything else that belongs in the minutes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Such as a power cut, or an entry that came late."),
    )
