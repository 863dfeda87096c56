"""Two versions side by side: what changed, marked within the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from projects.content import Content, Difference, differences
from projects.corrections import label_of
from projects.enums import Outcome
from projects.models import CorrectionItem, Submission
from projects.queries import readable_content

#: (``same`` | ``out`` | ``in``, text)
Piece = tuple[str, str]
SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]|[^。；！？\n]+")
#: Sentences less alike than this are shown as replaced; marking single letters would not be read.
ALIKE = 0.5
#: A text of sentences stays far below the one, a sentence of 250 signs below the other.
MOST_FOR_SENTENCES, MOST_FOR_SIGNS = 4_000_000, 200_000


@dataclass(frozen=True)
class Changed:
    """One place of two versions, each text in pieces."""

    place: str
    label: str
    before: list[Piece]
    after: list[Piece]


@dataclass(frozen=True)
class Answer:
    """One point of a return, and what the next version did about it; nothing when left as it was."""

    item: CorrectionItem
    label: str
    changes: list[Changed]


def changes(before: Content, after: Content) -> list[Changed]:
    """Every place that reads otherwise, in the order of the form."""
    return [_changed(difference) for difference in differences(before, after)]


def _changed(difference: Difference) -> Changed:
    before, after = marked(difference.before, difference.after)
    return Changed(difference.place, difference.label, before, after)


def marked(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces: sentence by sentence, and within sentences that are still much alike."""
    then, now = SENTENCE.findall(before), SENTENCE.findall(after)
    if steps(then, now) > MOST_FOR_SENTENCES:
        return list(_piece("out", before)), list(_piece("in", after))
    old, new = [], []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        left, right = "".join(then[i1:i2]), "".join(now[j1:j2])
        if kind == "equal":
            old.append(("same", left))
            new.append(("same", right))
        else:
            old_pieces, new_pieces = _within(left, right)
            old += old_pieces
            new += new_pieces
    return old, new


def _within(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if steps(left, right) > MOST_FOR_SIGNS or matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
        return list(_piece("out", left)), list(_piece("in", right))
    old: list[Piece] = []
    new: list[Piece] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        old += _piece("same" if kind == "equal" else "out", left[i1:i2])
        new += _piece("same" if kind == "equal" else "in", right[j1:j2])
    return old, new


def steps(first: Sequence[str], second: Sequence[str]) -> int:
    """The most steps it can take to compare two texts, piece by piece: one for each pair of equal pieces,
    and all of them once more for each stretch found, of which there may be as many as pieces."""
    theirs = Counter(second)
    pairs = sum(count * theirs[piece] for piece, count in Counter(first).items())
    return pairs * min(len(first), len(second))


def _piece(kind: str, text: str) -> Iterator[Piece]:
    if text:
        yield kind, text


@dataclass(frozen=True)
class LastAnswer:
    """How the version on the desk answers what the one before it was returned for."""

    before: str
    after: str
    points: list[Answer]


def last_answer(submissions: Sequence[Submission], *, with_contacts: bool) -> LastAnswer | None:
    """``submissions`` are the versions of one application, latest first; ``None`` if none before the
    latest was returned. What was handed in between and taken back answers nothing."""
    before = next((version for version in submissions[1:] if _was_returned(version)), None)
    if before is None:
        return None
    after = submissions[0]
    texts = [readable_content(version, with_contacts=with_contacts) for version in (before, after)]
    return LastAnswer(
        _("Version %(number)s") % {"number": before.version},
        _("Version %(number)s") % {"number": after.version},
        answers_in(before, after, changes(*texts)),
    )


def _was_returned(submission: Submission) -> bool:
    return any(decision.outcome == Outcome.CORRECT for decision in submission.decisions.all())


def answers_in(before: Submission, after: Submission, found: list[Changed]) -> list[Answer]:
    """What ``before`` was returned for, each point with what changed in its place; empty if it was not
    returned, or if ``after`` is not the version that answers it."""
    versions = range(before.version, after.version)
    items = CorrectionItem.objects.filter(
        decision__submission__project=before.project_id,
        decision__submission__version__in=versions,
        decision__outcome=Outcome.CORRECT,
    ).select_related("decision")
    if any(item.decision.submission_id != before.pk for item in items):
        return []
    return [
        Answer(item, str(label_of(item.place)), [change for change in found if change.place == item.place])
        for item in items
    ]
