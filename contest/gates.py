"""Gates: questions a higher app must answer before something in a lower one may move.

A gate is a function from the subject to the reasons that stand in the way, in words the person at
the desk can act on. No reason means "nothing in the way".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.errors import RuleBroken


@dataclass(frozen=True)
class Reason:
    """Why something may not move yet, with the page where it can be cleared."""

    code: str
    text: str | Promise
    url: str = ""


Gate = Callable[[Any], Iterable[Reason]]

_gates: dict[str, list[Gate]] = defaultdict(list)


def gate(point: str) -> Callable[[Gate], Gate]:
    """Register a question at ``point``, such as ``edition.advance``."""

    def register(function: Gate) -> Gate:
        _gates[point].append(function)
        return function

    return register


def reasons(point: str, subject: Any) -> list[Reason]:
    """Everything that stands in the way of ``subject`` at ``point``."""
    return [reason for function in _gates[point] for reason in function(subject)]


def check(point: str, subject: Any) -> None:
    """Refuse with all the reasons in one message if anything stands in the way."""
    found = reasons(point, subject)
    if found:
        text = _("Not yet: %(reasons)s")
        raise RuleBroken(
            "gate",
            text,
            reasons="；".join(str(reason.text) for reason in found),
            held_by=[reason.code for reason in found],
        )
