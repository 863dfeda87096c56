"""Forms of notices."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.forms import ActionForm


class DateInput(forms.DateInput):
    input_type = "date"


class PublishNoticeForm(ActionForm):
    ends_on = forms.DateField(
        label=_("Last day of the notice"),
        required=False,
        widget=DateInput(),
        help_text=_("Empty: computed from the rules and the official calendar."),
    )
