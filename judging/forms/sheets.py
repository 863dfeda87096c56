"""Forms of the expert."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.models import Assignment
from kit.errors import RuleBroken
from kit.forms import ActionForm

#: What the column of a version holds at most.
LAST_VERSION = 2**31 - 1
#: Plain digits with an optional half; no sign, no exponent, no full-width digits.
POINTS = re.compile(r"[0-9]{1,3}(\.[05])?", re.ASCII)


class PointsField(forms.CharField):
    """Points as typed; nothing typed is "not scored"."""

    default_error_messages = {"points": _("Enter points in steps of 0.5, such as 12 or 12.5.")}

    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return None
        if not POINTS.fullmatch(text):
            raise forms.ValidationError(self.error_messages["points"], code="points")
        return Decimal(text)


class DeclaringForm(ActionForm):
    """Free of conflicts, or not."""

    has_conflict = forms.TypedChoiceField(
        label=_("Your declaration"),
        choices=[
            ("no", _("I have no conflict of interest with this applicant and this project.")),
            ("yes", _("I have a conflict of interest and recuse myself.")),
        ],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )


class DeclareForm(DeclaringForm):
    """Free of conflicts, or not and why."""

    reason = forms.CharField(
        label=_("What the conflict is"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        help_text=_("Only when you recuse yourself. Seen by the staff of the round alone."),
    )


class RecuseForm(ActionForm):
    reason = forms.CharField(
        label=_("What the conflict is"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )


class SignForm(ActionForm):
    """The own sheets as they stood before the eyes, and that they are meant."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        label=_("I have compared my scores and sign all my sheets. They are locked then."),
        error_messages={"required": _("Tick the box to sign.")},
    )

    def action_arguments(self) -> dict[str, Any]:
        return {"seen": self.cleaned_data["seen"]}


class UnlockForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        help_text=_("The expert reads it, and it stays on record beside the version that was locked."),
    )


#: What a highlight may hold: a paragraph's key and two places in its text.
PART = re.compile(r"[a-z_-]{1,60}[0-9]{1,3}", re.ASCII)
LONGEST_TEXT = 100_000
MOST_SENT = 1000


class HighlightsField(forms.CharField):
    """Places in the text as the page sends them: JSON, every one of them checked."""

    default_error_messages = {"highlights": _("The highlights could not be read. Open the page again.")}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or "[]"
        try:
            marks = json.loads(text)
        except (ValueError, RecursionError):
            marks = None
        if not isinstance(marks, list) or len(marks) > MOST_SENT or not all(map(_is_mark, marks)):
            raise forms.ValidationError(self.error_messages["highlights"], code="highlights")
        return marks

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value)


def _is_mark(mark: Any) -> bool:
    if not isinstance(mark, dict) or set(mark) != {"part", "start", "end"}:
        return False
    part, start, end = mark["part"], mark["start"], mark["end"]
    if not isinstance(part, str) or type(start) is not int or type(end) is not int:
        return False
    return PART.fullmatch(part) is not None and 0 <= start < end <= LONGEST_TEXT


class NoteForm(ActionForm):
    """Private notes, and what was highlighted in the text."""

    version = forms.IntegerField(min_value=0, max_value=LAST_VERSION, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Private notes"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": 4000}),
    )
    highlights = HighlightsField(required=False, max_length=60_000, widget=forms.HiddenInput)


class SheetForm(ActionForm):
    """Points per criterion and a comment. Fields come from the round's rules, nothing else is read."""

    version = forms.IntegerField(min_value=1, max_value=LAST_VERSION, widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 4000}),
    )

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stale: RuleBroken | None = None
        self.criteria = assignment.entry.round.rules.criteria
        for criterion in self.criteria:
            self.fields[self.field_of(criterion.key)] = PointsField(
                label=criterion.name,
                required=False,
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "max": criterion.points, "autocomplete": "off"}
                ),
            )

    @staticmethod
    def field_of(criterion: str) -> str:
        return f"points_{criterion}"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in self.fields:
            if len(self.data.getlist(name)) > 1:  # type: ignore[attr-defined]
                self.add_error(name, forms.ValidationError(_("This was sent twice."), code="sent_twice"))
        return given

    def action_arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "version": given["version"],
            "comment": given["comment"],
            "scores": {c.key: given[self.field_of(c.key)] for c in self.criteria},
        }

    def _keep(self, broken: RuleBroken) -> None:
        if broken.code == "stale_sheet":
            self.stale = broken
        if broken.field and self.field_of(broken.field) in self.fields:
            broken.field = self.field_of(broken.field)
        super()._keep(broken)
