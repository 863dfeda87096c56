"""Forms of the pool of experts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PERSON_NAME
from judging.enums import LinkKind
from judging.forms.rounds import REASON
from judging.models import Expert
from judging.queries.experts import topics
from kit import uscc
from kit.forms import ActionForm, ActionModelForm
from projects.models import Project
from projects.models.organisations import phone_shape


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "class": "field--short"}, format="%Y-%m-%d")


def checked_code(text: str) -> str:
    """A credit code as it is kept, or nothing; a wrong one is an error of its field."""
    if not text.strip():
        return ""
    found = uscc.check(text)
    if not found.ok:
        raise forms.ValidationError(found.message, code=f"code_{found.error}")
    return found.code


class ExpertForm(ActionModelForm):
    """What the pool says of an expert."""

    topics = forms.MultipleChoiceField(label=_("Fields"), required=False, widget=forms.CheckboxSelectMultiple)
    unit_code = forms.CharField(
        label=_("Unified credit code of the unit"),
        required=False,
        max_length=30,
        help_text=_("With it a conflict with an applicant is found whatever the name is written like."),
    )

    class Meta:
        model = Expert
        fields = (
            "is_theorist",
            "is_practitioner",
            "topics",
            "unit",
            "unit_code",
            "position",
            "district",
            "away_from",
            "away_until",
            "note",
        )
        widgets = {"away_from": _day(), "away_until": _day()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = topics()
        field: Any = self.fields["topics"]
        # A field that later rules dropped stays with whoever has it.
        kept = {key: key for key in self.instance.fields if key not in choices}
        field.choices = list((choices | kept).items())
        field.initial = self.instance.fields
        for name in ("away_from", "away_until", "district"):
            self.fields[name].required = False
        self.fields["district"].empty_label = "—"  # type: ignore[attr-defined]

    def clean_unit_code(self) -> str:
        return checked_code(self.cleaned_data["unit_code"])

    def action_arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["fields"] = sorted(given.pop("topics"))
        return given


class NewExpertForm(ExpertForm):
    """Besides, who it is and where the invitation goes."""

    name = forms.CharField(label=PERSON_NAME, max_length=60)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False, validators=[phone_shape])
    field_order = ["name", "email", "phone"]


class LinkForm(ActionForm):
    """A tie the machine could not find by itself."""

    kind = forms.ChoiceField(label=_("Tie"), choices=LinkKind.choices)
    body_name = forms.CharField(label=_("Organisation"), max_length=100)
    body_code = forms.CharField(label=_("Unified credit code"), required=False, max_length=30)
    project = forms.CharField(
        label=_("Acceptance number"),
        required=False,
        max_length=20,
        help_text=_("If the tie is to one entry only, such as 2026-0012."),
    )
    until = forms.DateField(
        label=_("Counts until"), required=False, widget=_day(), help_text=_("Empty: it lasts.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def clean_body_code(self) -> str:
        return checked_code(self.cleaned_data["body_code"])

    def clean_project(self) -> Project | None:
        code = self.cleaned_data["project"].strip()
        if not code:
            return None
        found = Project.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no entry with this number."), code="no_project")
        return found


class LeaveForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), **REASON)


class PoolTableForm(ActionForm):
    file = forms.FileField(
        label=_("Filled table"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=_("It is looked through first; nothing is imported before you say so."),
    )
