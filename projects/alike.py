"""Two texts side by side with what they have in common marked."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

from projects.models import Project, Submission

#: Shorter runs are chance: two texts about residents share the word.
SHORTEST = 5
#: What is compared: the texts an applicant writes for this one project.
COMPARED = (
    "title",
    "summary",
    "background",
    "needs",
    "problem",
    "goals",
    "results",
    "plan",
    "innovation",
)
#: Pieces of a text: (text, whether the other has it too).
Pieces = list[tuple[str, bool]]


def in_common(first: str, second: str) -> tuple[Pieces, Pieces]:
    """Both texts cut into pieces; whatever of five signs or more stands anywhere in both is marked in
    both. Takes a few steps for each sign, whatever the texts are made of."""
    both = _runs(first) & _runs(second)
    return _cut(first, both), _cut(second, both)


def _runs(text: str) -> set[str]:
    return {text[start : start + SHORTEST] for start in range(len(text) - SHORTEST + 1)}


def _cut(text: str, both: set[str]) -> Pieces:
    """The text in pieces: together, what lies within runs that both have, and what lies between."""
    marks = [False] * len(text)
    marked_to = 0
    for start in range(len(text)):
        if text[start : start + SHORTEST] in both:
            marked_to = start + SHORTEST
        marks[start] = start < marked_to
    pieces = groupby(zip(text, marks, strict=True), key=itemgetter(1))
    return [("".join(sign for sign, _mark in signs), mark) for mark, signs in pieces]


def rows(first: Submission, second: Submission) -> list[dict[str, Any]]:
    """The compared texts of two versions as handed in, with labels; those empty in both are left out."""
    shown = []
    for name in COMPARED:
        one, two = (str(version.content["application"].get(name) or "") for version in (first, second))
        if one or two:
            left, right = in_common(one, two)
            label = Project._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            shown.append({"label": label, "left": left, "right": right})
    return shown
