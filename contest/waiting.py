"""What waits for me: each app says what a person should do next; the desk and "my page" show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

from accounts.models import User

Tone = Literal["blue", "amber", "red", "green"]


@dataclass(frozen=True)
class Waiting:
    """One line: what, how many, where to do it."""

    title: str | Promise
    url: str
    count: int
    tone: Tone = "blue"


Source = Callable[[User], Iterable[Waiting]]

_sources: list[Source] = []


def waits(function: Source) -> Source:
    """Register a source. It must cost a constant number of queries."""
    _sources.append(function)
    return function


def waiting_for(user: User) -> list[Waiting]:
    """All lines for a person; those with nothing to do are left out."""
    return [line for source in _sources for line in source(user) if line.count]
