"""The arithmetic of a round against golden cases; ``test_tally_plainly`` has the made-up ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from contest.rulebook import AwardClass, Criterion, PublicVote, RoundRules
from judging.normalising import half_up
from judging.snapshots import snapshot
from judging.tally import (
    HELD_BALLOTS,
    HELD_SHEETS,
    EntryIn,
    SheetIn,
    TallyIn,
    TallyRefused,
    compute,
)
from kit.hashing import fingerprint

CRITERIA = (
    Criterion(key="innovation", name="创新性", points=60),
    Criterion(key="rest", name="其他", points=40),
)


def make_rules(**changes) -> RoundRules:
    fields = {
        "criteria": CRITERIA,
        "sheets_per_entry": 5,
        "quorum_sheets": 1,
        "drop_extremes_from": 5,
        "advance": 3,
    }
    return RoundRules(**(fields | changes))


def sheet(seat: int, total: str, innovation: str | None = None) -> SheetIn:
    first = Decimal(innovation) if innovation else min(Decimal(total), Decimal(60))
    return SheetIn(f"专家{seat:02d}", {"innovation": first, "rest": Decimal(total) - first})


def entry(number: int, totals: list[str], **fields) -> EntryIn:
    sheets = tuple(sheet(seat, total) for seat, total in enumerate(totals, start=1))
    return EntryIn(number, f"2026-{number:04d}", f"Project {number}", sheets, **fields)


def lines(entries: list[EntryIn], rules: RoundRules | None = None, **fields) -> dict[int, object]:
    found = compute(TallyIn(rules or make_rules(), tuple(entries), **fields))
    return {line.entry.number: line for line in found}


# Means


def test_five_sheets_drop_the_highest_and_the_lowest():
    line = lines([entry(1, ["90", "60", "80", "81.5", "70"])])[1]
    assert line.score == Decimal("77.17")  # (80 + 81.5 + 70) / 3 = 77.1666…
    assert (line.expert.dropped_low.seat, line.expert.dropped_high.seat) == ("专家02", "专家01")
    assert not line.expert.is_plain_below_minimum


def test_four_sheets_give_the_plain_mean_and_say_so():
    line = lines([entry(1, ["90", "60", "80", "70"])])[1]
    assert line.score == Decimal("75.00")
    assert line.expert.is_plain_below_minimum


def test_four_sheets_are_refused_when_the_rulebook_says_so():
    rules = make_rules(below_drop="refuse")
    assert lines([entry(1, ["90", "60", "80", "70", "70"])], rules)[1].score == Decimal("73.33")
    with pytest.raises(TallyRefused) as refusal:
        lines([entry(1, ["90", "60", "80", "70"])], rules)
    assert (refusal.value.code, refusal.value.entry) == ("too_few_to_drop", 1)


def test_a_rulebook_that_never_drops_announces_nothing():
    line = lines([entry(1, ["90", "60", "80", "70", "70"])], make_rules(drop_extremes_from=None))[1]
    assert line.score == Decimal("74.00")
    assert not line.expert.is_plain_below_minimum


def test_only_one_of_several_equal_extremes_is_dropped():
    line = lines([entry(1, ["90", "90", "60", "60", "75"])])[1]
    assert line.score == Decimal("75.00")  # 90, 60 and 75 stay
    assert len(line.expert.kept) == 3
    # Of equals that of the lower seat goes, whatever order they come in.
    turned = lines([replace(line.entry, sheets=line.entry.sheets[::-1])])[1]
    for found in (line, turned):
        assert (found.expert.dropped_low.seat, found.expert.dropped_high.seat) == ("专家03", "专家01")


def test_five_equal_sheets_drop_two_different_ones():
    line = lines([entry(1, ["70", "70", "70", "70", "70"])])[1]
    assert line.score == Decimal("70.00")
    assert line.expert.dropped_low is not line.expert.dropped_high
    assert len(line.expert.kept) == 3


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (Fraction(1, 200), 2, "0.01"),  # exactly .005 goes up
        (Fraction(49, 10000), 2, "0.00"),
        (Fraction("77.125"), 2, "77.13"),
        (Fraction("77.135"), 2, "77.14"),
        (Fraction(2, 3), 0, "1"),
        (Fraction(100), 2, "100.00"),
    ],
)
def test_half_up(value, places, rounded):
    assert half_up(value, places) == Decimal(rounded)


def test_the_final_is_rounded_once_at_the_end():
    """Expert mean 77.1666…, public 83.3333…: the rounded parts would give 78.41 (78.402 → 78.40)."""
    entries = [entry(1, ["90", "60", "80", "81.5", "70"], ballots=(83, 83, 84))]
    line = lines(entries, vote=PublicVote(), checked_in=3)[1]
    assert (line.expert_score, line.public_score) == (Decimal("77.17"), Decimal("83.33"))
    exact = (Fraction(463, 6) * 80 + Fraction(250, 3) * 20) / 100
    assert line.score == half_up(exact, 2) == Decimal("78.40")


def test_two_sheets_of_one_seat_are_never_both_counted():
    assert lines([EntryIn(1, "2026-0001", "x", (sheet(1, "80"), sheet(2, "80")))])[1].score == Decimal(80)
    with pytest.raises(TallyRefused) as refusal:
        lines([EntryIn(1, "2026-0001", "x", (sheet(1, "80"), sheet(1, "80")))])
    assert refusal.value.code == "seat_twice"


@pytest.mark.parametrize(
    "points", [{"innovation": Decimal(5)}, {}, {"innovation": Decimal(5), "x": Decimal(1)}]
)
def test_a_sheet_without_every_criterion_is_not_counted(points):
    with pytest.raises(TallyRefused) as refusal:
        lines([EntryIn(1, "2026-0001", "x", (sheet(1, "80"), SheetIn("专家02", points)))])
    assert (refusal.value.code, refusal.value.entry) == ("sheet_incomplete", 1)


# Quorum


def test_below_the_quorum_of_sheets_an_entry_is_held_not_zero():
    rules = make_rules(quorum_sheets=3)
    found = lines([entry(1, ["90", "60", "80"]), entry(2, ["90", "95"])], rules)
    assert (found[1].rank, found[1].held) == (1, "")
    assert (found[2].rank, found[2].score, found[2].held) == (None, None, HELD_SHEETS)
    assert found[2].advances is False


def test_without_any_sheet_an_entry_is_held():
    assert lines([entry(1, [])])[1].held == HELD_SHEETS


def test_ballots_at_the_quorum_count_and_below_it_hold_the_entry():
    vote = PublicVote(quorum_percent=80)
    enough = lines([entry(1, ["80"], ballots=(50,) * 8)], vote=vote, checked_in=10)[1]
    assert enough.score == Decimal("74.00")
    few = lines([entry(1, ["80"], ballots=(50,) * 7)], vote=vote, checked_in=10)[1]
    assert (few.held, few.score) == (HELD_BALLOTS, None)


def test_a_missing_ballot_is_not_a_zero():
    vote = PublicVote(quorum_percent=50)
    line = lines([entry(1, ["80"], ballots=(90, 90))], vote=vote, checked_in=3)[1]
    assert line.public_score == Decimal("90.00")


def test_an_entry_without_ballots_is_held_even_if_nobody_checked_in():
    assert lines([entry(1, ["80"])], vote=PublicVote(), checked_in=0)[1].held == HELD_BALLOTS


def test_trimming_takes_the_same_share_from_both_ends():
    vote = PublicVote(trim_percent=10, quorum_percent=0)
    line = lines([entry(1, ["80"], ballots=(0, *[50] * 18, 100))], vote=vote, checked_in=20)[1]
    assert (line.public.trimmed_each_end, line.public.counted) == (2, 16)
    assert line.public_score == Decimal("50.00")


def test_a_scale_other_than_a_hundred_is_brought_to_a_hundred():
    vote = PublicVote(scale_max=10)
    line = lines([entry(1, ["80"], ballots=(7, 8))], vote=vote, checked_in=2)[1]
    assert line.public_score == Decimal("75.00")


def test_a_vote_without_weight_is_not_needed():
    vote = PublicVote(expert_percent=100, public_percent=0)
    assert lines([entry(1, ["80"])], vote=vote, checked_in=9)[1].score == Decimal("80.00")


# Ranks


def tied(number: int, innovation: str) -> EntryIn:
    return EntryIn(number, f"2026-{number:04d}", "x", (sheet(1, "80", innovation),))


def test_a_tie_is_broken_by_the_announced_criterion():
    found = lines([tied(1, "40"), tied(2, "50")])
    assert {number: line.rank for number, line in found.items()} == {1: 2, 2: 1}
    assert found[2].tie_broken_by == "criterion"


def test_a_tie_the_rules_cannot_break_is_a_shared_rank():
    found = lines([tied(1, "40"), tied(2, "40"), entry(3, ["90"]), entry(4, ["10"])])
    assert {number: line.rank for number, line in found.items()} == {3: 1, 1: 2, 2: 2, 4: 4}
    assert found[1].tie_broken_by == "shared"


def test_ties_follow_the_order_of_the_rulebook():
    vote = PublicVote(expert_percent=50, public_percent=50)
    entries = [entry(1, ["80"], ballots=(60,)), entry(2, ["60"], ballots=(80,))]
    by_experts = lines(entries, make_rules(tie_break=("expert_score",)), vote=vote, checked_in=1)
    by_public = lines(entries, make_rules(tie_break=("public_score",)), vote=vote, checked_in=1)
    assert (by_experts[1].rank, by_experts[2].rank) == (1, 2)
    assert (by_public[1].rank, by_public[2].rank) == (2, 1)


def test_the_round_before_can_break_a_tie():
    entries = [
        entry(1, ["80"], previous_score=Decimal("70.10")),
        entry(2, ["80"], previous_score=Decimal("70.20")),
    ]
    found = lines(entries, make_rules(tie_break=("previous_round",)))
    assert (found[1].rank, found[2].rank) == (2, 1)


def test_the_cut_lets_the_announced_number_through():
    entries = [entry(number, [str(100 - number)]) for number in range(1, 6)]
    found = lines(entries, make_rules(advance=3))
    assert [found[number].advances for number in range(1, 6)] == [True, True, True, False, False]


def test_equals_across_the_cut_are_left_to_the_decision():
    entries = [entry(1, ["90"]), tied(2, "40"), tied(3, "40"), tied(4, "30")]
    found = lines(entries, make_rules(advance=2))
    assert [found[number].advances for number in range(1, 5)] == [True, None, None, False]


def test_awards_follow_the_table_and_stay_open_across_two_classes():
    awards = (
        AwardClass(key="first", name="一等奖", places=1, amount_fen=3),
        AwardClass(key="second", name="二等奖", places=2, amount_fen=2),
    )
    plain = lines([entry(n, [str(90 - n)]) for n in range(1, 5)], awards=awards)
    assert [plain[n].award_key for n in range(1, 5)] == ["first", "second", "second", ""]
    shared = lines([tied(1, "40"), tied(2, "40"), entry(3, ["10"])], awards=awards)
    assert [shared[n].award_key for n in range(1, 4)] == ["", "", "second"]
    # Whoever does not go on has no award, whatever the table still holds.
    few = lines([entry(n, [str(90 - n)]) for n in range(1, 4)], make_rules(advance=1), awards=awards)
    assert [few[n].award_key for n in range(1, 4)] == ["first", "", ""]


# Snapshot


def test_the_snapshot_names_seats_and_what_became_of_each_sheet():
    counted = TallyIn(make_rules(), (entry(1, ["90", "60", "80", "81.5", "70"], recused=1),))
    printed = snapshot(counted, compute(counted), {"edition": 2026})["entries"][0]
    assert [row["counts"] for row in printed["sheets"]] == [
        "dropped_high",
        "dropped_low",
        "kept",
        "kept",
        "kept",
    ]
    assert printed["expert"] == {"sum": "231.5", "count": 3, "score": "77.17", "plain_below_minimum": False}
    assert printed["recused"] == 1


def test_the_snapshot_does_not_depend_on_the_order_of_sheets_and_ballots():
    one = entry(1, ["90", "60", "80", "81.5", "70"], ballots=(3, 1, 2), receipts=("C", "A", "B"))
    other = replace(one, sheets=one.sheets[::-1], ballots=(1, 2, 3), receipts=("A", "B", "C"))
    hashes = set()
    for ordered in (one, other):
        counted = TallyIn(make_rules(), (ordered,), PublicVote(), 3)
        hashes.add(fingerprint(snapshot(counted, compute(counted), {})))
    assert len(hashes) == 1


def test_one_digit_changes_the_fingerprint():
    hashes = set()
    for total in ("70", "70.5"):
        counted = TallyIn(make_rules(), (entry(1, ["90", "60", "80", "81.5", total]),))
        hashes.add(fingerprint(snapshot(counted, compute(counted), {})))
    assert len(hashes) == 2
