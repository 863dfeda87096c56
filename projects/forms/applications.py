from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.models import Edition
from contest.rulebook import RulebookDoc
from kit.errors import RuleBroken
from kit.forms import ActionForm, ActionModelForm, YuanField
from projects.actions.applications import LINE_FIELDS, MAX_LINES, MAX_QUANTITY, MAX_TEAM, MEMBER_FIELDS
from projects.enums import AttachmentKind
from projects.forms.fields import PlainTextField, plain_text
from projects.models import Organisation, Project, TeamMember
from projects.sections import CODED, Part


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
    """One section of the application. Empty fields are welcome; coded ones come from the rulebook."""

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, instance: Project, part: Part, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": instance.version, **kwargs.get("initial", {})}
        super().__init__(*args, instance=instance, **kwargs)
        self.part = part
        for name, field in self.fields.items():
            if name in CODED:
                continue
            if name not in part.required and not field.widget.is_hidden:
                field.label = optional(field.label)
        self._offer_codes(instance.edition.rules)

    def _offer_codes(self, rules: RulebookDoc) -> None:
        for name, table in CODED.items():
            if name not in self.fields:
                continue
            choices = [(item.key, item.name) for item in getattr(rules, table)]
            label = Project._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            many = name != "field"
            if many:
                self.fields[name] = forms.MultipleChoiceField(
                    label=label if name in self.part.required else optional(label),
                    choices=choices,
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )
            else:
                self.fields[name] = forms.ChoiceField(
                    label=label, choices=[("", "—"), *choices], required=False
                )


def optional(label: Any) -> Any:
    return _("%(label)s (optional)") % {"label": label}


def section_form(part: Part, base: type[SectionForm] = SectionForm) -> type[SectionForm]:
    """The form class of one section."""
    return forms.modelform_factory(Project, form=base, fields=part.fields, formfield_callback=plain_text)


class WithRows(Versioned):
    """A form with a table below it. Empty rows do not count; a refused row keeps its error.

    Subclasses name the row's form and the argument under which the action takes the rows.
    """

    row_form: type[forms.Form]
    rows_argument: str
    max_rows: int
    spare_rows = 3

    def __init__(self, *args: Any, rows: Sequence[dict[str, Any]], row_kwargs: dict[str, Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        table = forms.formset_factory(
            self.row_form,
            extra=self.spare_rows if rows else self.spare_rows + 2,
            can_delete=True,
            max_num=self.max_rows + 1,
            absolute_max=self.max_rows + 20,
        )
        self.rows = table(
            self.data if self.is_bound else None,
            prefix="rows",
            initial=list(rows),
            form_kwargs=row_kwargs,
        )

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        rows_are_valid = self.rows.is_valid()
        if not rows_are_valid and not self.has_error(forms.forms.NON_FIELD_ERRORS, "rows"):
            self.add_error(None, forms.ValidationError(self._row_troubles(), code="rows"))
        return super().is_valid() and rows_are_valid

    def _row_troubles(self) -> list[str]:
        found = [
            str(_("Line %(line)s: %(what)s") % {"line": number, "what": errors[0]})
            for number, form in enumerate(self.rows.forms, 1)
            for errors in form.errors.values()
        ]
        return found[:10] or [str(_("The table could not be read. Please open the page again."))]

    def action_arguments(self) -> dict[str, Any]:
        own = super().action_arguments()  # type: ignore[misc]
        names = list(self.row_form.base_fields)
        rows = [{name: form.cleaned_data.get(name) for name in names} for form in self.all_rows()]
        return {**own, self.rows_argument: rows}

    def all_rows(self) -> list[forms.Form]:
        """What the table now says: unchanged rows too, removed and empty ones not."""
        return [form for form in self.rows.forms if _is_filled(form) and not form.cleaned_data.get("DELETE")]

    def _keep(self, broken: RuleBroken) -> None:
        super()._keep(broken)  # type: ignore[misc]
        place = broken.params.get("line")
        if place is None:
            return
        form = self.all_rows()[place - 1]
        field = broken.params.get("row_field")
        form.add_error(field if field in form.fields else None, str(broken.params["what"]))


def _is_filled(form: forms.Form) -> bool:
    return any(
        value not in (None, "", False) for name, value in form.cleaned_data.items() if name != "DELETE"
    )


class MemberForm(forms.ModelForm):
    """One person of the team."""

    class Meta:
        model = TeamMember
        fields = MEMBER_FIELDS
        formfield_callback = plain_text


class TeamForm(WithRows, SectionForm):
    """Lead, pledge and the people who carry the project out."""

    row_form = MemberForm
    rows_argument = "members"
    max_rows = MAX_TEAM
    spare_rows = 2


def _money(label: Any, sums: str, *, required: bool = False) -> YuanField:
    field = YuanField(label=label, required=required)
    field.widget.attrs["data-sum"] = sums
    return field


class LineForm(forms.Form):
    """One budget line; amounts are typed in yuan."""

    heading = forms.ChoiceField(label=_("budget heading"))
    item = PlainTextField(label=_("item"), max_length=100)
    basis = PlainTextField(label=_("basis of calculation"), max_length=200, required=False)
    unit = PlainTextField(label=_("unit"), max_length=10, required=False)
    unit_price_fen = YuanField(label=_("unit price"))
    quantity = forms.DecimalField(
        label=_("quantity"),
        min_value=Decimal("0.01"),
        max_value=MAX_QUANTITY,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    fiscal_fen = _money(_("fiscal funds"), "fiscal total")
    social_fen = _money(_("social funds"), "social total")
    own_fen = _money(_("own funds"), "own total")

    def __init__(self, *args: Any, rules: RulebookDoc, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heading"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((heading.key, heading.name) for heading in rules.headings),
        ]


class BudgetForm(WithRows, ActionForm):
    """The budget as a table."""

    row_form = LineForm
    rows_argument = "lines"
    max_rows = MAX_LINES

    def action_arguments(self) -> dict[str, Any]:
        arguments = super().action_arguments()
        for line in arguments["lines"]:
            for name in LINE_FIELDS:
                if line.get(name) is None and name.endswith("_fen"):
                    line[name] = 0
        return arguments


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
