from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.actions.editions import TEXTS
from contest.enums import Period
from contest.models import Edition, Office
from kit.errors import RuleBroken
from kit.forms import ActionForm, ActionModelForm

MOMENT = "%Y-%m-%dT%H:%M"


class EditionTextsForm(ActionModelForm):
    """The texts of an edition that is being drafted."""

    class Meta:
        model = Edition
        fields = TEXTS
        widgets = {"purpose": forms.Textarea(attrs={"rows": 8})}
        help_texts = {
            "number": _("Leave empty if the editions are not numbered."),
            "short_name": _("Shown where space is short, such as in menus."),
            "purpose": _("Why the contest is held and on what basis; opens the call."),
            "organisers": _("Several names are separated by 、"),
        }


class EditionForm(EditionTextsForm):
    """A new edition."""

    office = forms.ModelChoiceField(
        Office.objects.order_by("pk"), label=_("Issuing office"), empty_label=None
    )

    class Meta(EditionTextsForm.Meta):
        fields = ("year", "office", *TEXTS)

    def validate_unique(self) -> None:
        """The action refuses a year that is taken, under a lock."""


class PastEditionForm(EditionForm):
    """An edition held before the portal; why it was held need not be known."""

    class Meta(EditionForm.Meta):
        fields = (
            "year",
            "office",
            "number",
            "name",
            "short_name",
            "organisers",
            "hosts",
            "co_organisers",
            "purpose",
        )
        widgets = {"purpose": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            **EditionForm.Meta.help_texts,
            "purpose": _(
                "A few sentences for the public page of this edition, if there is something to say."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].required = False


class MomentInput(forms.DateTimeInput):
    """A date and a time of day, to the minute."""

    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format=MOMENT, **kwargs)


class TimetableForm(ActionForm):
    """Beginning and end of every period; a moment that was not touched keeps its seconds."""

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        self.planned = {period: edition.periods.get(period) for period in Period}
        super().__init__(*args, **kwargs)
        for period in Period:
            self._add(period, "starts_at", pgettext_lazy("period", "Starts at"))
            self._add(period, "ends_at", pgettext_lazy("period", "Ends at"))

    def _add(self, period: Period, end: str, label: Any) -> None:
        planned = self.planned[period]
        self.fields[f"{period}_{end}"] = forms.DateTimeField(
            label=f"{period.label} · {label}",
            widget=MomentInput(),
            input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            initial=getattr(planned, end) if planned else None,
        )

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Per period: its name and its two fields, for a table."""
        return [(period.label, self[f"{period}_starts_at"], self[f"{period}_ends_at"]) for period in Period]

    def action_arguments(self) -> dict[str, Any]:
        return {
            "periods": {
                period: (self._moment(period, "starts_at"), self._moment(period, "ends_at"))
                for period in Period
            }
        }

    def _moment(self, period: Period, end: str) -> datetime:
        typed: datetime = self.cleaned_data[f"{period}_{end}"]
        planned = getattr(self.planned[period], end, None)
        if planned and typed == planned.replace(second=0, microsecond=0):
            return planned
        return typed


class ReasonForm(ActionForm):
    """Why something is refused, returned, revoked."""

    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000})
    )


class SignatureForm(ActionForm):
    """Carries the fingerprint of what the page showed, so that nothing else can be signed with it."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def _keep(self, broken: RuleBroken) -> None:
        """The page shown with the refusal is the present one: its fingerprint replaces the stale one."""
        super()._keep(broken)
        self.data = {**self.data.dict(), "seen": self.initial["seen"]}


class AdvanceForm(ActionForm):
    """Names the stage the page showed, so that a stale page or a double click moves nothing twice."""

    target = forms.CharField(widget=forms.HiddenInput)
