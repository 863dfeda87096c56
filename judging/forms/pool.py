"""The second word on a table of experts: importing what was looked through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from judging import pool_tables, roster_tables
from judging.pool_tables import Row
from kit.forms import ActionForm

if TYPE_CHECKING:
    from accounts.models import User
    from contest.models import Edition

#: A table that was looked through may be imported so long.
TABLE_AGE_S = 3600


def handed_out(rows: list[Row], person: User, table: str = "experts") -> str:
    """The rows as this person looked them through, signed; nothing of them is kept here.

    ``table`` says what they are rows of.
    """
    found = [[row.number, row.data] for row in rows if not row.is_there]
    return signing.dumps(found, salt=_salt(person, table), compress=True)


def _salt(person: User, table: str) -> str:
    return f"judging.{table}_import:{person.pk}"


class ImportTableForm(ActionForm):
    """Takes back what ``handed_out`` gave the same person. What was right then may have become wrong
    since, so all rows are judged again."""

    table = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str], *, person: User, table: str = "experts") -> None:
        super().__init__(data)
        self.person, self.signed_as = person, table

    def judge(self, rows: list[Row]) -> list[Row]:
        return pool_tables.judge(rows)

    def arguments(self, row: Row) -> dict[str, Any]:
        return pool_tables.arguments(row)

    def clean_table(self) -> list[Row]:
        stale = forms.ValidationError(
            _("This page is too old. Please send the table in again."), code="table_stale"
        )
        try:
            found = signing.loads(
                self.cleaned_data["table"], salt=_salt(self.person, self.signed_as), max_age=TABLE_AGE_S
            )
        except signing.BadSignature:
            raise stale from None
        rows = self.judge([Row(number, data) for number, data in found])
        if any(row.errors for row in rows):
            raise stale
        return rows

    def action_arguments(self) -> dict[str, Any]:
        rows = self.cleaned_data["table"]
        return {"rows": [self.arguments(row) for row in rows if not row.is_there]}


class ImportRosterForm(ImportTableForm):
    """The same for the roster of an edition's public jury."""

    def __init__(self, data: Mapping[str, str], *, person: User, edition: Edition) -> None:
        super().__init__(data, person=person, table=roster_name(edition))
        self.edition = edition

    def judge(self, rows: list[Row]) -> list[Row]:
        return roster_tables.judge(rows, self.edition)

    def arguments(self, row: Row) -> dict[str, Any]:
        return roster_tables.arguments(row, self.edition)


def roster_name(edition: Edition) -> str:
    """What rows of the roster of an edition are signed as."""
    return f"roster-{edition.pk}"
