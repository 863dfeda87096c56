from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.models import Edition
from contest.rulebook import CodedName
from kit.errors import RuleBroken
from kit.forms import ActionForm, ActionModelForm
from projects.enums import AttachmentKind
from projects.forms.fields import CountsField, PlainTextField, plain_text
from projects.forms.rows import filled_rows, row_troubles, table_of_rows
from projects.models import Organisation, Project
from projects.sections import CODED, COUNTED, Part


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


class SectionForm(Versioned, ActionModelForm):
    """One section of the application: its fields, and its tables below. Empty ones are welcome; coded
    ones come from the rulebook. A wrong row keeps its error beside the cell."""

    tab = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, instance: Project, part: Part, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": instance.version, **kwargs.get("initial", {})}
        super().__init__(data, instance=instance, **kwargs)
        self.part = part
        rules = instance.edition.rules
        for name in part.fields:
            if (table := CODED.get(name)) or (table := COUNTED.get(name)):
                self.fields[name] = _listed(name, getattr(rules, table))
            if name not in part.required:
                self.fields[name].label = optional(self.fields[name].label)
        self.tables = {
            table.name: table_of_rows(self.data if self.is_bound else None, instance, table)
            for table in part.tables
        }

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        for name, rows in self.tables.items():
            if not rows.is_valid() and not self.has_error(NON_FIELD_ERRORS, name):
                self.add_error(None, forms.ValidationError(row_troubles(rows), code=name))
        return super().is_valid()

    def action_arguments(self) -> dict[str, Any]:
        own = super().action_arguments()
        tables = {name: [row.values() for row in filled_rows(rows)] for name, rows in self.tables.items()}
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


def _listed(name: str, items: Sequence[CodedName]) -> forms.Field:
    """A field that offers what the rulebook lists."""
    label = Project._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    choices = [(item.key, item.name) for item in items]
    if name in COUNTED:
        return CountsField(label=label, choices=choices, required=False)
    if name == "field":
        return forms.ChoiceField(label=label, choices=[("", "—"), *choices], required=False)
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def optional(label: Any) -> Any:
    return _("%(label)s (optional)") % {"label": label}


def section_form(part: Part) -> type[SectionForm]:
    """The form class of one section."""
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
