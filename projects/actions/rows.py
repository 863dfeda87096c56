"""The tables of an application: read, judged row by row, replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from contest.rulebook import RulebookDoc
from kit import uscc
from kit.errors import RuleBroken, refuse_unless
from kit.money import LARGEST_FEN, yuan
from projects.actions.common import assign, refuse_invalid
from projects.enums import Contribution
from projects.models import Project
from projects.sections import BUDGET, MILESTONES, PARTNERS, PLACES, TEAM, Table

MAX_QUANTITY = Decimal("9999999.99")
PURSES = ("fiscal_fen", "social_fen", "own_fen")


@dataclass(frozen=True)
class Rows:
    """The rows of one table as they are to stand, and whether that is anything new."""

    table: Table
    rows: list[Any]
    differ: bool


def read_rows(project: Project, table: Table, values: Sequence[dict[str, Any]]) -> Rows:
    """Make the rows of a table from cleaned values; refuses the first wrong one by its line.

    The broken rule's ``params`` say ``table``, ``line`` and ``row_field``.
    """
    refuse_unless(
        len(values) <= table.most,
        "too_many_rows",
        _("There is room for %(most)s rows: %(table)s."),
        most=table.most,
        table=table.label,
    )
    rows = []
    for position, row in enumerate(values, 1):
        try:
            rows.append(_row(project, table, row, position))
        except RuleBroken as broken:
            broken.params["table"] = table.name
            raise
    there = list(getattr(project, table.name).all())
    return Rows(table, rows, [_values(row, table) for row in rows] != [_values(row, table) for row in there])


def replace_rows(project: Project, rows: Rows) -> None:
    """Put the rows in the place of those that stand there. The project is saved by the caller."""
    getattr(project, rows.table.name).all().delete()
    rows.table.model._default_manager.bulk_create(rows.rows)
    if rows.table is PLACES:
        project.place = _in_one_line(rows.rows)


def _in_one_line(places: list[Any]) -> str:
    if not places:
        return ""
    first = f"{places[0].town}{places[0].village}"
    return first if len(places) == 1 else f"{first}等{len(places)}处"


def _values(row: Any, table: Table) -> list[Any]:
    return [getattr(row, row._meta.get_field(name).attname) for name in table.fields]


def _row(project: Project, table: Table, values: dict[str, Any], position: int) -> Any:
    values = {name: value for name, value in values.items() if value is not None}
    prepare = _PREPARE.get(table.name)
    if prepare:
        values = prepare(project, values, position)
    row = table.model(project=project, position=position)
    _fill_row(row, values, table.fields, position)
    if table is BUDGET:
        _add_up(row, position)
    return row


def _fill_row(row: models.Model, values: dict[str, Any], allowed: Iterable[str], position: int) -> None:
    """Fill a row of a table; what is refused names the row."""
    try:
        assign(row, values, allowed)
        refuse_invalid(row, allowed)
    except RuleBroken as broken:
        raise row_error(broken.code, str(broken), position, broken.field) from broken


def row_error(code: str, message: Any, position: int, field: str | None) -> RuleBroken:
    """A broken rule in one row of a table: ``params`` say which row and field."""
    text = _("Line %(line)s: %(what)s")
    return RuleBroken(code, text, line=position, what=str(message), row_field=field)


def _known(keys: Iterable[str], value: str, position: int, field: str) -> None:
    if value not in keys:
        raise row_error("key_unknown", _("Please choose from the list."), position, field)


def _milestone(project: Project, values: dict[str, Any], position: int) -> dict[str, Any]:
    month = values.get("month")
    return {**values, "month": month.replace(day=1)} if isinstance(month, date) else values


def _member(project: Project, values: dict[str, Any], position: int) -> dict[str, Any]:
    if values.get("role"):
        roles = [role.key for role in project.edition.rules.team_roles]
        _known(roles, values["role"], position, "role")
    return values


def _partner(project: Project, values: dict[str, Any], position: int) -> dict[str, Any]:
    """The code in its plain form; what is no code is refused, for a bar hangs on it."""
    for key in values.get("gives", ()):
        _known(Contribution.values, key, position, "gives")
    if not values.get("code"):
        return values
    checked = uscc.check(values["code"])
    if not checked.ok:
        raise row_error(f"code_{checked.error}", checked.message, position, "code")
    return {**values, "code": checked.code}


def _budget_line(project: Project, values: dict[str, Any], position: int) -> dict[str, Any]:
    """A line that names no unit price is taken as one piece at the sum of its purses."""
    split = sum(values.get(purse, 0) for purse in PURSES)
    values = {"quantity": Decimal(1), "unit_price_fen": split, **values}
    values["quantity"] = Decimal(values["quantity"])
    _refuse_bad_numbers(values, project.edition.rules, position)
    return values


def _refuse_bad_numbers(values: dict[str, Any], rules: RulebookDoc, position: int) -> None:
    if rules.heading(values.get("heading", "")) is None:
        raise row_error("key_unknown", _("Please choose from the list."), position, "heading")
    for purse in PURSES:
        if not 0 <= values.get(purse, 0) <= LARGEST_FEN:
            raise row_error("amount", _("An amount cannot be negative or that large."), position, purse)
    if not 0 < values["unit_price_fen"] <= LARGEST_FEN:
        raise row_error("amount", _("The price must be greater than zero."), position, "unit_price_fen")
    if not 0 < values["quantity"] <= MAX_QUANTITY:
        raise row_error("quantity", _("The quantity must be greater than zero."), position, "quantity")


def _add_up(line: Any, position: int) -> None:
    """A line's amount is unit price × quantity, rounded half up to the fen; its purses add up to it."""
    line.amount_fen = amount_of(line.unit_price_fen, line.quantity)
    split = sum(getattr(line, purse) for purse in PURSES)
    if line.amount_fen > LARGEST_FEN:
        raise row_error("amount", _("The amount is too large."), position, "unit_price_fen")
    if split != line.amount_fen:
        message = _(
            "price × quantity is %(amount)s, but fiscal, social and own funds add up to %(split)s."
        ) % {
            "amount": yuan(line.amount_fen),
            "split": yuan(split),
        }
        raise row_error("budget_sum", message, position, "fiscal_fen")


def amount_of(unit_price_fen: int, quantity: Decimal) -> int:
    """Unit price × quantity in fen, half up."""
    return int((unit_price_fen * quantity).quantize(Decimal(1), ROUND_HALF_UP))


_PREPARE = {
    BUDGET.name: _budget_line,
    MILESTONES.name: _milestone,
    PARTNERS.name: _partner,
    TEAM.name: _member,
}
