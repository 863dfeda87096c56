"""Made-up rounds: the engine against an independent, plain implementation, in any order of input."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from statistics import fmean, pstdev

from hypothesis import given, settings
from hypothesis import strategies as st

from contest.rulebook import PublicVote, Quota
from judging.advancing import advancing, places_of
from judging.normalising import standardised
from judging.snapshots import snapshot
from judging.tally import EntryIn, TallyIn, compute
from kit.hashing import fingerprint
from tests.judging import plain_tally as plain
from tests.judging.test_tally import entry, lines, make_rules, sheet

halves = st.integers(0, 200).map(lambda n: Decimal(n) / 2)
#: Few values, so that equals are frequent.
coarse = st.integers(14, 20).map(lambda n: Decimal(n * 5))
some_totals = st.lists(halves | coarse, max_size=8)
plenty = settings(max_examples=150, deadline=None)


def plain_final(expert: list[Decimal], ballots: list[int], weight: int) -> Decimal:
    with localcontext() as context:
        context.prec = 50
        kept = sorted(expert)
        if len(kept) >= 5:
            kept = kept[1:-1]
        experts = sum(kept, Decimal(0)) / len(kept)
        public = Decimal(sum(ballots)) / len(ballots)
        mixed = (experts * weight + public * (100 - weight)) / 100
        return mixed.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@plenty
@given(
    st.lists(some_totals, min_size=1, max_size=10),
    st.integers(1, 5),
    st.sampled_from([None, 3, 5, 7]),
    st.integers(0, 4),
)
def test_scores_and_ranks_agree_with_the_plain_way(table, quorum, drop_from, decimals):
    rules = make_rules(quorum_sheets=quorum, drop_extremes_from=drop_from, decimals=decimals)
    entries = [entry(number, [str(t) for t in totals]) for number, totals in enumerate(table, start=1)]
    found = lines(entries, rules)
    sheets = {
        number: [(seat, total, min(total, Decimal(60))) for seat, total in enumerate(totals, start=1)]
        for number, totals in enumerate(table, start=1)
    }
    expected = plain.ranking(sheets, quorum=quorum, drop_from=drop_from, places=decimals)
    assert {n: (line.score, *line.tie_values, line.rank) for n, line in found.items() if not line.held} == (
        expected
    )
    assert {n for n, line in found.items() if line.held} == set(found) - set(expected)


@plenty
@given(
    st.lists(halves, min_size=1, max_size=9),
    st.lists(st.integers(0, 100), min_size=1, max_size=60),
    st.integers(1, 99),
)
def test_final_scores_agree_with_the_plain_way(totals, ballots, weight):
    vote = PublicVote(expert_percent=weight, public_percent=100 - weight, quorum_percent=0)
    entries = [entry(1, [str(total) for total in totals], ballots=tuple(ballots))]
    line = lines(entries, vote=vote, checked_in=len(ballots))[1]
    assert line.score == plain_final(totals, ballots, weight)


@plenty
@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abc")), min_size=1, max_size=6),
    st.integers(1, 7),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 2), max_size=3),
)
def test_who_goes_on_agrees_with_trying_every_order(rows, places, quotas):
    if sum(quotas.values()) > places:
        quotas = {}
    rows.sort()
    ranks = {number: 1 + sum(other[0] < row[0] for other in rows) for number, row in enumerate(rows)}
    groups = {number: group for number, (_mark, group) in enumerate(rows)}
    found = advancing([(ranks[number], groups[number]) for number in ranks], places, quotas)
    assert dict(enumerate(found)) == plain.going_on(ranks, groups, places, quotas)


@plenty
@given(st.integers(0, 400), st.integers(1, 100))
def test_a_share_is_rounded_up(ranked, percent):
    rules = make_rules(advance_by="share", advance_percent=percent)
    assert places_of(rules, ranked) == plain.share_of(ranked, percent)


@plenty
@given(
    st.lists(st.lists(halves | coarse, min_size=5, max_size=5), min_size=1, max_size=8),
    st.sampled_from(["none", "z_score"]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_entries_sheets_and_ballots_changes_nothing(table, normalisation, random):
    rules = make_rules(
        normalisation=normalisation, advance_by="field", advance=3, quotas=(Quota(key="a", places=1),)
    )
    groups = [random.choice("ab") for _totals in table]
    hashes = set()
    for shuffle in (False, True):
        entries = []
        for number, (totals, group) in enumerate(zip(table, groups, strict=True), start=1):
            sheets = [sheet(seat, str(total)) for seat, total in enumerate(totals, start=1)]
            ballots = [("22B-222", number % 7), ("22A-222", 50), ("22A-22Z", 90)]
            if shuffle:
                random.shuffle(sheets)
                random.shuffle(ballots)
            entries.append(
                EntryIn(
                    number,
                    f"2026-{number:04d}",
                    "x",
                    tuple(sheets),
                    tuple(score for _receipt, score in ballots),
                    tuple(receipt for receipt, _score in ballots),
                    group=group,
                )
            )
        if shuffle:
            random.shuffle(entries)
        counted = TallyIn(rules, tuple(entries), PublicVote(), 3)
        hashes.add(fingerprint(snapshot(counted, compute(counted), {})))
    assert len(hashes) == 1


@plenty
@given(st.lists(st.tuples(st.sampled_from("abc"), halves), min_size=1, max_size=25))
def test_standardised_totals_agree_with_the_textbook(rows):
    """In floats, which is near enough to tell a wrong formula and not what is published."""
    found = standardised(rows)
    everything = [float(total) for _seat, total in rows]
    sizes = Counter(seat for seat, _total in rows)
    for seat, total in rows:
        own = [float(value) for other, value in rows if other == seat]
        if sizes[seat] < 3:
            expected = float(total)
        elif len(set(own)) == 1:
            expected = fmean(everything)
        else:
            z = (float(total) - fmean(own)) / pstdev(own)
            expected = min(max(fmean(everything) + z * pstdev(everything), 0), 100)
        assert abs(float(found[seat, total]) - expected) < 0.0002


def test_a_strict_and_a_lenient_expert_are_brought_together():
    """Both put three entries in the same order, twenty points apart: once on one scale, they agree."""
    rows = [(1, ["60", "80"]), (2, ["65", "85"]), (3, ["70", "90"])]
    found = lines([entry(n, totals) for n, totals in rows], make_rules(normalisation="z_score"))
    first = found[1].expert.kept
    assert first[0].standard == first[1].standard
    assert [found[n].rank for n in (3, 2, 1)] == [1, 2, 3]
    assert found[2].score == Decimal("75.00")
    assert found[2].expert.kept[0].total == Decimal(65)


def test_places_by_quota_go_to_the_best_of_each_group_first():
    """Without the quota of field b only the first three would go on."""
    entries = [entry(n, [str(100 - n)], group="b" if n == 5 else "a") for n in range(1, 6)]
    plainly = lines(entries, make_rules(advance=3))
    by_field = lines(entries, make_rules(advance=3, advance_by="field", quotas=(Quota(key="b", places=1),)))
    assert [plainly[n].advances for n in range(1, 6)] == [True, True, True, False, False]
    assert [by_field[n].advances for n in range(1, 6)] == [True, True, False, False, True]


def test_a_share_counts_what_is_ranked_only():
    entries = [entry(n, [str(100 - n)] if n < 6 else []) for n in range(1, 9)]
    found = lines(entries, make_rules(advance_by="share", advance_percent=50))
    assert [n for n, line in found.items() if line.advances] == [1, 2, 3]


def test_a_standardised_total_is_exact_in_whole_numbers():
    rows = [("a", Decimal(n)) for n in (70, 80, 90)] + [("b", Decimal(n)) for n in (60, 80, 100)]
    found = standardised(rows)
    # Spread of all: sqrt(1000/6); of a: sqrt(200/3), of b twice that.
    assert found["a", Decimal(90)] == found["b", Decimal(100)] == Decimal("95.8114")
    assert Fraction(found["a", Decimal(80)]) == 80
