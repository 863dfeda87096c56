"""Spoiling what forms are sent: bad values, and a way to try many of them against many forms."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kit.errors import RuleBroken

#: What has broken forms before, here and elsewhere.
NASTY = (
    "", " ", "\x00", "a\x00b", "\ud800", "x\udfffy", "\u202eexe.fdp", "\ufeff\u200b\u2066",
    "\uffff", "\r\n\t", "９", "１２３．４５", "٣٤", "²", "½", "一百", "0", "-0", "-1", "+1",
    "1e309", "1e-400", "NaN", "-nan", "sNaN", "Infinity", "0x10", "1_000", "1,200.505", "00000001",
    "2147483648", "9" * 25, "9" * 400, "1" * 4_400, "[]", "{}", '{"a": 1}', "[[1]]", "null", "true",
    "None", "false", "on", "' OR 1=1 --", "%s %(x)s %", "\\", "<script>alert(1)</script>",
    "{{ 7|add:7 }}", "{% now %}", "=1+1", "@SUM(A1)", "../../etc/passwd", "con.txt", "2026-02-30",
    "0000-00-00", "0001-01-01", "9999-12-31", "9999-12", "10000-01-01", "0001-01", "2026-13",
    "2026-07-01T10:00", "2026-07-01T25:61", "9999-12-31T23:59", "0001-01-01T00:00", "not-a-uuid",
    "１２４４１３２３DEM00009X0", "52441300dem000014u", "a@b", "a@b.c", "字" * 61, "字" * 5_000,
    "é" * 300, "👨‍👩‍👧‍👦" * 70,
)  # fmt: skip

VALUES = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=30),
    st.integers().map(str),
    st.floats().map(str),
    st.decimals(allow_nan=False).map(str),
    st.dates().map(str),
)
JUNK = ("", "\x00", "constructor", "__class__", "team-99-name", "team-TOTAL_FORMS", "budget_lines--1-item")

thorough = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def changes_of(names: list[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Some of the names, each sent with nothing, with a bad value, or with several."""
    return st.dictionaries(
        st.sampled_from([*names, *JUNK]), st.lists(VALUES, max_size=3), min_size=1, max_size=5
    )


def sent(base: dict[str, list[str]], changes: dict[str, list[str]]) -> QueryDict:
    """What arrives: the good form, spoilt. A name without values is missing."""
    data = QueryDict(mutable=True)
    for name, values in {**base, **changes}.items():
        if values:
            data.setlist(name, list(values))
    return data


@dataclass
class Refused:
    """What a form shows of a refusal."""

    errors: str
    values: list[Any]
    status: int


@dataclass
class Target:
    """One form with what it sends when all is well, and what the page does with it."""

    name: str
    base: dict[str, Any]
    act: Callable[[QueryDict], Any]
    changes: Any = field(init=False)

    def __post_init__(self) -> None:
        self.base = {name: value if isinstance(value, list) else [value] for name, value in self.base.items()}
        self.changes = changes_of(list(self.base))

    def attempt(self, changes: dict[str, list[str]]) -> Any:
        """As the page does it; a broken rule is an answer. Whatever was written is taken back."""
        with transaction.atomic():
            try:
                return self.act(sent(self.base, changes))
            except RuleBroken as broken:
                return str(broken)
            finally:
                transaction.set_rollback(True)


def drive(targets: list[Target], examples: int) -> None:
    """Each target is shown to be taken untouched; then it is spoilt, so often in turn that all of
    them together make ``examples`` attempts."""
    answers = {target.name: target.attempt({}) for target in targets}
    refused = {name: answer for name, answer in answers.items() if isinstance(answer, str | Refused)}
    assert refused == {}
    for target in targets:
        many(target.attempt, examples // len(targets) + 1, target.changes)


def many(attempt: Callable[..., Any], examples: int, *drawn: st.SearchStrategy[Any]) -> None:
    """Attempt it with so many different values, the same ones in every run.

    That many with ``THOROUGH`` set, as ``make drill`` does; a tenth of them otherwise.
    """
    if not os.environ.get("THOROUGH"):
        examples = -(-examples // 10)

    @settings(thorough, max_examples=examples)
    @given(st.tuples(*drawn))
    def once(values: tuple[Any, ...]) -> None:
        attempt(*values)
        made.append(values)

    made: list[Any] = []
    once()
    assert len(made) >= examples
