"""Drawing lots where nobody has to be able to repeat it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def by_lot(people: Iterable[T]) -> list[T]:
    """These people in an order that tells nothing of them.

    Seats are numbered by it: the sheets are published by seat, and the order of a public draw, or that
    of the names in a notice, would say whose sheet is whose.
    """
    order = list(people)
    secrets.SystemRandom().shuffle(order)
    return order
