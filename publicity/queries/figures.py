"""Figures of the past with their sources, and how they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import District
from contest.models import Edition
from projects.enums import Origin
from publicity.enums import StatisticKey
from publicity.models import Statistic

HEADLINES = (StatisticKey.ENTRIES, StatisticKey.WINNERS, StatisticKey.LEVERAGED)


@dataclass(frozen=True)
class Figure:
    """One large figure: as printed, what it counts, and where it is from."""

    value: str
    label: str
    source: str = ""
    as_of: date | None = None


def headline_figures() -> list[Figure]:
    """The widest figure of each headline key and the number of districts; two queries.

    Nothing is added up: a figure is shown as somebody published it, with its source.
    """
    widest: dict[str, Statistic] = {}
    for row in Statistic.objects.filter(key__in=HEADLINES):
        known = widest.get(row.key)
        if known is None or row.years > known.years:
            widest[row.key] = row
    figures = [_figure(widest[key]) for key in HEADLINES if key in widest]
    if figures and (districts := District.objects.count()):
        figures.append(Figure(str(districts), _("counties and districts, all taking part")))
    return figures


def _figure(row: Statistic) -> Figure:
    label = _("%(figure)s, %(first)s–%(last)s") % {
        "figure": row.get_key_display(),
        "first": row.first_year,
        "last": row.last_year,
    }
    return Figure(shown(row), label, row.source, row.as_of)


def shown(row: Statistic) -> str:
    """As it was printed; made from the value where nobody entered that (in Chinese 4,000 余万)."""
    if row.label:
        return row.label
    if row.key == StatisticKey.LEVERAGED:
        unit = int(pgettext("size of the unit for large sums", "1000000"))
        amount = f"{row.value / unit:,.1f}".removesuffix(".0")
        text = _("over %(amount)s million") if row.is_lower_bound else _("%(amount)s million")
        return text % {"amount": amount}
    return f"{row.value:,}+" if row.is_lower_bound else f"{row.value:,}"


#: Figures the portal counts itself, once the projects of a year are there.
COUNTED = (StatisticKey.ENTRIES, StatisticKey.WINNERS)


def history_rows() -> list[Statistic]:
    """The figures of the past by years, with ``shown`` set on each; two queries.

    Where the projects of every year of a figure have been imported, they are counted instead.
    """
    years = set(Edition.objects.filter(projects__origin=Origin.HISTORY).values_list("year", flat=True))
    rows: list[Any] = [
        row
        for row in Statistic.objects.order_by("-last_year", "first_year", "key")
        if row.key not in COUNTED or not years.issuperset(range(row.first_year, row.last_year + 1))
    ]
    for row in rows:
        row.shown = shown(row)
    return rows
