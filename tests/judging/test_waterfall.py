"""The way to a score: its parts add up to what was sealed, whatever the rules of the round."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from judging.normalising import half_up
from judging.waterfall import digits, waterfall
from judging.waterfall_looks import told
from tests.publicity.test_verify_tally import ROUNDS, made_up


def numbers(tally):
    return [entry["number"] for entry in tally["entries"]]


@pytest.mark.parametrize("changes", ROUNDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_parts_add_up_to_the_sealed_score(changes, seed):
    tally = made_up(seed=seed, **changes)["tally"]
    ranked = [entry for entry in tally["entries"] if not entry["held"]]
    assert ranked
    for entry in ranked:
        found = waterfall(tally, entry["number"])
        parts = [sheet.part for sheet in found.sheets] + ([found.public.part] if found.public else [])
        assert sum(parts) == found.exact
        assert found.exact + found.rounding == Fraction(entry["score"])
        assert f"{half_up(found.exact, found.decimals):f}" == entry["score"]
        assert (found.public is None) == (tally["public_vote"] is None)


def test_dropped_sheets_bring_nothing_and_kept_ones_the_same_share():
    tally = made_up(drop_extremes_from=5)["tally"]
    found = waterfall(tally, tally["entries"][0]["number"])
    assert sorted(sheet.counts for sheet in found.sheets) == ["dropped_high", "dropped_low", *["kept"] * 3]
    assert {sheet.part for sheet in found.sheets if sheet.is_dropped} == {0}
    assert all(sheet.part == Fraction(sheet.total) / 3 for sheet in found.kept)


def test_the_common_scale_counts_where_it_was_sealed():
    tally = made_up(normalisation="z_score")["tally"]
    found = waterfall(tally, tally["entries"][0]["number"])
    assert found.is_standardised
    assert any(sheet.standard != sheet.total for sheet in found.sheets)
    assert found.expert_exact == sum(Fraction(sheet.standard) for sheet in found.kept) / len(found.kept)


def test_the_jury_counts_by_its_weight():
    tally = made_up("final", quorum_sheets=3)["tally"]
    found = waterfall(tally, tally["entries"][0]["number"])
    assert (found.expert_percent, found.public.percent) == (80, 20)
    assert found.exact == (found.expert_exact * 80 + found.public.exact * 20) / 100


def test_a_held_entry_has_sheets_but_no_score():
    tally = made_up()["tally"]
    held = next(entry["number"] for entry in tally["entries"] if entry["held"])
    found = waterfall(tally, held)
    assert (found.exact, found.score, found.rounding) == (None, None, None)
    assert {sheet.counts for sheet in found.sheets} == {"held"}
    page = told(tally, held)
    assert page.steps == []
    assert page.picture == ""


def test_an_entry_that_is_not_in_the_snapshot_has_no_waterfall():
    tally = made_up()["tally"]
    assert waterfall(tally, max(numbers(tally)) + 1) is None
    assert waterfall({}, 1) is None


@pytest.mark.parametrize("changes", ROUNDS)
def test_the_table_says_what_the_picture_shows(changes):
    tally = made_up(**changes)["tally"]
    entry = tally["entries"][0]
    page = told(tally, entry["number"])
    picture = str(page.picture)
    for sheet, _label in page.sheets:
        assert sheet.seat in picture
        assert f"{sheet.value:f}" in picture
    assert page.steps[-1].result == entry["score"]
    assert entry["score"] in picture
    dropped = [step.working for step in page.steps if step.working.startswith("专家")]
    assert sorted(dropped) == [sheet.seat for sheet in page.found.sheets if sheet.is_dropped]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(167, 2), "83.5"),
        (Fraction(250, 3), "≈ 83.333333"),
        (Fraction(200, 3), "≈ 66.666667"),
        (Fraction(-1, 300), "≈ -0.003333"),
        (Fraction(-1, 4), "-0.25"),
        (Fraction(1, 10**9), "≈ 0"),
    ],
)
def test_a_number_says_when_it_was_cut(value, text):
    assert digits(value, 6) == text


def test_digits_without_decimals_keep_their_zeros():
    assert digits(Fraction(100), 0) == "100"
    assert digits(Fraction(Decimal("90.00")), 2) == "90"
