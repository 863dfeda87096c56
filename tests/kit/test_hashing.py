"""Canonical bytes are those of the standard library, so that strangers can repeat them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest.enums import Stage
from kit.hashing import canonical, fingerprint

# Control characters, quotes, characters beyond the basic plane; numbers beyond 64 bits.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
leaves = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | texts
plain = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)


def by_the_standard_library(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@settings(max_examples=300, deadline=None)
@given(plain)
def test_the_bytes_are_those_of_the_standard_library(value):
    assert canonical(value) == by_the_standard_library(value)


@pytest.mark.parametrize(
    "value",
    [
        {"名": "邻里议事厅", "a": "ä", "Z": '\u2028\u007f\x1f"\\/', "𠮷": [1, -0, 2**63, 2**64]},
        {2: "keys", 10: "that are numbers", 1: "in their order"},
        {"stage": Stage.SECOND, "tuple": (1, 2)},
        [{"b": {"d": [], "c": {}}, "a": ""}],
    ],
)
def test_what_is_rare_comes_out_the_same(value):
    assert canonical(value) == by_the_standard_library(value)


def test_decimals_moments_and_days_have_one_form():
    moment = datetime(2026, 6, 9, 4, 0, 0, 5, tzinfo=UTC)
    value = {"points": Decimal("8.50"), "at": moment, "on": moment.date(), "small": Decimal("0E-7")}
    assert canonical(value) == (
        b'{"at":1780977600000005,"on":"2026-06-09","points":"8.50","small":"0.0000000"}'
    )


@dataclass
class Unknown:
    points: int


@pytest.mark.parametrize(
    "value", [1.5, [1, (2.0,)], {"a": {"b": [{"c": 0.1}]}}, {"a": float("nan")}, {1, 2}, Unknown(1), b"x"]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError, match="no canonical form"):
        canonical(value)


def test_half_a_character_is_refused():
    with pytest.raises(UnicodeEncodeError):
        canonical({"title": "\ud800"})


def test_the_order_of_keys_changes_no_fingerprint():
    assert (
        fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1}) != fingerprint({"a": 1, "b": [3]})
    )
