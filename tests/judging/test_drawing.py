"""The draw's arithmetic: the conditions always hold, the same inputs give the same panel."""

from __future__ import annotations

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
    assert [pick.expert for pick in draw(shuffled, wish, size, seed, "7")] == possible[0]


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
        seated = [pick.expert for pick in before if pick.expert not in out]
        if not seated:
            break
        out.append(data.draw(st.sampled_from(seated)))
        picks = draw(pool, wish, size, "seed", "12", out)
        # What was drawn stays drawn; nobody who is out comes back.
        assert picks[: len(before)] == before
        assert len({pick.expert for pick in picks}) == len(picks)
        left = [by_id[pick.expert] for pick in picks if pick.expert not in out]
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
    assert [pick.expert for pick in picks] == order[:5]
    assert [pick.stands_for for pick in picks] == [0, 0, 0, 2, 4]


def test_seed_and_number_both_decide():
    pool = [member(number) for number in range(1, 40)]
    panels = {
        tuple(pick.expert for pick in draw(pool, {}, 5, seed, number))
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
    out = [draw(pool, conditions, 3, "s", "9")[0].expert]
    transcript = {
        "pool": pool,
        "conditions": conditions,
        "size": 3,
        "seed": "s",
        "commitment": drawing.commitment_of("s"),
        "pool_sha256": drawing.pool_fingerprint(pool, conditions, 3),
        "public_number": "9",
        "out": out,
        "picks": [vars(pick) for pick in draw(pool, conditions, 3, "s", "9", out)],
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
