"""Which seat reads which entry: a flow of least cost, solved by HiGHS. Plain data in, plain data out.

Every entry gets its sheets from seats without a conflict. First the loads are even: no seat reads two
entries more than another, wherever conflicts leave room for that. Then as many sheets as possible are
read by somebody whose field it is, and every entry is read by both theory and practice where the panel
can; then what was given before stays. What is equal after all that is settled by a hash of the numbers, so
that the same input has one answer on every machine and experts meet in changing company.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array, vstack

#: What a sheet costs that is read outside the reader's fields, an entry read by one side alone, and a
#: sheet that changes hands; ties cost less than any of these.
OUT_OF_FIELD, ONE_SIDED, MOVED, TIES = 1000, 3000, 100, 10

#: The best answer, not one that is nearly as good.
EXACT = {"mip_rel_gap": 0}


class TooFewSeats(ValueError):
    """An entry has fewer seats free of conflicts than sheets it needs."""

    def __init__(self, entry: int, needed: int, free: int) -> None:
        super().__init__(entry)
        self.entry, self.needed, self.free = entry, needed, free


@dataclass(frozen=True)
class Paper:
    """An entry by its number: its field, the seats that must not read it, those that read it already and
    keep it, those that hold it without having begun, and how many sheets it needs besides the kept."""

    number: int
    sheets: int
    field: str = ""
    barred: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Reader:
    """A seat by its number, with what its expert knows and the sheets it has that stay with it."""

    number: int
    fields: frozenset[str] = frozenset()
    is_theorist: bool = True
    is_practitioner: bool = True
    load: int = 0


Given = dict[int, list[int]]


def assign(papers: Sequence[Paper], readers: Sequence[Reader]) -> Given:
    """Numbers of the seats that read each entry besides those that keep it, in order.

    Raises ``TooFewSeats`` for the first entry that cannot have its sheets; otherwise there is always an
    answer.
    """
    papers = sorted(papers, key=lambda paper: paper.number)
    readers = sorted(readers, key=lambda reader: reader.number)
    for paper in papers:
        free = sum(_may_read(paper, reader) for reader in readers)
        if free < paper.sheets:
            raise TooFewSeats(paper.number, paper.sheets, free)
    if not any(paper.sheets for paper in papers):
        return {paper.number: [] for paper in papers}
    return _Problem(papers, readers).solve()


def _may_read(paper: Paper, reader: Reader) -> bool:
    return reader.number not in paper.barred and reader.number not in paper.kept


def _tie(paper: int, reader: int) -> int:
    """A number below ``TIES`` that follows from the two numbers alone."""
    return hashlib.blake2b(f"{paper}/{reader}".encode(), digest_size=1).digest()[0] % TIES


@dataclass
class _Problem:
    """The arcs from entries to seats as columns; rows are what they must add up to."""

    papers: Sequence[Paper]
    readers: Sequence[Reader]
    by_number: Mapping[int, Reader] = field(init=False)

    def __post_init__(self) -> None:
        pairs = [
            (row, column)
            for row, paper in enumerate(self.papers)
            for column, reader in enumerate(self.readers)
            if _may_read(paper, reader)
        ]
        self.paper_of, self.reader_of = np.array(pairs).T
        self.by_number = {reader.number: reader for reader in self.readers}

    def solve(self) -> Given:
        """Even loads if there can be any, else the most even ones that conflicts allow."""
        total = sum(paper.sheets for paper in self.papers) + sum(reader.load for reader in self.readers)
        low, high = total // len(self.readers), -(-total // len(self.readers))
        loads = np.array([reader.load for reader in self.readers])
        found = self._best(low - loads, high - loads)
        if found.x is None:
            even = self._most_even()
            found = self._best(even, even)
        chosen = np.flatnonzero(found.x[: len(self.paper_of)] > 0.5)
        given: Given = {paper.number: [] for paper in self.papers}
        for arc in chosen:
            given[self.papers[self.paper_of[arc]].number].append(self.readers[self.reader_of[arc]].number)
        return {number: sorted(seats) for number, seats in given.items()}

    def _cost(self, row: int, column: int) -> int:
        paper, reader = self.papers[row], self.readers[column]
        cost = _tie(paper.number, reader.number)
        if paper.field and paper.field not in reader.fields:
            cost += OUT_OF_FIELD
        if paper.held and reader.number not in paper.held:
            cost += MOVED
        return cost

    def _best(self, low: np.ndarray, high: np.ndarray) -> OptimizeResult:
        """The cheapest way with so many sheets for every seat; without ``x`` if there is none."""
        arcs, count = len(self.paper_of), len(self.papers)
        costs = [self._cost(row, column) for row, column in zip(self.paper_of, self.reader_of, strict=True)]
        # Two more columns an entry: that theory, and that practice, reads it not at all.
        width = arcs + 2 * count
        rows = [self._sums(self.paper_of, count, width), self._sums(self.reader_of, len(self.readers), width)]
        needed = np.array([paper.sheets for paper in self.papers])
        lows, highs = [needed, low], [needed, high]
        for place, (is_other_side, reads_all) in enumerate(
            ((self._theory_alone, "is_practitioner"), (self._practice_alone, "is_theorist"))
        ):
            most = np.array([self._most(paper, reads_all) for paper in self.papers])
            rows.append(self._side(is_other_side, arcs + place * count, width))
            lows.append(np.full(count, -np.inf))
            highs.append(most)
        return milp(
            np.array(costs + [ONE_SIDED] * (2 * count), dtype=float),
            integrality=np.ones(width),
            bounds=Bounds(0, 1),
            options=EXACT,
            constraints=LinearConstraint(
                vstack(rows, format="csr"), np.concatenate(lows), np.concatenate(highs)
            ),
        )

    def _most(self, paper: Paper, knows: str) -> int:
        """How many readers of one side alone leave room for one of the other; a kept one may be that."""
        there = any(getattr(self.by_number[seat], knows) for seat in paper.kept if seat in self.by_number)
        return paper.sheets if there else max(paper.sheets - 1, 0)

    def _sums(self, rows: np.ndarray, count: int, width: int) -> coo_array:
        return coo_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(count, width))

    def _side(self, counts: Callable[[Reader], bool], first: int, width: int) -> coo_array:
        """Per entry its readers of one side alone, less the column that allows one more."""
        counted = np.array([counts(reader) for reader in self.readers])
        arcs = np.flatnonzero(counted[self.reader_of])
        places = np.arange(len(self.papers))
        values = np.concatenate([np.ones(len(arcs)), -np.ones(len(places))])
        rows = np.concatenate([self.paper_of[arcs], places])
        columns = np.concatenate([arcs, first + places])
        return coo_array((values, (rows, columns)), shape=(len(places), width))

    @staticmethod
    def _theory_alone(reader: Reader) -> bool:
        return not reader.is_practitioner

    @staticmethod
    def _practice_alone(reader: Reader) -> bool:
        return not reader.is_theorist

    def _most_even(self) -> np.ndarray:
        """How many sheets each seat takes when the squares of the loads add up to the least.

        Each further sheet of a seat is a step that costs more than the one before.
        """
        arcs = len(self.paper_of)
        steps = [
            (column, reader.load + step)
            for column, reader in enumerate(self.readers)
            for step in range(int((self.reader_of == column).sum()))
        ]
        width = arcs + len(steps)
        columns = np.array([column for column, _load in steps])
        taken = coo_array(
            (-np.ones(len(steps)), (columns, arcs + np.arange(len(steps)))), shape=(len(self.readers), width)
        )
        needed = np.array([paper.sheets for paper in self.papers])
        zero = np.zeros(len(self.readers))
        per_reader = self._sums(self.reader_of, len(self.readers), width) + taken
        found = milp(
            np.concatenate([np.zeros(arcs), [float(load) for _column, load in steps]]),
            integrality=np.ones(width),
            bounds=Bounds(0, 1),
            options=EXACT,
            constraints=LinearConstraint(
                vstack([self._sums(self.paper_of, len(self.papers), width), per_reader], format="csr"),
                np.concatenate([needed, zero]),
                np.concatenate([needed, zero]),
            ),
        )
        return np.bincount(columns, weights=found.x[arcs:].round(), minlength=len(self.readers))
