"""What looks odd in the sheets of a round. Sheets in, oddities out; nothing is read or written here.

An oddity is no fault: somebody looks into it before the tally is sealed. What is measured tells distances
and counts, never a score, as nobody at the desk sees one before the seal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations
from operator import attrgetter
from typing import Any, NamedTuple

from judging.enums import FlagKind
from kit.hashing import sha256_hex

#: Points between a total and the mean of its entry's sheets, beyond which it is looked into.
FAR = 15
#: From so many equal rows on, chance is no longer the best explanation.
IDENTICAL_ROWS = 3
#: Experts of one unit act as a block when their totals of an entry lie within the one number of points
#: and their mean farther than the other from the mean of the rest.
BLOC_WITHIN, BLOC_APART = 3, 10
#: So many sheets last worked on within so short a time were hardly read.
BURST_SHEETS, BURST_WITHIN = 5, timedelta(minutes=10)


class Scored(NamedTuple):
    """One submitted sheet.

    ``points`` stand in the order of the rulebook's criteria. ``unit`` is the same text for experts of one
    unit, empty where it is not known. ``worked_at``: when points were last written.
    """

    entry: int
    seat: int
    points: tuple[Decimal, ...]
    total: Decimal
    fingerprint: str
    unit: str = ""
    worked_at: datetime | None = None


@dataclass(frozen=True)
class Oddity:
    """What was found about some sheets."""

    kind: FlagKind
    sheets: tuple[Scored, ...]
    measured: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seats(self) -> list[int]:
        return sorted({sheet.seat for sheet in self.sheets})

    @property
    def entries(self) -> list[int]:
        return sorted({sheet.entry for sheet in self.sheets})

    @property
    def key(self) -> str:
        """The same for exactly the same sheets with the same points, whenever they are looked at."""
        sheets = "".join(sorted(sheet.fingerprint for sheet in self.sheets))
        return f"{self.kind}/{sha256_hex(sheets.encode())[:32]}"


def oddities(sheets: Sequence[Scored], full_points: Sequence[int]) -> list[Oddity]:
    """Everything odd in a round, each once, in a fixed order whatever the order of the sheets.

    ``full_points``: what each criterion is worth, in the order of the points.
    """
    ordered = sorted(sheets, key=attrgetter("entry", "seat"))
    entries = _by_entry(ordered)
    return [
        *_all_equal(ordered, full_points),
        *_outliers(entries),
        *_same_rows_of_a_seat(ordered),
        *_same_rows_of_two(entries),
        *_blocs(entries),
        *_bursts(ordered),
    ]


def _by_entry(sheets: Iterable[Scored]) -> dict[int, list[Scored]]:
    entries: dict[int, list[Scored]] = defaultdict(list)
    for sheet in sheets:
        entries[sheet.entry].append(sheet)
    return entries


def _all_equal(sheets: Iterable[Scored], full_points: Sequence[int]) -> Iterator[Oddity]:
    """Every criterion got the same share of what it is worth."""
    if len(full_points) < 2:
        return
    worth, *others = map(Decimal, full_points)
    for sheet in sheets:
        first, *rest = sheet.points
        for points, full in zip(rest, others, strict=True):
            if points * worth != first * full:
                break
        else:
            yield Oddity(FlagKind.ALL_EQUAL, (sheet,), {"criteria": len(full_points)})


def _outliers(entries: Mapping[int, list[Scored]]) -> Iterator[Oddity]:
    for sheets in entries.values():
        count, total = Decimal(len(sheets)), sum([sheet.total for sheet in sheets], Decimal(0))
        far = FAR * count
        for sheet in sheets:
            # Exact: the distance times the number of sheets.
            distance = sheet.total * count - total
            if abs(distance) > far:
                yield Oddity(FlagKind.OUTLIER, (sheet,), {"points": _points(distance / count)})


def _same_rows_of_a_seat(sheets: Iterable[Scored]) -> Iterator[Oddity]:
    """One expert gave several entries the very same points."""
    rows: dict[tuple[int, tuple[Decimal, ...]], list[Scored]] = defaultdict(list)
    for sheet in sheets:
        rows[sheet.seat, sheet.points].append(sheet)
    for same in rows.values():
        if len(same) >= IDENTICAL_ROWS:
            yield Oddity(FlagKind.IDENTICAL, tuple(same), {"entries": [sheet.entry for sheet in same]})


def _same_rows_of_two(entries: Mapping[int, list[Scored]]) -> Iterator[Oddity]:
    """Two experts gave several entries the very same points as each other."""
    shared: dict[tuple[int, int], list[Scored]] = defaultdict(list)
    for sheets in entries.values():
        if len({sheet.points for sheet in sheets}) == len(sheets):
            continue
        rows: dict[tuple[Decimal, ...], list[Scored]] = defaultdict(list)
        for sheet in sheets:
            rows[sheet.points].append(sheet)
        for same in rows.values():
            for one, other in combinations(same, 2):
                shared[one.seat, other.seat] += [one, other]
    for pair in sorted(shared):
        numbers = sorted({sheet.entry for sheet in shared[pair]})
        if len(numbers) >= IDENTICAL_ROWS:
            yield Oddity(FlagKind.IDENTICAL, tuple(shared[pair]), {"entries": numbers})


def _blocs(entries: Mapping[int, list[Scored]]) -> Iterator[Oddity]:
    """Experts of one unit agree with each other and with nobody else."""
    for sheets in entries.values():
        units: dict[str, list[Scored]] = defaultdict(list)
        for sheet in sheets:
            if sheet.unit:
                units[sheet.unit].append(sheet)
        for unit, members in units.items():
            rest = [sheet for sheet in sheets if sheet.unit != unit]
            if len(members) < 2 or not rest:
                continue
            totals = [sheet.total for sheet in members]
            apart = _mean(members) - _mean(rest)
            if max(totals) - min(totals) <= BLOC_WITHIN and abs(apart) > BLOC_APART:
                yield Oddity(FlagKind.UNIT_BLOC, tuple(members), {"unit": unit, "points": _points(apart)})


def _bursts(sheets: Iterable[Scored]) -> Iterator[Oddity]:
    """One expert finished many sheets within minutes; a longer row of them is told once."""
    seats: dict[int, list[tuple[datetime, Scored]]] = defaultdict(list)
    for sheet in sheets:
        if sheet.worked_at is not None:
            seats[sheet.seat].append((sheet.worked_at, sheet))
    for seat in sorted(seats):
        work = sorted(seats[seat], key=lambda item: item[0])
        first = 0
        while first < len(work):
            last = first
            while last + 1 < len(work) and work[last + 1][0] - work[first][0] <= BURST_WITHIN:
                last += 1
            if last - first + 1 < BURST_SHEETS:
                first += 1
                continue
            minutes = -((work[first][0] - work[last][0]) // timedelta(minutes=1))
            found = tuple(sheet for _at, sheet in work[first : last + 1])
            yield Oddity(FlagKind.BURST, found, {"sheets": len(found), "minutes": max(minutes, 1)})
            first = last + 1


def _mean(sheets: Sequence[Scored]) -> Decimal:
    return sum((sheet.total for sheet in sheets), Decimal(0)) / len(sheets)


def _points(distance: Decimal) -> str:
    """With its sign and one decimal, such as ``+16.4``."""
    return f"{distance:+.1f}"
