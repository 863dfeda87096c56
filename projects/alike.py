"""Two texts side by side with what they have in common marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
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
#: Comparing costs a step for every pair of equal signs. Texts in words stay far below; one that repeats a
#: sign thousands of times would hold the server up for minutes.
MOST_STEPS = 4_000_000
#: Pieces of a text: (text, whether the other has it too).
Pieces = list[tuple[str, bool]]


def is_too_costly(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether comparing the two, sign by sign or sentence by sentence, would take too long."""
    theirs = Counter(second)
    return sum(count * theirs[sign] for sign, count in Counter(first).items()) > MOST_STEPS


def in_common(first: str, second: str) -> tuple[Pieces, Pieces]:
    """Both texts cut into pieces; a piece of five signs or more that both have is marked in both. What
    would take too long to compare is marked only if the two are the same."""
    if is_too_costly(first, second):
        return [(first, first == second)], [(second, first == second)]
    blocks = [
        block
        for block in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
        if block.size >= SHORTEST
    ]
    return (
        list(_cut(first, [(block.a, block.size) for block in blocks])),
        list(_cut(second, [(block.b, block.size) for block in blocks])),
    )


def _cut(text: str, marked: list[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    place = 0
    for start, size in marked:
        if start > place:
            yield text[place:start], False
        yield text[start : start + size], True
        place = start + size
    if place < len(text):
        yield text[place:], False


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
