"""Experts × entries: how far totals lie apart, and who is strict or lenient.

Nothing here asks who may see it: the pages do (``judging.view_scores``, ``judging.chair_panel``).
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Avg, F, Max, Min, Q, QuerySet

from judging.enums import AssignmentStatus, SheetStatus
from judging.models import Assignment, PanelSeat, Round, RoundEntry

#: Shades from the lowest to the highest total of the round.
SHADES = 7

COUNTS = Q(assignments__status=AssignmentStatus.CLEAR, assignments__sheet__status=SheetStatus.SUBMITTED)


def entries_by_scores(round: Round) -> QuerySet[RoundEntry]:
    """The running entries with ``mean_total`` and ``spread`` of their sheets, to be ordered by."""
    total = "assignments__sheet__total"
    return (
        round.entries.running()
        .for_list()
        .annotate(
            mean_total=Avg(total, filter=COUNTS),
            highest=Max(total, filter=COUNTS),
            lowest=Min(total, filter=COUNTS),
        )
        .annotate(spread=F("highest") - F("lowest"))
    )


@dataclass(frozen=True)
class Cell:
    """One expert and one entry: a total, a sheet that is owed, or nothing to do with each other."""

    total: Decimal | None = None
    is_owed: bool = False
    shade: int = 0
    #: Distance from the mean of the entry's other sheets.
    apart: Decimal | None = None


@dataclass(frozen=True)
class Row:
    entry: RoundEntry
    cells: list[Cell]
    mean: Decimal | None
    spread: Decimal | None
    #: Standard deviation of the totals.
    deviation: Decimal | None


@dataclass(frozen=True)
class Column:
    """One expert over the whole round."""

    seat: PanelSeat
    count: int
    mean: Decimal | None
    #: How far above (or below) the mean of the others the expert scores, on average.
    leniency: Decimal | None
    #: How far from the mean of the others, either way, on average.
    disagreement: Decimal | None


@dataclass(frozen=True)
class HeatMap:
    columns: list[Column]
    rows: list[Row] = field(default_factory=list)


def heat_map(round: Round, entries: Sequence[RoundEntry]) -> HeatMap:
    """Every expert of the round over all its sheets, and the rows of ``entries``; two queries."""
    totals, owed = _sheets(round)
    apart = _apart(totals)
    seats = list(PanelSeat.objects.filter(round=round).for_list())
    low, high = _range(totals)
    columns = [_column(seat, totals, apart) for seat in seats]
    # Who left before scoring anything has no column.
    shown = [column for column in columns if column.count or column.seat.ended_at is None]
    rows = []
    for entry in entries:
        own = totals.get(entry.pk, {})
        cells = [
            Cell(
                total=own.get(column.seat.pk),
                is_owed=(entry.pk, column.seat.pk) in owed,
                shade=_shade(own.get(column.seat.pk), low, high),
                apart=apart.get((entry.pk, column.seat.pk)),
            )
            for column in shown
        ]
        rows.append(_row(entry, cells, list(own.values())))
    return HeatMap(shown, rows)


#: Totals by entry and seat.
Totals = dict[int, dict[int, Decimal]]
Apart = dict[tuple[int, int], Decimal]


def _sheets(round: Round) -> tuple[Totals, set[tuple[int, int]]]:
    totals: Totals = defaultdict(dict)
    owed = set()
    found = Assignment.objects.current().filter(entry__round=round).order_by()
    for entry, seat, status, total in found.values_list("entry", "seat", "sheet__status", "sheet__total"):
        if status == SheetStatus.SUBMITTED and total is not None:
            totals[entry][seat] = total
        else:
            owed.add((entry, seat))
    return totals, owed


def _apart(totals: Totals) -> Apart:
    """Each sheet's distance from the mean of the entry's other sheets; a lone sheet has none."""
    apart = {}
    for entry, own in totals.items():
        whole, others = sum(own.values(), Decimal(0)), len(own) - 1
        if others:
            for seat, total in own.items():
                apart[entry, seat] = total - (whole - total) / others
    return apart


def _range(totals: Totals) -> tuple[Decimal, Decimal]:
    every = [total for own in totals.values() for total in own.values()]
    return min(every, default=Decimal(0)), max(every, default=Decimal(0))


def _shade(total: Decimal | None, low: Decimal, high: Decimal) -> int:
    """From 1 for the lowest total of the round to ``SHADES`` for the highest; 0 for none."""
    if total is None:
        return 0
    if high == low:
        return (SHADES + 1) // 2
    return min(int((total - low) / (high - low) * SHADES) + 1, SHADES)


def _column(seat: PanelSeat, totals: Totals, apart: Apart) -> Column:
    own = [by_seat[seat.pk] for by_seat in totals.values() if seat.pk in by_seat]
    distances = [apart[entry, seat.pk] for entry in totals if (entry, seat.pk) in apart]
    return Column(
        seat=seat,
        count=len(own),
        mean=_mean(own),
        leniency=_mean(distances),
        disagreement=_mean([abs(distance) for distance in distances]),
    )


def _row(entry: RoundEntry, cells: list[Cell], own: list[Decimal]) -> Row:
    return Row(
        entry=entry,
        cells=cells,
        mean=_mean(own),
        spread=max(own) - min(own) if len(own) > 1 else None,
        deviation=_rounded(statistics.stdev(own)) if len(own) > 1 else None,
    )


def _mean(values: list[Decimal]) -> Decimal | None:
    return _rounded(sum(values, Decimal(0)) / len(values)) if values else None


def _rounded(value: Decimal) -> Decimal:
    """To a tenth of a point, as totals are."""
    return value.quantize(Decimal("0.1"))
