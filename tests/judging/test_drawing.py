"""The draw's arithmetic: the conditions always hold, the same inputs give the same panel."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging import drawing
from judging.drawing import NoPanel, draw, is_possible, sequence

FIELDS = ("livelihood", "autonomy", "safety")


def member(number: int, **changes: Any) -> dict[str, Any]:
    plain = {"unit": f"u{number}", "theorist": True, "practitioner": False, "fields": [], "barred": False}
    return {"id": number, **plain, **changes}


members = st.builds(
    dict,
    unit=st.sampled_from(["u1", "u2", "u3", "u4", ""]),
    theorist=st.booleans(),
    practitioner=st.booleans(),
    fields=st.lists(st.sampled_from(FIELDS), unique=True),
    barred=st.booleans(),
)
pools = st.lists(members, max_size=9).map(
    lambda found: [{"id": number, **values} for number, values in enumerate(found, 1)]
)
wishes = st.fixed_dictionaries(
    {
        "theorists": st.integers(0, 3),
        "practitioners": st.integers(0, 3),
        "fields": st.dictionaries(st.sampled_from(FIELDS), st.integers(1, 2), max_size=2),
        "units_once": st.booleans(),
        "avoid_applicants": st.booleans(),
    }
)


def keeps(panel: list[dict[str, Any]], wish: dict[str, Any]) -> bool:
    """The conditions once more, said plainly."""
    units = [one["unit"] for one in panel if one["unit"]]
    return (
        sum(one["theorist"] for one in panel) >= wish["theorists"]
        and sum(one["practitioner"] for one in panel) >= wish["practitioners"]
        and all(sum(key in one["fields"] for one in panel) >= n for key, n in wish["fields"].items())
        and (not wish["units_once"] or len(set(units)) == len(units))
        and (not wish["avoid_applicants"] or not any(one["barred"] for one in panel))
    )


@settings(max_examples=60, deadline=None)
@given(pools, wishes, st.integers(1, 4), st.text("0123456789abcdef", min_size=4), st.randoms())
def test_the_panel_is_the_first_of_the_sequence_that_keeps_the_conditions(pool, wish, size, seed, chance):
    possible = [
        [one["id"] for one in panel]
        for panel in combinations(sequence(pool, seed, "7"), size)
        if keeps(list(panel), wish)
    ]
    shuffled = list(pool)
    chance.shuffle(shuffled)
    if not possible:
        with pytest.raises(NoPanel):
            draw(shuffled, wish, size, seed, "7")
        return
    # ``combinations`` keeps the order of the sequence: the first is the earliest panel there is.
    assert [pick.who for pick in draw(shuffled, wish, size, seed, "7")] == possible[0]


@settings(max_examples=40, deadline=None)
@given(pools, wishes, st.integers(1, 3), st.data())
def test_after_every_refusal_the_seated_keep_the_conditions(pool, wish, size, data):
    by_id = {one["id"]: one for one in pool}
    out: list[int] = []
    try:
        before = draw(pool, wish, size, "seed", "12")
    except NoPanel:
        assert not is_possible(pool, wish, size)
        return
    for _step in range(3):
        seated = [pick.who for pick in before if pick.who not in out]
        if not seated:
            break
        out.append(data.draw(st.sampled_from(seated)))
        picks = draw(pool, wish, size, "seed", "12", out)
        # What was drawn stays drawn; nobody who is out comes back.
        assert picks[: len(before)] == before
        assert len({pick.who for pick in picks}) == len(picks)
        left = [by_id[pick.who] for pick in picks if pick.who not in out]
        if len(left) == size:
            assert keeps(left, wish)
        else:
            kept = [one["id"] for one in left]
            assert not is_possible(pool, wish, size, chosen=kept, gone=out)
        before = picks


def test_a_redraw_continues_the_sequence():
    pool = [member(number) for number in range(1, 8)]
    order = [one["id"] for one in sequence(pool, "seed", "35")]
    picks = draw(pool, {}, 3, "seed", "35", [order[1], order[3]])
    assert [pick.who for pick in picks] == order[:5]
    assert [pick.stands_for for pick in picks] == [0, 0, 0, 2, 4]


def test_seed_and_number_both_decide():
    pool = [member(number) for number in range(1, 40)]
    panels = {
        tuple(pick.who for pick in draw(pool, {}, 5, seed, number))
        for seed in ("a", "b")
        for number in ("1", "2")
    }
    assert len(panels) == 4


@pytest.mark.parametrize(
    ("pool", "wish", "named"),
    [
        ([member(1), member(2)], {}, ()),
        ([member(n) for n in range(1, 6)], {"practitioners": 1}, (("practitioners", ""),)),
        ([member(n, unit="u") for n in range(1, 6)], {"units_once": True}, (("units_once", ""),)),
        (
            [member(n, barred=True) for n in range(1, 6)],
            {"avoid_applicants": True},
            (("avoid_applicants", ""),),
        ),
        ([member(n) for n in range(1, 6)], {"theorists": 2, "fields": {"safety": 1}}, (("field", "safety"),)),
        (
            # Each alone could be kept, both together not.
            [member(n) for n in (1, 2)] + [member(n, theorist=False, practitioner=True) for n in (3, 4)],
            {"theorists": 2, "practitioners": 2, "units_once": True},
            (("theorists", ""), ("practitioners", "")),
        ),
    ],
)
def test_what_makes_a_panel_impossible_is_named(pool, wish, named):
    with pytest.raises(NoPanel) as refused:
        draw(pool, wish, 3, "seed", "1")
    assert refused.value.conditions == named


def test_a_changed_transcript_is_found():
    pool = [member(number, unit=f"u{number % 4}") for number in range(1, 12)]
    conditions = {"units_once": True, "fields": {}}
    out = [draw(pool, conditions, 3, "s", "9")[0].who]
    transcript = {
        "pool": pool,
        "conditions": conditions,
        "size": 3,
        "seed": "s",
        "commitment": drawing.commitment_of("s"),
        "pool_sha256": drawing.pool_fingerprint(pool, conditions, 3),
        "public_number": "9",
        "out": out,
        "picks": [
            {"number": pick.number, "expert": pick.who, "stands_for": pick.stands_for}
            for pick in draw(pool, conditions, 3, "s", "9", out)
        ],
    }
    assert drawing.differences(transcript) == []
    for changed in (
        {"seed": "t"},
        {"pool": pool[:-1]},
        {"conditions": {"units_once": False, "fields": {}}},
        {"picks": transcript["picks"][:-1]},
        {"picks": [{**transcript["picks"][0], "expert": 100}, *transcript["picks"][1:]]},
        {"out": [999]},
    ):
        assert drawing.differences(transcript | changed)


# The public jury and the running order

TRADES = ("社区居民", "媒体", "法律")
roster = st.lists(
    st.tuples(st.sampled_from(TRADES), st.sampled_from(["", "north", "south"])), min_size=3, max_size=30
).map(
    lambda found: [
        {"id": number, "trade": trade, "district": district}
        for number, (trade, district) in enumerate(found, 1)
    ]
)


@settings(deadline=None)
@given(roster, st.data())
def test_every_trade_gets_its_seats_and_who_is_out_is_followed_by_the_same_trade(pool, data):
    there = Counter(one["trade"] for one in pool)
    seats = [(trade, data.draw(st.integers(0, there[trade]))) for trade in TRADES]
    by_id = {one["id"]: one for one in pool}
    first = drawing.draw_jury(pool, seats, "s", "7")
    assert Counter(by_id[pick.who]["trade"] for pick in first) == +Counter(dict(seats))
    assert first == drawing.draw_jury(pool[::-1], seats, "s", "7")
    out = [pick.who for pick in first if data.draw(st.booleans())]
    picks = drawing.draw_jury(pool, seats, "s", "7", out)
    assert picks[: len(first)] == first
    assert len({pick.who for pick in picks}) == len(picks)
    before = {pick.number: pick.who for pick in picks}
    for pick in picks[len(first) :]:
        assert before[pick.stands_for] in out
        assert by_id[pick.who]["trade"] == by_id[before[pick.stands_for]]["trade"]
    for trade, count in seats:
        drawn = [pick for pick in picks if by_id[pick.who]["trade"] == trade]
        fell = sum(by_id[juror]["trade"] == trade for juror in out)
        assert len(drawn) == min(count + fell, there[trade])


def test_a_jury_comes_from_all_districts_as_evenly_as_the_roster_allows():
    pool = [
        {"id": number, "trade": "社区居民", "district": "large" if number <= 40 else f"small{number % 3}"}
        for number in range(1, 53)
    ]
    by_id = {one["id"]: one["district"] for one in pool}
    drawn = drawing.draw_jury(pool, [("社区居民", 16)], "s", "7")
    assert sorted(Counter(by_id[pick.who] for pick in drawn).values()) == [4, 4, 4, 4]
    drawn = drawing.draw_jury(pool, [("社区居民", 20)], "s", "7", [drawn[0].who])
    assert sorted(Counter(by_id[pick.who] for pick in drawn).values())[0] == 4


def test_a_roster_that_is_short_of_a_trade_is_named():
    pool = [{"id": 1, "trade": "媒体", "district": ""}]
    with pytest.raises(drawing.ShortRoster) as refused:
        drawing.draw_jury(pool, [("媒体", 1), ("法律", 2)], "s", "7")
    assert refused.value.short == (("法律", 2, 0),)
    assert len(drawing.draw_jury(pool, [("媒体", 1)], "s", "7")) == 1


def test_a_running_order_holds_every_entry_once_and_depends_on_the_number():
    pool = [{"id": number} for number in range(1, 13)]
    order = drawing.draw_order(pool, "s", "7")
    assert [pick.number for pick in order] == list(range(1, 13))
    assert sorted(pick.who for pick in order) == list(range(1, 13))
    assert order == drawing.draw_order(pool[::-1], "s", "7") != drawing.draw_order(pool, "s", "8")
