"""The rulebook's part on the rounds: how one is scored, what points mean, who has places for sure."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import District
from contest.wording import ADVANCE_BY, BELOW_DROP, LABELS, NORMALISATIONS, TIE_BREAKS

TIES = 3
#: ``21-25 Urgent and well shown``
LEVEL = re.compile(r"(\d{1,3})\s*[-–—~～至]\s*(\d{1,3})\s*分?\s*[:：]?\s*(\S.*)")


def integer(
    name: str, low: int, high: int, *, required: bool = True, help_text: Any = ""
) -> forms.IntegerField:
    """A whole number of the rulebook under its own name."""
    return forms.IntegerField(
        label=LABELS[name], min_value=low, max_value=high, required=required, help_text=help_text
    )


def yes_no(name: str, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=LABELS[name], required=False, help_text=help_text)


class RoundForm(forms.Form):
    sheets_per_entry = integer("sheets_per_entry", 1, 30)
    quorum_sheets = integer("quorum_sheets", 1, 30)
    drop_extremes_from = integer(
        "drop_extremes_from", 3, 30, required=False, help_text=_("Leave empty to drop none.")
    )
    below_drop = forms.ChoiceField(label=LABELS["below_drop"], choices=BELOW_DROP.items())
    normalisation = forms.ChoiceField(
        label=LABELS["normalisation"],
        choices=NORMALISATIONS.items(),
        required=False,
        help_text=_("Of use where experts read different entries."),
    )
    decimals = integer("decimals", 0, 4)
    advance_by = forms.ChoiceField(
        label=LABELS["advance_by"],
        choices=ADVANCE_BY.items(),
        required=False,
        help_text=_("The final goes by number: its places are those of the awards."),
    )
    advance = integer(
        "advance", 1, 1000, help_text=_("By field or district: all places together, quotas included.")
    )
    advance_percent = integer(
        "advance_percent", 1, 100, required=False, help_text=_("Counts only where a share goes on.")
    )
    notice_working_days = integer("notice_working_days", 1, 30)
    tie_criterion = forms.ChoiceField(label=LABELS["tie_criterion"])
    blind = yes_no("blind", _("Experts do not see who applies."))
    calibration = yes_no("calibration", _("Everybody on the panel scores the same entry first."))
    chair_sees_scores = yes_no("chair_sees_scores", _("Only after signing the own sheets."))
    comments_to_applicants = yes_no("comments_to_applicants", _("Without the experts' names."))
    experts_named = yes_no("experts_named")

    def __init__(self, *args: Any, criteria: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tie_criterion"].choices = criteria
        for number in range(1, TIES + 1):
            self.fields[f"tie_{number}"] = forms.ChoiceField(
                label=_("Ties: rule %(number)s") % {"number": number},
                choices=[("", "—"), *TIE_BREAKS.items()],
                required=number == 1,
            )

    @classmethod
    def values(cls, part: dict[str, Any]) -> dict[str, Any]:
        """A round of the document as the fields take it."""
        ties = {f"tie_{number}": key for number, key in enumerate(part["tie_break"], 1)}
        return {**part, **ties}

    def part(self) -> dict[str, Any]:
        """The round as typed; a choice that was not sent keeps its default."""
        data = dict(self.cleaned_data)
        ties = [data.pop(f"tie_{number}") for number in range(1, TIES + 1)]
        data["normalisation"] = data["normalisation"] or "none"
        data["advance_by"] = data["advance_by"] or "number"
        data["advance_percent"] = data["advance_percent"] or 50
        return {**data, "tie_break": list(dict.fromkeys(tie for tie in ties if tie))}


class LevelsField(forms.CharField):
    """Bands of points, one on each line with what earns them: ``21-25 Urgent and well shown``."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "placeholder": "21-25 需求真实迫切，论证充分"})
        super().__init__(
            required=False,
            widget=widget,
            help_text=_("One level on each line: from-to, then what earns it."),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return "\n".join(f"{level['low']}-{level['high']} {level['text']}" for level in value)

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return [self._level(line) for line in lines if line]

    @staticmethod
    def _level(line: str) -> dict[str, Any]:
        found = LEVEL.fullmatch(line)
        if found is None:
            raise forms.ValidationError(
                _("Write a level as “21-25 what earns these points”, not “%(line)s”."),
                code="level_unreadable",
                params={"line": line[:40]},
            )
        low, high, text = found.groups()
        return {"low": int(low), "high": int(high), "text": text}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def run_validators(self, value: Any) -> None:
        """A list has none of a text's."""


class QuotaRow(forms.Form):
    """Places of one field or district."""

    key = forms.ChoiceField(label=_("Field or district"))
    places = forms.IntegerField(label=LABELS["places"], min_value=1, max_value=100)

    def __init__(self, *args: Any, fields: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        districts = [(district.code, district.name) for district in District.objects.all()]
        self.fields["key"].choices = [(LABELS["fields"], fields), (_("Districts"), districts)]

    def values(self) -> dict[str, Any]:
        return {"key": self.cleaned_data["key"], "places": self.cleaned_data["places"]}
