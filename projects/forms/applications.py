from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import TextChoices
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.models import Edition
from contest.rulebook import CodedName, Group
from kit.errors import RuleBroken
from kit.forms import ActionForm, ActionModelForm
from projects.enums import AttachmentKind, Fees, OtherFunding, Section
from projects.forms.fields import CountsField, PlainTextField, plain_text
from projects.forms.keeping import Keeping
from projects.forms.rows import (
    close_rows,
    filled_rows,
    forget_errors,
    row_troubles,
    table_of_rows,
    with_row,
)
from projects.models import Organisation, Project
from projects.sections import CODED, COUNTED, TABLES, Part


class StartForm(ActionForm):
    """Which organisation applies in which edition, under what title."""

    edition = forms.ModelChoiceField(Edition.objects.none(), label=_("Edition"), empty_label=None)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Applicant organisation"), empty_label=None
    )
    title = PlainTextField(
        label=_("project title"), max_length=60, help_text=_("It can still be changed until you hand in.")
    )

    def __init__(self, *args: Any, editions: Sequence[Edition], organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = Edition.objects.for_list().filter(  # type: ignore[attr-defined]
            pk__in=[edition.pk for edition in editions]
        )
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class Versioned(forms.Form):
    """Carries the version the person began from."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def catch_up(self, version: int) -> None:
        """After a conflict was shown, a further save starts from the present version."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(version)


class SectionForm(Keeping, Versioned, ActionModelForm):
    """One section of the application: its fields, and its tables below. Empty ones are welcome; coded
    ones come from the rulebook. A wrong row keeps its error beside the cell.

    What could not be taken yet is shown as it was typed. ``allowed`` names the places that may be
    changed; the others show what stands there (``None``: all may).
    """

    tab = PlainTextField(widget=forms.HiddenInput, max_length=40, required=False)

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()

    def __init__(
        self,
        data: Any = None,
        *,
        instance: Project,
        part: Part,
        allowed: Container[str] | None = None,
        **kwargs: Any,
    ) -> None:
        typed = {name: instance.unfinished[name] for name in part.fields if name in instance.unfinished}
        kwargs["initial"] = {"version": instance.version, **typed, **kwargs.get("initial", {})}
        super().__init__(data, instance=instance, **kwargs)
        self.part = part
        self.closed = {name for name in part.names if allowed is not None and name not in allowed}
        for name in part.fields:
            if (table := CODED.get(name)) or (table := COUNTED.get(name)):
                self.fields[name] = _listed(name, getattr(instance.edition.rules, table))
            elif name in CHOSEN:
                self.fields[name] = _chosen(name, CHOSEN[name])
            if name not in part.required:
                self.fields[name].label = optional(self.fields[name].label)
        self.tables = {
            table.name: table_of_rows(self.data if self._sends(table.name) else None, instance, table)
            for table in part.tables
        }
        for name in self.closed & set(self.fields):
            self.fields[name].disabled = True
        for name in self.closed & set(self.tables):
            close_rows(self.tables[name])

    @property
    def groups(self) -> list[tuple[Any, list[tuple[forms.BoundField, forms.BoundField | None]]]]:
        """The fields as the page shows them: ``(heading, [(field, the one beside it)])``."""
        layout = GROUPS.get(self.part.section, (("", self.part.fields),))
        beside = set(PAIRS.values())
        return [
            (title, [(self[name], self._beside(name)) for name in names if name not in beside])
            for title, names in layout
        ]

    def _beside(self, name: str) -> forms.BoundField | None:
        return self[PAIRS[name]] if name in PAIRS else None

    def add_asked_row(self) -> bool:
        """If a button asked for one more row of a table, show what was typed with it; nothing is to be
        saved then. Half-typed rows are no mistakes while somebody is adding another."""
        name = self.data.get("add_row", "")
        if name not in self.tables or name in self.closed:
            return False
        self.data = with_row(self.data, self.tables[name])
        self.tables[name] = table_of_rows(self.data, self.instance, TABLES[name])
        for rows in self.tables.values():
            forget_errors(rows)
        self.full_clean()
        self._errors = ErrorDict()
        return True

    def _sends(self, table: str) -> bool:
        return self.is_bound and table not in self.closed

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        for name, rows in self.tables.items():
            if self._sends(name) and not rows.is_valid() and not self.has_error(NON_FIELD_ERRORS, name):
                self.add_error(None, forms.ValidationError(row_troubles(rows), code=name))
        return super().is_valid()

    def action_arguments(self) -> dict[str, Any]:
        own = super().action_arguments()
        tables = {
            name: [row.values() for row in filled_rows(rows)]
            for name, rows in self.tables.items()
            if self._sends(name)
        }
        return {**own, "tables": tables}

    def _keep(self, broken: RuleBroken) -> None:
        super()._keep(broken)
        place = broken.params.get("line")
        if place is None:
            return
        name = broken.params.get("table", next(iter(self.tables), ""))
        row = filled_rows(self.tables[name])[place - 1]
        field = broken.params.get("row_field")
        row.add_error(field if field in row.fields else None, str(broken.params["what"]))


#: Fields with a few fixed answers.
CHOSEN = {"fees": Fees, "other_funding": OtherFunding}
#: How the fields of a section stand together: (heading, fields). Sections not named here are one run.
GROUPS: dict[Section, tuple[tuple[Any, tuple[str, ...]], ...]] = {
    Section.BASIC: (
        (_("What the project is"), ("title", "field", "governances", "natures")),
        (_("Where and when"), ("district", "starts_on", "ends_on", "recommended_by")),
    ),
    Section.BENEFICIARIES: (
        (_("Whom it serves"), ("group_counts", "direct_beneficiaries", "indirect_beneficiaries")),
        (_("Public benefit"), ("fees", "fee_note", "public_benefit_pledged")),
    ),
    Section.TEAM: (
        (_("Project lead"), ("lead_name", "lead_phone")),
        (_("Who takes part"), ("participants", "experience")),
    ),
}
#: The first of two fields that stand side by side.
PAIRS = {"starts_on": "ends_on", "lead_name": "lead_phone", "direct_beneficiaries": "indirect_beneficiaries"}


def _listed(name: str, items: Sequence[CodedName]) -> forms.Field:
    """A field that offers what the rulebook lists."""
    shape: dict[str, Any] = {**_named(name), "choices": [(item.key, item.name) for item in items]}
    if name in COUNTED:
        return CountsField(**shape, note=_privacy_note(items))
    if name == "field":
        return forms.ChoiceField(**shape, widget=forms.RadioSelect)
    return forms.MultipleChoiceField(**shape, widget=forms.CheckboxSelectMultiple)


def _chosen(name: str, answers: type[TextChoices]) -> forms.Field:
    return forms.ChoiceField(**_named(name), choices=answers.choices, widget=forms.RadioSelect)


def _named(name: str) -> dict[str, Any]:
    field: Any = Project._meta.get_field(name)
    return {"label": field.verbose_name, "help_text": field.help_text, "required": False}


def _privacy_note(items: Sequence[CodedName]) -> Any:
    """Which of the groups are asked about in numbers alone."""
    names = "、".join(item.name for item in items if isinstance(item, Group) and item.sensitive)
    if not names:
        return ""
    return _(
        "%(groups)s: give numbers only. Never name or describe a single person of these groups, neither "
        "here nor in texts, photos or other files."
    ) % {"groups": names}


def optional(label: Any) -> Any:
    return _("%(label)s (optional)") % {"label": label}


@lru_cache(maxsize=200)
def section_form(part: Part) -> type[SectionForm]:
    """The form class of one section, or of some places of it."""
    return forms.modelform_factory(
        Project, form=SectionForm, fields=part.fields, formfield_callback=plain_text
    )


class AttachmentForm(ActionForm):
    """A file and what it is."""

    kind = forms.ChoiceField(label=_("kind of attachment"), choices=[("", "—"), *AttachmentKind.choices])
    file = forms.FileField(label=pgettext_lazy("attachment", "File"), max_length=200, allow_empty_file=True)

    def action_arguments(self) -> dict[str, Any]:
        upload = self.cleaned_data["file"]
        return {"kind": self.cleaned_data["kind"], "stream": upload.file, "name": upload.name}


class SubmitForm(ActionForm):
    """The last click; the key makes a second click the same submission."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request_key"].error_messages |= {
            "required": _("This page is out of date. Please open it again."),
            "invalid": _("This page is out of date. Please open it again."),
        }
