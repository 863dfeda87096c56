from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import District, User
from contest.models import Edition
from contest.rulebook import RulebookDoc, default_rulebook
from kit.forms import ActionForm
from kit.text import clean_text
from projects import corrections, queue
from projects.enums import OrganisationKind, OrganisationStatus, Outcome, ProjectStatus, Stance
from projects.forms.fields import PlainTextField
from projects.models import Organisation, Project
from projects.models.intake import REASON_LIMIT

#: What staff can filter by: a draft is not theirs to see.
STATUSES = [choice for choice in ProjectStatus.choices if choice[0] != ProjectStatus.DRAFT]
#: What the formal check's own form can end in; merging has a page of its own.
OUTCOMES = [choice for choice in Outcome.choices if choice[0] != Outcome.MERGE]
#: "Longer than so many working days", to choose from.
WAITS = (3, 5, 10, 20)
#: Rows of places that are offered empty, and how many are read at most.
BLANK_PLACES = 3
PLACES_READ = 100


def editions(request: Any) -> Any:
    return Edition.objects.filter(is_rehearsal=False).order_by("-year")


class IntakeFilter(django_filters.FilterSet):
    """What the queue and its exports can be narrowed to; all of it can stand in an address.

    ``person`` only names the own entry among the clerks: an export asks without it.
    """

    tucked_away = ("field", "kind", "stance", "similar", "waits", "returned")

    edition = django_filters.ModelChoiceFilter(
        label=_("Edition"), queryset=editions, to_field_name="year", empty_label=_("All editions")
    )
    district = django_filters.ModelChoiceFilter(
        label=_("District"),
        queryset=lambda request: District.objects.all(),
        to_field_name="code",
        empty_label=_("All districts"),
        method="of_district",
    )
    clerk = django_filters.ChoiceFilter(
        label=_("Clerk on the case"), method="of_clerk", choices=[], empty_label=_("Everybody's")
    )
    field = django_filters.ChoiceFilter(
        label=_("Main field"), field_name="shown_field", choices=[], empty_label=_("All fields")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind of organisation"),
        field_name="organisation__kind",
        choices=OrganisationKind.choices,
        empty_label=_("All kinds"),
    )
    stance = django_filters.ChoiceFilter(
        label=_("Word of the district"),
        method="of_stance",
        choices=[*Stance.choices, ("open", _("Not said yet"))],
        empty_label=_("All"),
    )
    similar = django_filters.ChoiceFilter(
        label=_("Reads like another"), method="alike", choices=[("1", _("Yes"))], empty_label=_("All")
    )
    waits = django_filters.ChoiceFilter(
        label=_("Waits longer than"), method="longer", choices=[], empty_label=_("All")
    )
    returned = django_filters.ChoiceFilter(
        label=_("Correction"),
        method="of_correction",
        choices=[("again", _("Corrected and handed in again")), ("overdue", _("Correction overdue"))],
        empty_label=_("All"),
    )

    class Meta:
        model = Project
        fields = ("edition", "district", "clerk", "field", "kind", "stance", "similar", "waits", "returned")

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clerks = [(str(clerk.pk), _("Mine") if clerk == person else clerk.name) for clerk in queue.clerks()]
        clerks.sort(key=lambda choice: choice[0] != str(getattr(person, "pk", "")))
        self.filters["clerk"].extra["choices"] = [*clerks, ("nobody", _("Nobody's"))]
        self.filters["field"].extra["choices"] = [(item.key, item.name) for item in _rules(self.data).fields]
        self.filters["waits"].extra["choices"] = [
            (str(days), _("%(days)s working days") % {"days": days}) for days in WAITS
        ]

    def of_district(self, projects: Any, name: str, value: District) -> Any:
        return projects.filter(shown_district=value.code)

    def of_clerk(self, projects: Any, name: str, value: str) -> Any:
        return projects.filter(checker__isnull=True) if value == "nobody" else projects.filter(checker=value)

    def of_stance(self, projects: Any, name: str, value: str) -> Any:
        if value == "open":
            return projects.filter(recommendation__isnull=True)
        return projects.filter(recommendation__stance=value)

    def alike(self, projects: Any, name: str, value: str) -> Any:
        return queue.similar(projects)

    def longer(self, projects: Any, name: str, value: str) -> Any:
        return queue.waiting_longer(projects, int(value))

    def of_correction(self, projects: Any, name: str, value: str) -> Any:
        narrow = {"again": queue.handed_in_again, "overdue": queue.correction_overdue}
        return narrow[value](projects)


def _rules(data: Any) -> RulebookDoc:
    """The rulebook whose fields can be chosen: of the edition asked for, else of the newest."""
    asked = str((data or {}).get("edition", ""))
    found = Edition.objects.filter(is_rehearsal=False, current_rulebook__isnull=False).for_list()
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0
    edition = (found.filter(year=year).first() if year else None) or found.first()
    return edition.rules if edition else default_rulebook()


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


class PlacesWidget(forms.Widget):
    """Rows of a place and a note, sent as two lists of equal length."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        if not hasattr(data, "getlist"):
            return []
        notes = data.getlist("note")
        return [
            (place, notes[number] if number < len(notes) else "")
            for number, place in enumerate(data.getlist("place")[:PLACES_READ])
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return "place" not in data


class PlacesField(forms.Field):
    """What has to be corrected: ``[(place, note)]``; rows left empty do not count."""

    widget = PlacesWidget

    def clean(self, value: Any) -> list[tuple[str, str]]:
        rows = [
            (place.strip(), clean_text(note)) for place, note in value or () if place.strip() or note.strip()
        ]
        for place, note in rows:
            if not place:
                raise forms.ValidationError(
                    _("Choose the place to which this belongs: “%(note)s”"),
                    code="place_missing",
                    params={"note": note[:40]},
                )
        return rows


class IntakeForm(ActionForm):
    """The formal check: what is in order, what follows, and why.

    ``machine`` gives what the machine found for a formal check, by its key.
    """

    ticks = forms.MultipleChoiceField(
        label=_("In order"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reasons = forms.MultipleChoiceField(
        label=_("Reasons"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = PlainTextField(
        label=_("In your own words"),
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "To return or refuse, choose a reason or write one. The applicant reads it in the letter."
        ),
    )
    items = PlacesField(label=_("What has to be corrected"), required=False)
    outcome = forms.ChoiceField(choices=OUTCOMES, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: RulebookDoc, machine: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checks = rules.formal_checks
        self.machine = machine or {}
        self.fields["ticks"].choices = [(check.key, check.name) for check in self.checks]  # type: ignore[attr-defined]
        self.fields["reasons"].choices = [  # type: ignore[attr-defined]
            (reason.key, reason.name) for reason in rules.intake_reasons
        ]

    def tick_rows(self) -> list[dict[str, Any]]:
        """Each formal check with its tick and what the machine found."""
        ticked = set(self["ticks"].value() or ())
        return [
            {
                "key": check.key,
                "name": check.name,
                "ticked": check.key in ticked,
                "found": self.machine.get(check.key),
            }
            for check in self.checks
        ]

    def place_rows(self) -> list[tuple[str, str]]:
        """The rows typed so far, and three empty ones to go on."""
        typed = [row for row in self["items"].value() or () if any(row)]
        return [*typed, *[("", "")] * BLANK_PLACES]

    def place_choices(self) -> list[tuple[Any, list[tuple[str, Any]]]]:
        return corrections.place_choices()

    def action_arguments(self) -> dict[str, Any]:
        in_order = set(self.cleaned_data["ticks"])
        return {
            "outcome": self.cleaned_data["outcome"],
            "reasons": self.cleaned_data["reasons"],
            "reason": self.cleaned_data["reason"],
            "items": self.cleaned_data["items"],
            "ticks": {check.key: check.key in in_order for check in self.checks},
        }


class AssignForm(ActionForm):
    """Whose case it is."""

    checker = forms.ModelChoiceField(User.objects.none(), label=_("Clerk"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checker"].queryset = queue.clerks()  # type: ignore[attr-defined]


class RecommendForm(ActionForm):
    """The district's word about an application."""

    stance = forms.ChoiceField(
        label=_("Word of the district"), choices=Stance.choices, widget=forms.RadioSelect
    )
    comment = PlainTextField(
        label=_("comment"),
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Needed when the district does not recommend it. The clerk reads it; the applicant does not."
        ),
    )


class MergeForm(ActionForm):
    """Which application this one goes into, and why."""

    into = forms.CharField(
        label=_("Number of the application that stays"),
        max_length=9,
        help_text=_("Of the same edition, such as 2026-0012."),
    )
    reason = PlainTextField(
        label=_("Reason"),
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads it in the letter."),
    )

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.projects = projects

    def clean_into(self) -> Project:
        found = self.projects.filter(code=self.cleaned_data["into"]).first()
        if found is None:
            raise forms.ValidationError(_("There is no application of that number."), code="unknown")
        return found


class ClearForm(ActionForm):
    """Why two applications that read alike are different works."""

    note = PlainTextField(
        label=_("How they differ"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class BarForm(ActionForm):
    """Keeping an organisation from applying."""

    cause = PlainTextField(label=_("cause"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    starts_on = forms.DateField(
        label=_("from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    months = forms.IntegerField(label=_("months"), min_value=1, max_value=120)
