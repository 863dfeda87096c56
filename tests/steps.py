"""How many steps a piece of code takes: a limit that holds on every machine, fast or slow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class TooManySteps(AssertionError):
    pass


@contextmanager
def at_most(limit: int) -> Iterator[None]:
    """Fails once more than so many calls have been made, of Python's own functions too."""
    taken = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal taken
        taken += event in ("call", "c_call")
        if taken > limit:
            raise TooManySteps

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


def slow_to_compare(length: int) -> tuple[str, str]:
    """Two texts that share one sign between ever other ones: each of these pairs is a stretch of its own."""
    others = [chr(0xAC00 + number) for number in range(length)]
    half = length // 2
    return tuple("".join(f"z{sign}" for sign in part) for part in (others[:half], others[half:]))
