"""The second word on a table of experts: importing what was looked through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from judging import pool_tables
from judging.pool_tables import Row
from kit.forms import ActionForm

if TYPE_CHECKING:
    from accounts.models import User

#: A table that was looked through may be imported so long.
TABLE_AGE_S = 3600


def handed_out(rows: list[Row], person: User) -> str:
    """The rows as this person looked them through, signed; nothing of them is kept here."""
    found = [[row.number, row.data] for row in rows if not row.is_there]
    return signing.dumps(found, salt=_salt(person), compress=True)


def _salt(person: User) -> str:
    return f"judging.experts_import:{person.pk}"


class ImportTableForm(ActionForm):
    """Takes back what ``handed_out`` gave the same person. What was right then may have become wrong
    since, so all rows are judged again."""

    table = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str], *, person: User) -> None:
        super().__init__(data)
        self.person = person

    def clean_table(self) -> list[Row]:
        stale = forms.ValidationError(
            _("This page is too old. Please send the table in again."), code="table_stale"
        )
        try:
            found = signing.loads(self.cleaned_data["table"], salt=_salt(self.person), max_age=TABLE_AGE_S)
        except signing.BadSignature:
            raise stale from None
        rows = pool_tables.judge([Row(number, data) for number, data in found])
        if any(row.errors for row in rows):
            raise stale
        return rows

    def action_arguments(self) -> dict[str, Any]:
        rows = self.cleaned_data["table"]
        return {"rows": [pool_tables.arguments(row) for row in rows if not row.is_there]}
