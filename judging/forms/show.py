"""What the director's console sends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.enums import ShowRequest
from kit.errors import RuleBroken
from kit.forms import ActionForm

#: The acts a button of the console stands for, with what follows the colon: an entry's id, a number of
#: seconds or minutes, or what a second person is asked for.
ENTRY_ACTS = ("present", "show_score")
NUMBER_ACTS = {"extend_scoring": "seconds", "pause": "minutes"}
PLAIN_ACTS = (
    "take_questions",
    "start_scoring",
    "stop_scoring",
    "show_standings",
    "resume",
    "close_stage",
    "freeze",
    "take_back",
    "reveal_next",
    "reveal_back",
    "show_winners",
)


class StageForm(forms.Form):
    """One press of a button: the act, and the version of the stage its director saw."""

    act = forms.RegexField(r"^[a-z_]{1,20}(:[a-z0-9]{1,12})?$")
    seen = forms.IntegerField(min_value=1, max_value=2**31 - 1)

    def pressed(self) -> tuple[str, dict[str, Any]]:
        """The name of the act and its arguments; refuses what no button says."""
        if not self.is_valid():
            raise _malformed()
        name, _colon, argument = self.cleaned_data["act"].partition(":")
        seen = {"seen": self.cleaned_data["seen"]}
        if name in PLAIN_ACTS and not argument:
            return name, seen
        if name == "ask" and argument in ShowRequest:
            return name, {**seen, "request": ShowRequest(argument)}
        if name in NUMBER_ACTS and argument.isdecimal():
            return name, {**seen, NUMBER_ACTS[name]: int(argument)}
        if name in ENTRY_ACTS and argument.isdecimal():
            return name, {**seen, "entry": int(argument)}
        raise _malformed()


def _malformed() -> RuleBroken:
    return RuleBroken("act_unknown", _("The console sent something no button says. Please reload it."))


class ReopenForm(ActionForm):
    """Score a project again; the version travels along, so that a slow page does nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason for opening again"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the record and printed in the minutes."),
    )
    seconds = forms.IntegerField(
        label=_("For how many seconds"),
        min_value=10,
        max_value=3600,
        help_text=_("Usually as long as before."),
    )


class ConfirmShowForm(ActionForm):
    """The second person's yes."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    accept_held = forms.BooleanField(
        label=_("Leave projects below the quorum without a rank"), required=False
    )
