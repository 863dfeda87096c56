"""Drawing up a list: by rank, with equals put in order, and where it departs from the ranking."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from judging.departures import Cut, Departure, Line, Ranked, draw_up, equals_to_order
from judging.enums import DepartureKind
from tests.factories.judging import refused

OUT, EMPTY, MOVED, ADDED = (
    DepartureKind.OUT,
    DepartureKind.EMPTY,
    DepartureKind.MOVED,
    DepartureKind.ADDED,
)


def ranked(*ranks: int, groups: Sequence[str] = ()) -> list[Ranked]:
    """Entries 1, 2, 3, … with these ranks."""
    named = list(groups) or [""] * len(ranks)
    return [
        Ranked(number, f"2026-{number:04d}", rank, named[number - 1])
        for number, rank in enumerate(ranks, start=1)
    ]


def departure(entry: int, kind: DepartureKind, place: int | None = None, reason: str = "经核实") -> Departure:
    return Departure(entry, kind, reason, place)


def shown(lines: list[Line]) -> list[tuple[int, bool]]:
    assert [line.place for line in lines] == list(range(1, len(lines) + 1))
    return [(line.entry, line.advances) for line in lines]


def through(lines: list[Line]) -> list[int]:
    return [line.entry for line in lines if line.advances]


def test_without_departures_the_list_is_the_ranking():
    lines = draw_up(ranked(1, 2, 3, 4), Cut(2, {}))
    assert shown(lines) == [(1, True), (2, True), (3, False), (4, False)]
    assert not any(line.reason or line.is_chosen for line in lines)


@pytest.mark.parametrize(
    ("change", "order", "goes_on"),
    [
        (departure(1, OUT), [2, 3, 4, 1], [2, 3]),
        (departure(1, EMPTY), [1, 2, 3, 4], [2]),
        (departure(4, MOVED, 2), [1, 4, 2, 3], [1, 4]),
        (departure(1, MOVED, 3), [2, 3, 1, 4], [2, 3]),
        (departure(4, ADDED), [1, 2, 3, 4], [1, 2, 4]),
    ],
)
def test_each_kind_of_departure_does_what_it_says_and_nothing_else(change, order, goes_on):
    lines = draw_up(ranked(1, 2, 3, 4), Cut(2, {}), departures=[change])
    assert [line.entry for line in lines] == order
    assert through(lines) == goes_on
    assert {line.entry: line.reason for line in lines if line.reason} == {change.entry: "经核实"}


def test_several_departures_stand_together():
    changes = [departure(1, OUT), departure(2, OUT), departure(5, MOVED, 1)]
    lines = draw_up(ranked(1, 2, 3, 4, 5), Cut(2, {}), departures=changes)
    assert shown(lines) == [(5, True), (3, True), (4, False), (1, False), (2, False)]


def test_awards_go_with_the_places_and_an_empty_place_has_none():
    cut = Cut(3, {}, [(1, 1, "first"), (2, 3, "second")])
    moved = draw_up(ranked(1, 2, 3, 4), cut, departures=[departure(2, MOVED, 1)])
    assert [(line.entry, line.award) for line in moved] == [
        (2, "first"),
        (1, "second"),
        (3, "second"),
        (4, ""),
    ]
    empty = draw_up(ranked(1, 2, 3, 4), cut, departures=[departure(1, EMPTY)])
    assert [line.award for line in empty] == ["", "second", "second", ""]


def test_a_quota_is_filled_by_the_order_of_the_list():
    rows = ranked(1, 2, 3, 4, groups=["a", "a", "b", "b"])
    cut = Cut(2, {"b": 1})
    assert through(draw_up(rows, cut)) == [1, 3]
    assert through(draw_up(rows, cut, departures=[departure(3, OUT)])) == [1, 4]


# Equals


def test_equals_across_the_cut_need_an_order_and_a_reason():
    rows, cut = ranked(1, 2, 2), Cut(2, {})
    assert equals_to_order(rows, cut) == (2, 3)
    for given in ({}, {"reason": "组长票"}, {"preferred": [3], "reason": "组长票"}):
        with refused("tie_at_cut"):
            draw_up(rows, cut, **given)
    with refused("reason_missing"):
        draw_up(rows, cut, preferred=[3, 2])
    lines = draw_up(rows, cut, preferred=[3, 2], reason="组长票")
    assert shown(lines) == [(1, True), (3, True), (2, False)]
    assert [line.is_chosen for line in lines] == [False, True, True]


def test_a_departure_can_bring_equals_to_the_cut_and_away_from_it():
    rows = ranked(1, 2, 3, 3)
    assert equals_to_order(rows, Cut(2, {})) == ()
    out = [departure(1, OUT)]
    assert equals_to_order(rows, Cut(2, {}), out) == (3, 4)
    with refused("tie_at_cut"):
        draw_up(rows, Cut(2, {}), departures=out)
    lines = draw_up(rows, Cut(2, {}), departures=out, preferred=[4, 3], reason="组长票")
    assert shown(lines) == [(2, True), (4, True), (3, False), (1, False)]
    assert equals_to_order(ranked(1, 2, 2), Cut(2, {}), out) == ()


def test_equals_around_an_entry_moved_among_them_are_put_in_order():
    rows = ranked(1, 2, 2, 4)
    change = [departure(4, MOVED, 3)]
    assert equals_to_order(rows, Cut(4, {}), change) == (2, 3)
    lines = draw_up(rows, Cut(4, {}), departures=change, preferred=[3, 2], reason="组长票")
    assert [line.entry for line in lines] == [1, 3, 4, 2]


# Refusals


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([departure(9, OUT)], "departure_unknown"),
        ([departure(1, OUT, reason="  ")], "departure_reason_missing"),
        ([departure(1, OUT), departure(1, EMPTY)], "departure_twice"),
        ([departure(3, OUT)], "departure_idle"),
        ([departure(3, EMPTY)], "departure_idle"),
        ([departure(1, ADDED)], "departure_idle"),
        ([departure(2, MOVED, 2)], "departure_idle"),
        ([departure(2, MOVED)], "place_unknown"),
        ([departure(2, MOVED, 5)], "place_unknown"),
        ([departure(2, MOVED, 0)], "place_unknown"),
        ([departure(2, MOVED, 1), departure(3, MOVED, 1)], "place_twice"),
        ([departure(1, OUT), departure(2, MOVED, 4)], "place_twice"),
    ],
)
def test_a_departure_that_says_nothing_or_too_much_is_refused(changes, code):
    rows, cut = ranked(1, 2, 3, 4), Cut(2, {})
    assert through(draw_up(rows, cut, departures=[departure(2, OUT)])) == [1, 3]
    with refused(code):
        draw_up(rows, cut, departures=changes)


def test_a_place_among_ones_equals_is_no_departure():
    with refused("departure_idle"):
        draw_up(ranked(1, 2, 2, 4), Cut(3, {}), departures=[departure(2, MOVED, 3)])


def test_no_award_is_added_to_those_of_the_rules():
    cut = Cut(2, {}, [(1, 1, "first"), (2, 2, "second")])
    with refused("award_added"):
        draw_up(ranked(1, 2, 3), cut, departures=[departure(3, ADDED)])
