"""The rulebook as a form: sections of fields and tables of rows, never raw data.

Rows are added and taken away by buttons that work without script: the page comes back with
everything that was typed. What a row does not show (its key) is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.forms.utils import ErrorDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.actions.editions import RULE_MESSAGES
from contest.forms.rounds import LevelsField, QuotaRow, RoundForm, integer, yes_no
from contest.rulebook import REQUIRED_KINDS
from contest.wording import LABELS
from kit.errors import RuleBroken
from kit.forms import YuanField

T = TypeVar("T")

ROUNDS = ("preliminary", "second", "final")
#: The final goes by number, since its places are those of the awards.
WITH_QUOTAS = ("preliminary", "second")
MAX_ROWS = 60


def new_key() -> str:
    """The key of a row that the city adds; the printed name may change, the key never does."""
    return f"r{secrets.token_hex(4)}"


class PublicVoteForm(forms.Form):
    expert_percent = integer("expert_percent", 0, 100)
    public_percent = integer("public_percent", 0, 100)
    scale_max = integer("scale_max", 10, 100)
    trim_percent = integer("trim_percent", 0, 20)
    quorum_percent = integer("quorum_percent", 0, 100)


class StageForm(forms.Form):
    talk_minutes = integer("talk_minutes", 1, 60)
    answer_minutes = integer("answer_minutes", 0, 60)
    scoring_seconds = integer("scoring_seconds", 10, 3600)
    late_seconds = integer(
        "late_seconds", 0, 120, help_text=_("0 takes nothing that arrives after the close.")
    )
    scores_shown = forms.BooleanField(label=LABELS["scores_shown"], required=False)


class EntryForm(forms.Form):
    entries_as_lead = integer("entries_as_lead", 1, 20)
    entries_as_partner = integer("entries_as_partner", 0, 20)
    registered_months_min = integer(
        "registered_months_min", 0, 120, help_text=_("0 asks nothing of the kind.")
    )
    similar_from_percent = integer(
        "similar_from_percent", 10, 100, help_text=_("Shown to staff only; refuses nobody.")
    )
    correction_working_days = integer("correction_working_days", 1, 30)
    intake_notice_working_days = integer("intake_notice_working_days", 1, 30)
    required_attachments = forms.MultipleChoiceField(
        label=LABELS["required_attachments"],
        choices=list(REQUIRED_KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    stamp_required = yes_no("stamp_required")
    district_recommendation = yes_no("district_recommendation")
    refuse_other_fiscal_funding = yes_no("refuse_other_fiscal_funding")


class BudgetForm(forms.Form):
    fiscal_ceiling_fen = YuanField(label=LABELS["fiscal_ceiling_fen"])
    fiscal_share_min_percent = integer("fiscal_share_min_percent", 0, 100)
    forbidden_spending = forms.CharField(
        label=LABELS["forbidden_spending"],
        help_text=_("One on each line."),
        widget=forms.Textarea(attrs={"rows": 8}),
        required=False,
    )

    def clean_fiscal_ceiling_fen(self) -> int:
        if not (ceiling := self.cleaned_data["fiscal_ceiling_fen"]):
            raise forms.ValidationError(_("Enter an amount above zero."), code="amount")
        return ceiling

    def clean_forbidden_spending(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["forbidden_spending"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class SupervisionForm(forms.Form):
    report_due_working_day = integer("report_due_working_day", 1, 20)
    pass_mark = integer("pass_mark", 0, 100)
    rectification_working_days = integer("rectification_working_days", 1, 90)
    bar_months = integer("bar_months", 0, 120)
    objection_accept_working_days = integer("objection_accept_working_days", 1, 30)
    objection_decide_working_days = integer("objection_decide_working_days", 1, 60)


class Row(forms.Form):
    """A row of a table; empty ones are dropped."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    name = forms.CharField(label=LABELS["name"], max_length=60)

    def values(self) -> dict[str, Any]:
        data = {name: value for name, value in self.cleaned_data.items() if name != "DELETE"}
        return {**data, "key": data.get("key") or new_key()}


class CriterionRow(Row):
    points = forms.IntegerField(label=LABELS["points"], min_value=1, max_value=100)
    help = forms.CharField(label=LABELS["help"], required=False, max_length=300)
    levels = LevelsField(label=LABELS["levels"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if any(level["high"] > data.get("points", 0) for level in data.get("levels") or ()):
            self.add_error(
                "levels", forms.ValidationError(RULE_MESSAGES["levels_wrong"], code="levels_wrong")
            )
        return data


class AwardRow(Row):
    places = forms.IntegerField(label=LABELS["places"], min_value=1, max_value=100)
    amount_fen = YuanField(label=LABELS["amount_fen"])
    top_ten = forms.BooleanField(label=LABELS["top_ten"], required=False)


class InstalmentRow(Row):
    percent = forms.IntegerField(label=LABELS["percent"], min_value=1, max_value=100)
    condition = forms.CharField(label=LABELS["condition"], max_length=200)


class HeadingRow(Row):
    cap_percent = forms.IntegerField(label=LABELS["cap_percent"], min_value=0, max_value=100, required=False)
    note = forms.CharField(label=LABELS["note"], required=False, max_length=200)


class GroupRow(Row):
    sensitive = forms.BooleanField(label=LABELS["sensitive"], required=False)


class SeatRow(Row):
    number = forms.IntegerField(label=pgettext_lazy("of jurors", "Number"), min_value=1, max_value=1000)


class Rows(forms.BaseFormSet):
    """A table of rows. ``total_of`` names the column that must add up to 100."""

    total_of = ""
    total_code = ""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        if self.can_delete:
            form.fields["DELETE"].label = _("Remove")

    def clean(self) -> None:
        kept = self.kept()
        if any(form.errors for form in kept):
            return
        column = "name" if "name" in self.form.base_fields else "key"
        names = [form.cleaned_data[column] for form in kept]
        if len(set(names)) != len(names):
            raise forms.ValidationError(RULE_MESSAGES["key_twice"], code="key_twice")
        if not self.total_of or not kept:
            return
        total = sum(form.cleaned_data[self.total_of] for form in kept)
        if total != 100:
            text = _("%(rule)s They add up to %(total)s now.")
            raise forms.ValidationError(
                text % {"rule": RULE_MESSAGES[self.total_code], "total": total}, code=self.total_code
            )

    def kept(self) -> list[Any]:
        return [form for form in self.forms if not self._should_delete_form(form)]

    def values(self) -> list[dict[str, Any]]:
        return [form.values() for form in self.kept()]


def _table(row: type[Row], total_of: str = "", total_code: str = "", least: int = 1) -> type[Rows]:
    base = type(f"{row.__name__}s", (Rows,), {"total_of": total_of, "total_code": total_code})
    return forms.formset_factory(
        row,
        formset=base,
        extra=0,
        can_delete=True,
        min_num=least,
        validate_min=True,
        max_num=MAX_ROWS,
        validate_max=True,
        absolute_max=MAX_ROWS + 1,
    )


CriterionTable = _table(CriterionRow, "points", "criteria_not_100")
OptionalCriterionTable = _table(CriterionRow, "points", "criteria_not_100", least=0)
InstalmentTable = _table(InstalmentRow, "percent", "instalments_not_100")
AwardTable = _table(AwardRow)
HeadingTable = _table(HeadingRow)
SeatTable = _table(SeatRow, least=0)
NameTable = _table(Row)
GroupTable = _table(GroupRow)
OptionalTable = _table(Row, least=0)
QuotaTable = _table(QuotaRow, least=0)

#: prefix of the table -> (its class, where it stands in the document)
TABLES: dict[str, tuple[type[Rows], tuple[str, ...]]] = {
    "fields": (NameTable, ("fields",)),
    "governances": (NameTable, ("governances",)),
    "qualities": (NameTable, ("qualities",)),
    "groups": (GroupTable, ("groups",)),
    "natures": (OptionalTable, ("natures",)),
    "team_roles": (OptionalTable, ("team_roles",)),
    "formal_checks": (NameTable, ("formal_checks",)),
    "intake_reasons": (OptionalTable, ("intake_reasons",)),
    **{f"{key}_criteria": (CriterionTable, (key, "criteria")) for key in ROUNDS},
    **{f"{key}_quotas": (QuotaTable, (key, "quotas")) for key in WITH_QUOTAS},
    "seats": (SeatTable, ("public_vote", "seats")),
    "public_vote_criteria": (OptionalCriterionTable, ("public_vote", "criteria")),
    "awards": (AwardTable, ("awards",)),
    "instalments": (InstalmentTable, ("instalments",)),
    "headings": (HeadingTable, ("headings",)),
    "mid_term": (CriterionTable, ("mid_term",)),
    "closing": (CriterionTable, ("closing",)),
}
FORMS: dict[str, type[forms.Form]] = {
    "entry": EntryForm,
    **dict.fromkeys(ROUNDS, RoundForm),
    "public_vote": PublicVoteForm,
    "stage": StageForm,
    "budget": BudgetForm,
    "supervision": SupervisionForm,
}
#: Tables of the first section: names with a key.
NAMED_TABLES = (
    "fields",
    "governances",
    "natures",
    "qualities",
    "groups",
    "team_roles",
    "formal_checks",
    "intake_reasons",
)
#: anchor, title, prefix of the form, prefixes of the tables
LAYOUT: tuple[tuple[str, str | Promise, str, tuple[str, ...]], ...] = (
    (
        "entries",
        pgettext_lazy("part of the rules", "Entries"),
        "entry",
        NAMED_TABLES,
    ),
    *((key, LABELS[key], key, (f"{key}_criteria", f"{key}_quotas")) for key in WITH_QUOTAS),
    ("final", LABELS["final"], "final", ("final_criteria",)),
    ("vote", LABELS["public_vote"], "public_vote", ("seats", "public_vote_criteria")),
    ("stage", LABELS["stage"], "stage", ()),
    ("money", _("Awards and instalments"), "", ("awards", "instalments")),
    ("spending", _("Budget"), "budget", ("headings",)),
    ("supervision", _("Supervision and objections"), "supervision", ("mid_term", "closing")),
)


@dataclass(frozen=True)
class TableOnPage:
    prefix: str
    title: str | Promise
    rows: Rows

    @property
    def columns(self) -> list[Any]:
        fields = self.rows.form.base_fields.items()
        return [field.label for _name, field in fields if not field.widget.is_hidden]


@dataclass(frozen=True)
class Section:
    anchor: str
    title: str | Promise
    form: forms.Form | None
    tables: list[TableOnPage]


@dataclass(frozen=True)
class Trouble:
    """One line of the summary on top: where, and what."""

    anchor: str
    label: str
    text: str


class RulebookEditor:
    """All forms and tables of one rulebook. Behaves like a form towards a view."""

    def __init__(self, data: Any = None, *, document: dict[str, Any]) -> None:
        self.is_bound = data is not None
        self.document = document
        self.data = data.copy() if data is not None else None
        if self.is_bound and (prefix := self._asked_for_row()):
            self._add_row(prefix)
        self.tables = {prefix: self._table(prefix) for prefix in TABLES}
        self.forms = {prefix: self._form(prefix) for prefix in FORMS}
        if self.is_adding:
            self._forget_errors()

    @property
    def is_adding(self) -> bool:
        """A button asked for one more row; nothing is to be saved."""
        return self.is_bound and bool(self._asked_for_row())

    def _asked_for_row(self) -> str:
        prefix = self.data.get("add", "")
        return prefix if prefix in TABLES else ""

    def _add_row(self, prefix: str) -> None:
        count = self.data.get(f"{prefix}-TOTAL_FORMS", "0")
        number = int(count) if count.isdigit() and len(count) < 4 else 0
        self.data[f"{prefix}-TOTAL_FORMS"] = str(number + 1)
        self.data[f"{prefix}-{number}-key"] = new_key()

    def _table(self, prefix: str) -> Rows:
        kind, place = TABLES[prefix]
        value: Any = self.document
        for step in place:
            value = value.get(step, ())  # what came later is missing in older rulebooks
        if prefix == "seats":
            value = [
                {"key": f"seat{n}", "name": name, "number": number} for n, (name, number) in enumerate(value)
            ]
        extra = {"form_kwargs": {"fields": self._fields()}} if kind is QuotaTable else {}
        return kind(self.data, prefix=prefix, initial=value, **extra)

    def _fields(self) -> list[tuple[str, str]]:
        return [(field["key"], field["name"]) for field in self.document["fields"]]

    def _form(self, prefix: str) -> forms.Form:
        kind, extra = FORMS[prefix], {}
        initial: dict[str, Any] = self.document
        if prefix in ROUNDS:
            initial = RoundForm.values(self.document[prefix])
            extra = {"criteria": self._criteria(prefix)}
        elif prefix in ("public_vote", "stage"):
            initial = self.document.get(prefix, {})
        elif prefix == "budget":
            initial = {**self.document, "forbidden_spending": "\n".join(self.document["forbidden_spending"])}
        return kind(self.data, prefix=prefix, initial=initial, **extra)

    def _criteria(self, prefix: str) -> list[tuple[str, str]]:
        """The criteria of a round as they stand on the page, also unsaved ones."""
        rows = self.tables[f"{prefix}_criteria"].forms
        found = [(str(row["key"].value() or ""), str(row["name"].value() or "")) for row in rows]
        return [(key, name or key) for key, name in found if key]

    def _forget_errors(self) -> None:
        """Half-typed rows are not mistakes while somebody is adding another."""
        for form in self.forms.values():
            form._errors = ErrorDict()
        for rows in self.tables.values():
            for form in rows.forms:
                form._errors = ErrorDict()
            rows._errors = [{} for _form in rows.forms]
            rows._non_form_errors = rows.error_class()

    @property
    def sections(self) -> list[Section]:
        return [
            Section(
                anchor,
                title,
                self.forms.get(prefix),
                [TableOnPage(name, self._title(name), self.tables[name]) for name in tables],
            )
            for anchor, title, prefix, tables in LAYOUT
        ]

    @staticmethod
    def _title(prefix: str) -> str | Promise:
        kind = prefix.rpartition("_")[2]
        return LABELS[kind if kind in ("criteria", "quotas") else prefix]

    def is_valid(self) -> bool:
        if not self.is_bound or self.is_adding:
            return False
        parts = [*self.forms.values(), *self.tables.values()]
        checked = [part.is_valid() for part in parts]  # every part, so that all errors show at once
        return all(checked)

    @property
    def status(self) -> int:
        return 422 if self.is_bound and not self.is_adding and self.troubles else 200

    @property
    def troubles(self) -> list[Trouble]:
        if not self.is_bound or self.is_adding:
            return []
        return list(self._troubles())

    def _troubles(self) -> Iterator[Trouble]:
        for section in self.sections:
            if section.form is not None:
                yield from self._of_form(section.form, str(section.title), section.anchor)
            for table in section.tables:
                where = f"{section.title} · {table.title}"
                for error in table.rows.non_form_errors():
                    yield Trouble(f"table-{table.prefix}", where, str(error))
                for form in table.rows.forms:
                    yield from self._of_form(form, where, f"table-{table.prefix}")

    @staticmethod
    def _of_form(form: forms.Form, where: str, anchor: str) -> Iterator[Trouble]:
        for name, errors in form.errors.items():
            field = form[name] if name in form.fields else None
            for error in errors:
                label = f"{where} · {field.label}" if field else where
                yield Trouble(field.id_for_label if field else anchor, label, str(error))

    def value(self) -> dict[str, Any]:
        """The document as typed; what the form does not show comes from the stored one."""
        document = dict(self.document)
        for prefix in ("entry", "budget", "supervision"):
            document |= self.forms[prefix].cleaned_data
        for key in ROUNDS:
            part = self.forms[key].part()
            criteria = self.tables[f"{key}_criteria"].values()
            document[key] = {**document[key], **part, "criteria": criteria}
        for key in WITH_QUOTAS:
            document[key]["quotas"] = self.tables[f"{key}_quotas"].values()
        seats = [[row["name"], row["number"]] for row in self.tables["seats"].values()]
        document["public_vote"] = {
            **self.forms["public_vote"].cleaned_data,
            "seats": seats,
            "criteria": self.tables["public_vote_criteria"].values(),
        }
        document["stage"] = self.forms["stage"].cleaned_data
        for prefix in NAMED_TABLES:
            document[prefix] = self.tables[prefix].values()
        for prefix in ("awards", "instalments", "headings"):
            document[prefix] = self.tables[prefix].values()
        for prefix in ("mid_term", "closing"):
            document[prefix] = self.tables[prefix].values()
        return document

    def submit(self, action: Callable[..., T], **kwargs: Any) -> T | None:
        """The action's result; ``None`` if invalid or refused, with the reason at its place."""
        if not self.is_valid():
            return None
        try:
            return action(document=self.value(), **kwargs)
        except RuleBroken as broken:
            self._place(broken)
            return None

    def _place(self, broken: RuleBroken) -> None:
        """Put a refusal beside the field it is about, or on top of the first section."""
        error = forms.ValidationError(str(broken), code=broken.code)
        steps = (broken.field or "").split("__")
        form = self.forms.get(steps[0]) or next(
            (f for f in self.forms.values() if steps[0] in f.fields), None
        )
        names = (BROKEN_AT.get(broken.code, ""), steps[-1], steps[0])
        if form is not None:
            form.add_error(next((name for name in names if name in form.fields), None), error)
            return
        table = self.tables.get(steps[0])
        if table is not None:
            table._non_form_errors.append(error)
            return
        self.forms["entry"].add_error(None, error)


#: The field beside which a rule that spans several is explained.
BROKEN_AT = {
    "quorum_above_sheets": "quorum_sheets",
    "tie_criterion_unknown": "tie_criterion",
    "weights_not_100": "expert_percent",
    "criteria_not_the_scale": "scale_max",
    "quotas_above_advance": "advance",
    "quotas_missing": "advance_by",
    "quota_unknown": "advance_by",
    "final_by_number": "advance_by",
}
