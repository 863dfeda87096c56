"""Forms of the panel while a round is scored, and of what looked odd in its sheets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User
from judging.enums import FlagOutcome
from judging.forms.rounds import REASON
from judging.models import Round
from kit.forms import ActionForm


class AddSeatForm(ActionForm):
    """Who joins the panel, and why. Only experts who have not sat on it are offered."""

    expert = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Expert"),
        empty_label=_("Choose an expert"),
        error_messages={"required": _("Choose an expert."), "invalid_choice": _("Choose an expert.")},
    )
    is_chair = forms.BooleanField(label=_("Chairs the panel"), required=False)
    reason = forms.CharField(label=_("Reason"), **REASON)

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["expert"]
        seated = round.seats.values("expert")
        field.queryset = User.objects.holding(Role.EXPERT).exclude(pk__in=seated).order_by("name", "pk")
        if round.seats.sitting().filter(is_chair=True).exists():
            del self.fields["is_chair"]


class FlagForm(ActionForm):
    """What came of an oddity."""

    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=FlagOutcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("What was found"),
        help_text=_("Kept with the flag: whom you asked, what they said, why it stands or not."),
        **REASON,
    )
