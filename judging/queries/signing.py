"""An expert's own sheets side by side, and what was signed of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from judging.models import Assignment, PanelSeat, SheetScore, SignedSheets
from judging.queries.queue import Task, state_of, with_progress
from kit.hashing import fingerprint

if TYPE_CHECKING:
    from contest.rulebook import Criterion

Points = Mapping[str, Decimal | None]


def work_of(seat: PanelSeat) -> list[Assignment]:
    """What a seat still has to answer for in its round, in the order of the entries; one query."""
    rows = with_progress(
        Assignment.objects.current()
        .filter(seat=seat)
        .select_related("sheet", "seat", "entry", "entry__project")
        .order_by("entry__number")
    )
    found = list(rows)
    for row in found:
        row.entry.round = seat.round
    return found


def points_of(work: Iterable[Assignment]) -> dict[int, dict[str, Decimal | None]]:
    """Points by sheet and criterion; one query."""
    sheets = [row.sheet.pk for row in work if hasattr(row, "sheet")]
    found: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
    rows = SheetScore.objects.filter(sheet__in=sheets).values_list("sheet_id", "criterion", "points")
    for sheet, criterion, points in rows:
        found[sheet][criterion] = points
    return found


def seen_mark(work: Iterable[Assignment]) -> str:
    """What somebody has before the eyes: changes with every save of one of the sheets."""
    return fingerprint([[row.pk, row.sheet.version if hasattr(row, "sheet") else 0] for row in work])


@dataclass(frozen=True)
class Cell:
    """Points for one criterion with their share of the full ones, in tenths."""

    points: Decimal | None
    tenth: int


@dataclass(frozen=True)
class GridRow:
    """One own sheet."""

    task: Task
    cells: Sequence[Cell]
    total: Decimal | None

    @property
    def assignment(self) -> Assignment:
        return self.task.assignment


@dataclass(frozen=True)
class Spread:
    """How one expert's own points for one criterion lie, over the scored sheets."""

    lowest: Decimal | None
    mean: Decimal | None
    highest: Decimal | None


class Grid:
    """All own sheets of a round beside each other, to compare before signing. Two queries."""

    def __init__(self, seat: PanelSeat, *, by_total: bool = False) -> None:
        self.seat = seat
        self.criteria = seat.round.rules.criteria
        self.work = work_of(seat)
        points = points_of(self.work)
        rows = [self._row(row, points[row.sheet.pk] if hasattr(row, "sheet") else {}) for row in self.work]
        if by_total:
            rows.sort(key=lambda row: (row.total is None, -(row.total or 0), row.assignment.entry.number))
        self.rows = rows

    def _row(self, assignment: Assignment, points: Points) -> GridRow:
        given = [points.get(criterion.key) for criterion in self.criteria]
        cells = [
            Cell(value, _tenth(value, criterion))
            for value, criterion in zip(given, self.criteria, strict=True)
        ]
        total = None if None in given else sum((value for value in given if value is not None), Decimal(0))
        return GridRow(Task(assignment, state_of(assignment, assignment.scored)), cells, total)  # type: ignore[attr-defined]

    @property
    def seen(self) -> str:
        return seen_mark(self.work)

    @cached_property
    def missing(self) -> list[GridRow]:
        """Sheets that cannot be signed yet."""
        return [row for row in self.rows if row.task.state not in ("complete", "submitted")]

    @cached_property
    def unlocked(self) -> int:
        return sum(not row.task.is_locked for row in self.rows)

    @cached_property
    def spreads(self) -> list[Spread]:
        """For each criterion, and for the total last."""
        columns = [[row.cells[place].points for row in self.rows] for place in range(len(self.criteria))]
        return [_spread(column) for column in [*columns, [row.total for row in self.rows]]]


def _tenth(points: Decimal | None, criterion: Criterion) -> int:
    return 0 if points is None else int(points * 10 / criterion.points)


def _spread(column: Iterable[Decimal | None]) -> Spread:
    given = [value for value in column if value is not None]
    if not given:
        return Spread(None, None, None)
    mean = (sum(given, Decimal(0)) / len(given)).quantize(Decimal("0.1"))
    return Spread(min(given), mean, max(given))


def signings_of(seat: PanelSeat) -> list[SignedSheets]:
    """What a seat has signed, the latest first, with the paper."""
    return list(seat.signings.select_related("document__file").order_by("-pk"))
