"""How strict and lenient experts are drawn; the figures stand in the table beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kit import charts

if TYPE_CHECKING:
    from judging.queries.heat import Column


def leniency_chart(columns: list[Column]) -> SafeString | str:
    """Bars to the left for the strict and to the right for the lenient; nothing where nobody can be
    compared."""
    items = [(column.seat.code, column.leniency) for column in columns if column.leniency is not None]
    if not items:
        return ""
    return charts.deviations(items, title=_("Points above or below the others, on average"), decimals=1)
