"""Sharing out: even, without conflicts, every entry its sheets, the same answer each time."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging.assigning import Given, Paper, Reader, TooFewSeats, assign

FIELDS = ("community_autonomy", "livelihood", "stability")


@st.composite
def rounds(draw) -> tuple[list[Paper], list[Reader]]:
    """Papers and readers with conflicts and begun work, where each paper can have its sheets."""
    seats = draw(st.integers(2, 9))
    sheets = draw(st.integers(1, min(seats, 5)))
    readers = [
        Reader(
            number,
            frozenset(draw(st.sets(st.sampled_from(FIELDS)))),
            *draw(st.sampled_from([(True, False), (False, True), (True, True)])),
        )
        for number in range(1, seats + 1)
    ]
    papers = []
    for number in range(1, draw(st.integers(1, 15)) + 1):
        barred = draw(st.sets(st.integers(1, seats), max_size=seats - sheets))
        papers.append(Paper(number, sheets, draw(st.sampled_from(FIELDS)), frozenset(barred)))
    return papers, readers


def loads(answer: Given, readers: list[Reader]) -> list[int]:
    count = Counter(seat for chosen in answer.values() for seat in chosen)
    return [count[reader.number] + reader.load for reader in readers]


@settings(max_examples=60, deadline=None)
@given(rounds())
def test_every_entry_has_its_sheets_and_never_a_barred_reader(found):
    papers, readers = found
    answer = assign(papers, readers)
    assert sorted(answer) == [paper.number for paper in papers]
    for paper in papers:
        chosen = answer[paper.number]
        assert len(chosen) == len(set(chosen)) == paper.sheets
        assert not set(chosen) & paper.barred
    assert answer == assign(papers[::-1], readers[::-1])


@settings(max_examples=60, deadline=None)
@given(rounds())
def test_loads_are_as_even_as_conflicts_allow(found):
    """No sheet could go to a seat that has two sheets less, nor over any chain of seats."""
    papers, readers = found
    answer = assign(papers, readers)
    load = dict(zip([reader.number for reader in readers], loads(answer, readers), strict=True))
    could = {
        seat: {
            other
            for paper in papers
            if seat in answer[paper.number]
            for other in load
            if other not in paper.barred and other not in answer[paper.number]
        }
        for seat in load
    }
    for seat in load:
        reached, waiting = {seat}, [seat]
        while waiting:
            for other in could[waiting.pop()] - reached:
                reached.add(other)
                waiting.append(other)
        assert load[seat] - min(load[other] for other in reached) <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.integers(1, 9), st.data())
def test_without_conflicts_loads_differ_by_one_at_most(entries, seats, data):
    sheets = data.draw(st.integers(1, seats))
    papers = [Paper(number, sheets, FIELDS[number % 3]) for number in range(1, entries + 1)]
    readers = [Reader(number, frozenset(FIELDS[:1])) for number in range(1, seats + 1)]
    found = loads(assign(papers, readers), readers)
    assert max(found) - min(found) <= 1
    assert sum(found) == entries * sheets


def test_fields_are_matched_where_loads_allow():
    papers = [Paper(number, 2, FIELDS[number % 2]) for number in range(1, 9)]
    readers = [Reader(number, frozenset({FIELDS[number % 2]})) for number in range(1, 5)]
    answer = assign(papers, readers)
    assert all(seat % 2 == number % 2 for number, chosen in answer.items() for seat in chosen)


def test_theory_and_practice_both_read_every_entry():
    papers = [Paper(number, 2) for number in range(1, 7)]
    readers = [Reader(number, is_theorist=number <= 2, is_practitioner=number > 2) for number in range(1, 5)]
    answer = assign(papers, readers)
    assert all(min(chosen) <= 2 < max(chosen) for chosen in answer.values())


def test_one_side_alone_reads_where_the_other_may_not():
    readers = [
        Reader(1, is_practitioner=False),
        Reader(2, is_practitioner=False),
        Reader(3, is_theorist=False),
    ]
    answer = assign([Paper(1, 2, barred=frozenset({3})), Paper(2, 2)], readers)
    assert answer[1] == [1, 2]
    assert 3 in answer[2]


def test_what_is_begun_counts_and_what_is_held_stays():
    readers = [Reader(1, load=2), Reader(2), Reader(3)]
    papers = [
        Paper(1, 1, kept=frozenset({1}), held=frozenset({3})),
        Paper(2, 1, kept=frozenset({1}), held=frozenset({2})),
        Paper(3, 2, held=frozenset({2, 3})),
    ]
    assert assign(papers, readers) == {1: [3], 2: [2], 3: [2, 3]}


def test_the_entry_that_cannot_be_served_is_named():
    readers = [Reader(number) for number in (11, 12, 13)]
    assert assign([Paper(1, 3)], readers) == {1: [11, 12, 13]}
    with pytest.raises(TooFewSeats) as refusal:
        assign([Paper(1, 3), Paper(2, 3, barred=frozenset({13}))], readers)
    assert (refusal.value.entry, refusal.value.needed, refusal.value.free) == (2, 3, 2)


def test_nothing_to_share_out_is_no_trouble():
    assert assign([Paper(1, 0, kept=frozenset({1}))], [Reader(1, load=1)]) == {1: []}
