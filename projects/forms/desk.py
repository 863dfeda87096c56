from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import District
from contest.models import Edition
from contest.rulebook import RulebookDoc
from kit.forms import ActionForm
from projects.enums import OrganisationStatus, Outcome, ProjectStatus
from projects.forms.fields import PlainTextField
from projects.models import Organisation, Project
from projects.models.intake import REASON_LIMIT

#: What staff can filter by: a draft is not theirs to see.
STATUSES = [choice for choice in ProjectStatus.choices if choice[0] != ProjectStatus.DRAFT]


def editions(request: Any) -> Any:
    return Edition.objects.filter(is_rehearsal=False).order_by("-year")


class IntakeFilter(django_filters.FilterSet):
    edition = django_filters.ModelChoiceFilter(
        label=_("Edition"), queryset=editions, to_field_name="year", empty_label=_("All editions")
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=STATUSES, empty_label=_("All"))
    district = django_filters.ModelChoiceFilter(
        label=_("District"),
        queryset=lambda request: District.objects.all(),
        to_field_name="code",
        empty_label=_("All districts"),
    )

    class Meta:
        model = Project
        fields = ("edition", "status", "district")


class OrganisationFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=OrganisationStatus.choices, empty_label=_("All")
    )
    district = django_filters.ModelChoiceFilter(
        label=_("District"),
        queryset=lambda request: District.objects.all(),
        to_field_name="code",
        empty_label=_("All districts"),
    )

    class Meta:
        model = Organisation
        fields = ("status", "district")


class IntakeForm(ActionForm):
    """The formal check: what is in order, what follows, and why."""

    ticks = forms.MultipleChoiceField(
        label=_("In order"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick what is in order. What is not ticked is named in the letter."),
    )
    reason = PlainTextField(
        label=_("Reason"),
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed to return or refuse. The applicant reads it in the letter."),
    )
    outcome = forms.ChoiceField(choices=Outcome.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: RulebookDoc, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checks = rules.formal_checks
        self.fields["ticks"].choices = [  # type: ignore[attr-defined]
            (check.key, check.name) for check in self.checks
        ]

    def action_arguments(self) -> dict[str, Any]:
        in_order = set(self.cleaned_data["ticks"])
        return {
            "outcome": self.cleaned_data["outcome"],
            "reason": self.cleaned_data["reason"],
            "ticks": {check.key: check.key in in_order for check in self.checks},
        }


class BarForm(ActionForm):
    """Keeping an organisation from applying."""

    cause = PlainTextField(label=_("cause"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    starts_on = forms.DateField(
        label=_("from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    months = forms.IntegerField(label=_("months"), min_value=1, max_value=120)
