"""Forms of the list: its order among equals, its departures from the ranking, its signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.departures import Departure
from judging.enums import DepartureKind
from judging.forms.rounds import REASON
from judging.models import Result, Round, RoundEntry
from judging.queries.results import equals_to_order
from kit.forms import ActionForm

#: Lines offered for departures. A list that departs in more places is a matter for the rulebook.
DEPARTURE_ROWS = 6


class DepartureForm(forms.Form):
    """One line of departures; left empty it says nothing."""

    entry = forms.TypedChoiceField(label=_("Project"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label=_("What becomes of it"), choices=DepartureKind.choices, required=False)
    place = forms.IntegerField(
        label=_("New place"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"class": "field--short"}),
    )
    reason = forms.CharField(
        label=_("Reason (published)"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )

    def __init__(self, *args: Any, results: Sequence[Result], is_final: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entry"].choices = [  # type: ignore[attr-defined]
            ("", _("None")),
            *(
                (row.entry_id, f"{row.rank} · {row.entry.project.code} {row.entry.project.title}")
                for row in results
                if row.rank is not None and row.entry.withdrawn_at is None
            ),
        ]
        if is_final:
            kinds = [choice for choice in DepartureKind.choices if choice[0] != DepartureKind.ADDED]
            self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("entry"):
            if given.get("place") or given.get("reason"):
                self.add_error("entry", forms.ValidationError(_("Choose the project."), code="missing"))
            return given
        if not given.get("reason"):
            self.add_error("reason", forms.ValidationError(_("Say why; it is published."), code="missing"))
        if given.get("kind") == DepartureKind.MOVED and not given.get("place"):
            self.add_error("place", forms.ValidationError(_("Give the new place."), code="missing"))
        return given

    @property
    def departure(self) -> Departure | None:
        if not self.is_valid() or not self.cleaned_data.get("entry"):
            return None
        given = self.cleaned_data
        return Departure(given["entry"], DepartureKind(given["kind"]), given["reason"], given["place"])


class ProposeForm(ActionForm):
    """The reason, a place for each entry whose equals stand across a boundary, and the departures.

    Which equals have to be ordered follows from the departures: the page comes back once more where
    one of them makes equals stand across a boundary.
    """

    reason = forms.CharField(
        label=_("Reason for choosing among equals"),
        required=False,
        help_text=_("Needed only where the rules leave entries equal across a boundary; it is published."),
        **REASON,
    )

    def __init__(self, data: Any = None, *, round: Round, results: Sequence[Result], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.departures = [
            DepartureForm(data, prefix=f"departure{number}", results=results, is_final=round.is_final)
            for number in range(1, DEPARTURE_ROWS + 1)
        ]
        self.equals = equals_to_order(round, results, self.departed)
        for entry in self.equals:
            self.fields[self.field_of(entry)] = forms.IntegerField(
                label=_("Order of %(code)s %(title)s")
                % {"code": entry.project.code, "title": entry.project.title},
                min_value=1,
                max_value=len(self.equals),
                widget=forms.NumberInput(attrs={"class": "field--short"}),
            )

    @property
    def departed(self) -> list[Departure]:
        if not self.is_bound:
            return []
        return [row.departure for row in self.departures if row.departure]

    @staticmethod
    def field_of(entry: RoundEntry) -> str:
        return f"order_{entry.pk}"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        order = [given[self.field_of(entry)] for entry in self.equals if self.field_of(entry) in given]
        if len(set(order)) != len(order):
            raise forms.ValidationError(_("Give each entry a place of its own."), code="order_twice")
        if not all(row.is_valid() for row in self.departures):
            raise forms.ValidationError(_("Look at the departures from the ranking."), code="departures")
        return given

    def action_arguments(self) -> dict[str, Any]:
        ordered = sorted(self.equals, key=lambda entry: self.cleaned_data[self.field_of(entry)])
        return {
            "reason": self.cleaned_data["reason"],
            "preferred": ordered,
            "departures": self.departed,
        }


class ApproveForm(ActionForm):
    """The signature; departures from the ranking are signed by name."""

    accept_departures = forms.BooleanField(
        label=_("I have read the reasons for which this list departs from the ranking and sign them")
    )

    def __init__(self, *args: Any, departs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not departs:
            del self.fields["accept_departures"]


class LettersForm(ActionForm):
    """What the office adds to every letter of a round."""

    remark = forms.CharField(
        label=_("Added to every letter"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
        help_text=_("Such as what comes next, or whom to ask. May stay empty."),
    )
