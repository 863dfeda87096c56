"""What looks odd in the sheets of a round: each kind at its threshold, and nothing else."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from judging.enums import FlagKind
from judging.integrity import BURST_SHEETS, Oddity, Scored, oddities

FULL = (40, 30, 30)
MOMENT = datetime(2026, 6, 1, 9, tzinfo=UTC)


def sheet(entry: int, seat: int, *points: str, unit: str = "", at: datetime | None = None) -> Scored:
    """A sheet with these points; its fingerprint tells entry, seat and points."""
    given = tuple(Decimal(value) for value in points)
    return Scored(entry, seat, given, sum(given, Decimal(0)), f"{entry}/{seat}/{points}", unit, at)


def totalled(entry: int, seat: int, total: str, unit: str = "", at: datetime | None = None) -> Scored:
    """A sheet of that total, uneven enough and different from every other one."""
    rest = Decimal(total) - 20 - Decimal(seat)
    return sheet(entry, seat, str(rest), str(19 + seat - entry), str(1 + entry), unit=unit, at=at)


def found(*sheets: Scored) -> list[Oddity]:
    return oddities(sheets, FULL)


def kinds(*sheets: Scored) -> list[FlagKind]:
    return [odd.kind for odd in found(*sheets)]


def test_equal_shares_of_every_criterion_are_told():
    assert kinds(sheet(1, 1, "20", "15", "15")) == [FlagKind.ALL_EQUAL]
    assert kinds(sheet(1, 1, "40", "30", "30")) == [FlagKind.ALL_EQUAL]
    assert kinds(sheet(1, 1, "0", "0", "0")) == [FlagKind.ALL_EQUAL]
    assert kinds(sheet(1, 1, "20", "15", "15.5")) == []
    # The same number of points is not the same share.
    assert kinds(sheet(1, 1, "15", "15", "15")) == []


def test_a_single_criterion_is_never_all_equal():
    assert oddities([sheet(1, 1, "80")], (100,)) == []


@pytest.mark.parametrize(("low", "expected"), [("57.5", []), ("57", [FlagKind.OUTLIER])])
def test_a_total_is_far_beyond_fifteen_points_from_the_mean(low, expected):
    # The mean of four sheets is 72.5 with the lower one at 57.5: exactly fifteen away.
    others = [totalled(1, 1, "77.5"), totalled(1, 2, "77.5"), totalled(1, 3, "77.5")]
    assert kinds(*others, totalled(1, 4, low)) == expected


def test_an_outlier_tells_its_distance_with_its_side_and_no_score():
    (odd,) = found(totalled(1, 1, "80"), totalled(1, 2, "80"), totalled(1, 3, "80"), totalled(1, 4, "56"))
    assert (odd.seats, odd.entries, dict(odd.measured)) == ([4], [1], {"points": "-18.0"})


def test_one_lone_sheet_is_not_far_from_itself():
    assert kinds(totalled(1, 1, "99")) == []


def test_three_entries_with_the_same_points_of_one_expert_are_told_once():
    same = [sheet(entry, 1, "30", "20", "25") for entry in (1, 2, 3)]
    assert kinds(*same[:2]) == []
    (odd,) = found(*same)
    assert (odd.kind, odd.seats, odd.measured["entries"]) == (FlagKind.IDENTICAL, [1], [1, 2, 3])


def test_two_experts_with_the_same_points_on_three_entries_are_told():
    pairs = [sheet(entry, seat, str(30 + entry), "20", "25") for entry in (1, 2, 3) for seat in (1, 2)]
    assert kinds(*pairs[:4]) == []
    (odd,) = found(*pairs)
    assert (odd.kind, odd.seats, odd.measured["entries"]) == (FlagKind.IDENTICAL, [1, 2], [1, 2, 3])


def test_experts_of_one_unit_who_stand_apart_together_are_told():
    rest = [totalled(1, 1, "75"), totalled(1, 2, "74"), totalled(1, 3, "76")]
    bloc = [totalled(1, 4, "88", unit="示范大学"), totalled(1, 5, "86", unit="示范大学")]
    (odd,) = found(*rest, *bloc)
    assert (odd.kind, odd.seats, odd.entries) == (FlagKind.UNIT_BLOC, [4, 5], [1])
    assert dict(odd.measured) == {"unit": "示范大学", "points": "+12.0"}


@pytest.mark.parametrize(
    ("one", "other", "units"),
    [
        ("88", "84.5", ("示范大学", "示范大学")),  # they do not agree with each other
        ("85", "85", ("示范大学", "示范大学")),  # not more than ten points from the rest
        ("88", "86", ("示范大学", "演练大学")),  # not of one unit
        ("88", "86", ("", "")),  # of units nobody knows
    ],
)
def test_others_are_no_bloc(one, other, units):
    rest = [totalled(1, 1, "75"), totalled(1, 2, "74"), totalled(1, 3, "76")]
    assert kinds(*rest, totalled(1, 4, one, units[0]), totalled(1, 5, other, units[1])) == []


def test_a_unit_that_is_the_whole_panel_is_no_bloc():
    assert kinds(*(totalled(1, seat, "80", unit="示范大学") for seat in (1, 2, 3))) == []


def worked(minutes: list[float], seat: int = 1) -> list[Scored]:
    return [
        totalled(entry, seat, str(70 + entry), at=MOMENT + timedelta(minutes=minute))
        for entry, minute in enumerate(minutes, start=1)
    ]


def test_many_sheets_within_minutes_are_told_once():
    (odd,) = found(*worked([0, 2, 4, 6, 10, 60, 120]))
    assert (odd.kind, odd.seats, odd.entries) == (FlagKind.BURST, [1], [1, 2, 3, 4, 5])
    assert dict(odd.measured) == {"sheets": 5, "minutes": 10}


def test_a_burst_in_the_middle_is_found_and_slow_work_is_not():
    assert kinds(*worked([0, 100, 102, 104, 106, 108, 400])) == [FlagKind.BURST]
    assert kinds(*worked([0, 2, 4, 6, 10.1])) == []
    assert kinds(*worked([0] * (BURST_SHEETS - 1))) == []


def test_a_burst_is_one_expert_s_alone():
    assert kinds(*worked([0, 1, 2]), *worked([0, 1, 2], seat=2)) == []


def test_the_order_of_the_sheets_changes_nothing():
    sheets = [
        *worked([0, 2, 4, 6, 8]),
        *(sheet(entry, 2, "30", "20", "25") for entry in (1, 2, 3)),
        sheet(4, 3, "20", "15", "15"),
        totalled(4, 4, "99", unit="甲"),
        totalled(4, 5, "98", unit="甲"),
    ]
    expected = [odd.key for odd in found(*sheets)]
    assert len(expected) == len(set(expected)) >= 4
    shuffled = random.Random(1)
    for _turn in range(5):
        shuffled.shuffle(sheets)
        assert [odd.key for odd in found(*sheets)] == expected


def test_the_key_follows_the_points_of_the_sheet():
    (one,) = found(sheet(1, 1, "20", "15", "15"))
    (again,) = found(sheet(1, 1, "20", "15", "15"))
    (corrected,) = found(sheet(1, 1, "40", "30", "30"))
    assert one.key == again.key != corrected.key
    assert len(one.key) <= 120
