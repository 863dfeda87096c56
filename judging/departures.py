"""Drawing up a list from ranks: by the rule, and where a list departs from it, knowingly.

Plain data in and out. A departure names one entry, says what becomes of it and why; everything it
does not name still follows the ranks and the rule of who goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from judging.advancing import advancing, award_at, shared_award
from judging.enums import DepartureKind
from kit.errors import RuleBroken, refuse_unless


@dataclass(frozen=True)
class Ranked:
    """A ranked entry by its id; ``code`` is how a refusal names it, ``group`` whose quota it counts under."""

    entry: int
    code: str
    rank: int
    group: str = ""


@dataclass(frozen=True)
class Cut:
    """Who goes on by the sealed rule, and which award a place earns (none but in a final)."""

    places: int
    quotas: Mapping[str, int]
    bounds: Sequence[tuple[int, int, str]] = ()


@dataclass(frozen=True)
class Departure:
    """What becomes of one entry other than the rule says. ``place``: for one that is moved."""

    entry: int
    kind: DepartureKind
    reason: str
    place: int | None = None


@dataclass(frozen=True)
class Line:
    """One line of a list. ``is_chosen``: the place among equals was decided."""

    entry: int
    place: int
    advances: bool
    award: str
    is_chosen: bool = False
    reason: str = ""


#: Departures after which the entry does not go on.
ENDING = (DepartureKind.EMPTY, DepartureKind.OUT)


def draw_up(
    rows: Sequence[Ranked],
    cut: Cut,
    *,
    preferred: Sequence[int] = (),
    reason: str = "",
    departures: Sequence[Departure] = (),
) -> list[Line]:
    """The list. ``rows`` come by rank. Raises ``RuleBroken`` rather than guess.

    ``tie_at_cut``: equals stand across a boundary and ``preferred`` does not order them;
    ``reason_missing``; and what ``_moves`` refuses of departures.
    """
    moves = _moves(rows, cut, departures)
    order = _in_order(rows, moves)
    chosen = _open_ranks(order, moves, cut)
    for rank in chosen:
        order = _chosen_order(order, moves, rank, preferred, reason)
    through = _through(order, cut)
    told = {departure.entry: departure for departure in departures}
    lines = []
    for place, (row, goes_on) in enumerate(zip(order, through, strict=True), start=1):
        departure = told.get(row.entry)
        advances = goes_on if departure is None else _outcome(departure.kind, goes_on)
        lines.append(
            Line(
                entry=row.entry,
                place=place,
                advances=advances,
                award=award_at(place, cut.bounds) if advances else "",
                is_chosen=row.rank in chosen and row.entry not in moves,
                reason=departure.reason.strip() if departure else "",
            )
        )
    return lines


def equals_to_order(
    rows: Sequence[Ranked], cut: Cut, departures: Sequence[Departure] = ()
) -> tuple[int, ...]:
    """Entries whose order among equals decides something, once the departures are made."""
    moves = _moves(rows, cut, departures)
    order = _in_order(rows, moves)
    chosen = _open_ranks(order, moves, cut)
    return tuple(row.entry for row in rows if row.rank in chosen and row.entry not in moves)


def _outcome(kind: DepartureKind, by_place: bool) -> bool:
    if kind in ENDING:
        return False
    return True if kind == DepartureKind.ADDED else by_place


def _moves(rows: Sequence[Ranked], cut: Cut, departures: Sequence[Departure]) -> dict[int, int]:
    """The place of every entry that is moved. Refuses a departure without reason or effect, a second
    one of the same entry, a place that is taken or does not exist, and an additional award."""
    by_rule = dict(zip((row.entry for row in rows), _by_rule(rows, cut), strict=True))
    ranked = {row.entry: row for row in rows}
    sharing = Counter(row.rank for row in rows)
    moves: dict[int, int] = {}
    last = len(rows) - sum(departure.kind == DepartureKind.OUT for departure in departures)
    for departure in departures:
        row = ranked.get(departure.entry)
        if row is None:
            raise RuleBroken("departure_unknown", _("This project is not ranked in this round."))
        _refuse_twice(departures, row)
        refuse_unless(
            departure.reason.strip(),
            "departure_reason_missing",
            _("%(project)s departs from the ranking: say why."),
            project=row.code,
        )
        goes_on = by_rule[row.entry]
        if departure.kind == DepartureKind.MOVED:
            moves[row.entry] = _new_place(departure, row, sharing[row.rank], len(rows))
        elif departure.kind == DepartureKind.ADDED:
            _refuse_idle(goes_on is not True, row)
            refuse_unless(
                not cut.bounds,
                "award_added",
                _("The rules have no more awards: move the project to a place."),
            )
        else:
            _refuse_idle(goes_on is not False, row)
            if departure.kind == DepartureKind.OUT:
                last += 1
                moves[row.entry] = last
    refuse_unless(
        len(set(moves.values())) == len(moves), "place_twice", _("Two departures claim the same place.")
    )
    return moves


def _refuse_twice(departures: Sequence[Departure], row: Ranked) -> None:
    refuse_unless(
        sum(other.entry == row.entry for other in departures) == 1,
        "departure_twice",
        _("%(project)s stands in two departures."),
        project=row.code,
    )


def _refuse_idle(has_effect: bool, row: Ranked) -> None:
    refuse_unless(
        has_effect,
        "departure_idle",
        _("The rules already say this of %(project)s: it is no departure."),
        project=row.code,
    )


def _new_place(departure: Departure, row: Ranked, sharing: int, places: int) -> int:
    place = departure.place
    if place is None or not 1 <= place <= places:
        raise RuleBroken("place_unknown", _("Give a place from 1 to %(places)s."), places=places)
    _refuse_idle(not row.rank <= place < row.rank + sharing, row)
    return place


def _in_order(rows: Sequence[Ranked], moves: Mapping[int, int]) -> list[Ranked]:
    at = {moves[row.entry]: row for row in rows if row.entry in moves}
    rest = iter([row for row in rows if row.entry not in moves])
    return [at.get(place) or next(rest) for place in range(1, len(rows) + 1)]


def _by_rule(rows: Sequence[Ranked], cut: Cut) -> list[bool | None]:
    return advancing([(row.rank, row.group) for row in rows], cut.places, cut.quotas)


def _through(order: Sequence[Ranked], cut: Cut) -> list[bool]:
    """Who goes on once every place is settled: nothing hangs on an order any more."""
    ranking = [(place, row.group) for place, row in enumerate(order, start=1)]
    return [goes_on is True for goes_on in advancing(ranking, cut.places, cut.quotas)]


def _open_ranks(order: Sequence[Ranked], moves: Mapping[int, int], cut: Cut) -> list[int]:
    """Ranks whose equals stand across the cut, across two awards, or around an entry moved among them."""
    runs = [
        list(run)
        for _key, run in groupby(order, key=lambda row: (row.entry if row.entry in moves else 0, row.rank))
    ]
    ranking, spans, place = [], [], 1
    for run in runs:
        spans.append((run, place, place + len(run) - 1))
        ranking += [(place, row.group) for row in run]
        place += len(run)
    through = advancing(ranking, cut.places, cut.quotas)
    pieces = Counter(run[0].rank for run in runs if run[0].entry not in moves)
    found = {rank for rank, number in pieces.items() if number > 1}
    for run, first, last in spans:
        if run[0].entry in moves:
            continue
        hangs = any(goes_on is None for goes_on in through[first - 1 : last])
        if hangs or shared_award(first, last, cut.bounds) is None:
            found.add(run[0].rank)
    return sorted(found)


def _chosen_order(
    order: Sequence[Ranked], moves: Mapping[int, int], rank: int, preferred: Sequence[int], reason: str
) -> list[Ranked]:
    """The order with the equals of one rank as they were chosen, on the places they hold together."""
    equals = [row for row in order if row.rank == rank and row.entry not in moves]
    if not all(row.entry in preferred for row in equals):
        raise RuleBroken(
            "tie_at_cut",
            _("The rules leave these equal across a boundary; choose their order and say why: %(projects)s"),
            field="preferred",
            projects="、".join(row.code for row in equals),
        )
    refuse_unless(
        reason.strip(), "reason_missing", _("Say why you chose this order among equals."), field="reason"
    )
    by_choice = iter(sorted(equals, key=lambda row: preferred.index(row.entry)))
    return [next(by_choice) if row in equals else row for row in order]
