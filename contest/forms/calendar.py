from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from contest.models import Holiday
from kit.forms import ActionForm, ActionModelForm


class HolidayForm(ActionModelForm):
    """A day off, or a weekend day that is worked."""

    is_workday = forms.TypedChoiceField(
        label=_("Kind of day"),
        choices=[("0", _("Day off")), ("1", _("Worked weekend day"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="0",
    )

    class Meta:
        model = Holiday
        fields = ("day", "is_workday", "name")
        widgets = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def validate_unique(self) -> None:
        """A day that is entered again replaces the earlier entry."""


class CalendarYearForm(ActionForm):
    year = forms.IntegerField(label=_("Year"), min_value=2020, max_value=2100)
