"""The tables of an application as rows of small forms. Empty rows do not count."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from accounts.models import District
from kit.forms import ActionModelForm, YuanField
from projects.actions.rows import MAX_QUANTITY, amount_of
from projects.enums import Contribution
from projects.forms.fields import MonthField, PlainTextField, plain_text
from projects.forms.keeping import typed_rows
from projects.models import BudgetLine, Milestone, Partner, Place, Project, TeamMember
from projects.sections import BUDGET, MILESTONES, PARTNERS, PLACES, TEAM, Table

SPARE_ROWS = 1


class Row(forms.Form):
    """One row; ``rules`` and ``project`` say what may be chosen."""

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(project)

    def offer(self, project: Project) -> None:
        """Fill in the choices."""

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "DELETE"}

    @property
    def is_filled(self) -> bool:
        return any(value not in (None, "", False, []) for value in self.values().values())


class PlaceRow(Row, ActionModelForm):
    class Meta:
        model = Place
        fields = PLACES.fields
        formfield_callback = plain_text

    def offer(self, project: Project) -> None:
        self.fields["district"].queryset = District.objects.all()  # type: ignore[attr-defined]

    @property
    def is_filled(self) -> bool:
        # The district alone is what the browser offers, not what somebody typed.
        return any(value for name, value in self.values().items() if name != "district")


class MilestoneRow(Row, ActionModelForm):
    month = MonthField(label=_("month"))

    class Meta:
        model = Milestone
        fields = MILESTONES.fields
        formfield_callback = plain_text


class PartnerRow(Row, ActionModelForm):
    code = PlainTextField(label=_("unified social credit code"), max_length=40, required=False)
    gives = forms.MultipleChoiceField(
        label=_("what it gives"),
        choices=Contribution.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    value_fen = YuanField(label=_("value (yuan)"), required=False)

    class Meta:
        model = Partner
        fields = PARTNERS.fields
        formfield_callback = plain_text


class MemberRow(Row, ActionModelForm):
    role = forms.ChoiceField(label=_("kind of participant"), required=False)

    class Meta:
        model = TeamMember
        fields = TEAM.fields
        formfield_callback = plain_text

    def offer(self, project: Project) -> None:
        roles = [(role.key, role.name) for role in project.edition.rules.team_roles]
        self.fields["role"].choices = [("", "—"), *roles]  # type: ignore[attr-defined]


def _money(label: Any, sums: str) -> YuanField:
    field = YuanField(label=label, required=False)
    field.widget.attrs["data-sum"] = sums
    return field


class LineRow(Row):
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

    def offer(self, project: Project) -> None:
        headings = [(heading.key, heading.name) for heading in project.edition.rules.headings]
        self.fields["heading"].choices = [("", "—"), *headings]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        values = super().values()
        return {
            name: 0 if value is None and name.endswith("_fen") else value for name, value in values.items()
        }


ROWS: dict[str, type[Row]] = {
    PLACES.name: PlaceRow,
    MILESTONES.name: MilestoneRow,
    PARTNERS.name: PartnerRow,
    TEAM.name: MemberRow,
    BUDGET.name: LineRow,
}


HELP = {
    PLACES.name: _("Every place where people are served, down to the town or street."),
    MILESTONES.name: _("Month by month: what is done, and what can be shown afterwards."),
    TEAM.name: _("Those who carry the project. Phones are seen in full only by you and the clerk."),
    PARTNERS.name: _("Bodies that give money, goods, a venue or people. Give the code if you know it."),
}


class RowSet(forms.BaseFormSet):
    """Rows that are sent replace the table: none of them has to be there."""

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()


def table_of_rows(data: Any, project: Project, table: Table) -> forms.BaseFormSet:
    """A table as a formset whose prefix is the table's name."""
    rows = forms.formset_factory(
        ROWS[table.name],
        formset=RowSet,
        extra=SPARE_ROWS,
        can_delete=True,
        max_num=table.most + SPARE_ROWS,
        absolute_max=table.most + 20,
    )
    typed = project.unfinished.get(table.name)
    if data is None and typed:
        data = typed_rows(table.name, typed, SPARE_ROWS)
    there = [] if data else list(getattr(project, table.name).values(*table.fields))
    made = rows(data, prefix=table.name, initial=there, form_kwargs={"project": project})
    made.label, made.help = table.label, HELP.get(table.name, "")
    return made


def with_row(data: Any, rows: forms.BaseFormSet) -> Any:
    """What was sent, with room for one more row in that table."""
    data = data.copy()
    data[f"{rows.prefix}-TOTAL_FORMS"] = str(min(rows.total_form_count() + 1, rows.max_num))
    return data


def forget_errors(rows: forms.BaseFormSet) -> None:
    """Show rows as typed, without judging them."""
    for row in rows.forms:
        row.full_clean()
        row._errors = ErrorDict()
    rows._errors = [{} for _row in rows.forms]  # type: ignore[attr-defined]
    rows._non_form_errors = rows.error_class()  # type: ignore[attr-defined]


def typed_lines(rows: forms.BaseFormSet) -> list[BudgetLine]:
    """The budget lines that can be read so far, saved or only typed; each amount is price × quantity."""
    if not rows.is_bound:
        return [_line(row.initial) for row in rows.forms if row.initial]
    rows.is_valid()
    lines = [
        {name: _readable(row, name) for name in BUDGET.fields}
        for row in rows.forms
        if not row.cleaned_data.get("DELETE")
    ]
    return [_line(line) for line in lines if line["heading"] and line["unit_price_fen"] and line["quantity"]]


def _line(values: dict[str, Any]) -> BudgetLine:
    given = {name: value for name, value in values.items() if value is not None}
    return BudgetLine(**given, amount_fen=amount_of(values["unit_price_fen"], values["quantity"]))


def _readable(row: Any, name: str) -> Any:
    """A cell's value even if the line was refused because of it; ``None`` if it cannot be read."""
    try:
        return row.fields[name].clean(row[name].data)
    except forms.ValidationError:
        return None


def close_rows(rows: forms.BaseFormSet) -> None:
    """Show a table without letting it be changed."""
    rows.extra, rows.can_delete = 0, False
    for row in rows.forms:
        for field in row.fields.values():
            field.disabled = True


def filled_rows(rows: forms.BaseFormSet) -> list[Any]:
    """What the table now says: unchanged rows too, removed and empty ones not."""
    return [row for row in rows.forms if row.is_filled and not row.cleaned_data.get("DELETE")]


def row_troubles(rows: forms.BaseFormSet) -> Sequence[str]:
    found = [
        str(_("Line %(line)s: %(what)s") % {"line": number, "what": errors[0]})
        for number, form in enumerate(rows.forms, 1)
        for errors in form.errors.values()
    ]
    return found[:10] or [str(_("The table could not be read. Please open the page again."))]
