"""What an expert reads and writes: the application, the own sheet. Nobody else's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from contest.models import StoredFile
from contest.rulebook import Criterion
from judging.enums import SheetStatus
from judging.models import Assignment, RoundEntry, Sheet, SheetScore
from projects.attachments import ONLY_IF_REQUIRED
from projects.content import budget_table, sections, with_masked_phones, without_identity
from projects.enums import AttachmentKind
from projects.models import Attachment

#: How many bands are offered where the rulebook describes none.
BANDS = 4


@dataclass(frozen=True)
class Paragraph:
    """A long text of the application, in pieces: highlighted by this expert or not."""

    key: str
    label: Any
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True)
class Paper:
    """A file that belongs to the application."""

    pk: int
    name: str
    kind: str
    look: str


@dataclass(frozen=True)
class Reading:
    """The application as this expert may read it."""

    sections: list[dict[str, Any]]
    budget: dict[str, Any]
    names: dict[str, Any]
    papers: list[Paper]
    is_blind: bool


def reading_of(entry: RoundEntry, highlights: Sequence[Mapping[str, Any]] = ()) -> Reading:
    """The frozen version the entry was accepted in; a blind round loses who is behind it.

    Phones and addresses are masked in every round: nobody rings an applicant up while scoring.
    """
    is_blind = entry.round.rules.blind
    content = entry.submission.content
    content = without_identity(content) if is_blind else with_masked_phones(content)
    shown = sections(content)
    for section in shown:
        section["texts"] = [
            Paragraph(key, label, pieces(text, [mark for mark in highlights if mark["part"] == key]))
            for number, (label, text) in enumerate(section["texts"], 1)
            for key in [f"{section['key']}-{number}"]
        ]
    return Reading(
        sections=shown,
        budget=budget_table(content),
        names=content["names"],
        papers=papers(entry),
        is_blind=is_blind,
    )


def pieces(text: str, marks: Iterable[Mapping[str, Any]]) -> list[tuple[str, bool]]:
    """A text cut where highlights begin and end; places beyond it are left out."""
    found, at = [], 0
    for mark in sorted(marks, key=lambda mark: mark["start"]):
        start, end = max(at, mark["start"]), min(mark["end"], len(text))
        if start >= end:
            continue
        found += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in [*found, (text[at:], False)] if piece[0]]


#: Papers about people, and the stamped print-out with its phones and signatures: staff alone see these.
STAFF_ONLY = {AttachmentKind.STAMPED, *ONLY_IF_REQUIRED}
#: How the page shows a file; any other is a link.
LOOKS = {".pdf": "pdf", ".png": "picture", ".jpg": "picture", ".jpeg": "picture"}


def papers(entry: RoundEntry) -> list[Paper]:
    """The files this expert may open; none in a blind round, for a file names who sent it."""
    if entry.round.rules.blind:
        return []
    return [
        Paper(row["id"], row["name"], row["kind_name"], LOOKS.get(PurePath(row["name"]).suffix.lower(), ""))
        for row in entry.submission.content["attachments"]
        if row["kind"] not in STAFF_ONLY
    ]


def paper_file(entry: RoundEntry, pk: int) -> StoredFile | None:
    """The stored file behind one of these; ``None`` for any other."""
    if pk not in {paper.pk for paper in papers(entry)}:
        return None
    row = Attachment.objects.select_related("file").filter(pk=pk, project=entry.project_id).first()
    return row.file if row else None


@dataclass(frozen=True)
class Row:
    """One criterion on the sheet: what it is worth, what was given, the bands to click."""

    criterion: Criterion
    field: Any
    points: Any
    bands: list[tuple[int, int, str]]


def scores_of(sheet: Sheet) -> dict[str, Any]:
    """Points by criterion as saved; one query."""
    return dict(SheetScore.objects.filter(sheet=sheet).values_list("criterion", "points"))


def sheet_rows(criteria: Iterable[Criterion], form: Any, points: Mapping[str, Any]) -> list[Row]:
    """The sheet's rows in the order of the rulebook."""
    return [
        Row(
            criterion,
            form[form.field_of(criterion.key)] if form else None,
            points.get(criterion.key),
            bands(criterion),
        )
        for criterion in criteria
    ]


def bands(criterion: Criterion) -> list[tuple[int, int, str]]:
    """The levels of the rulebook, or equal bands without words where it describes none."""
    if criterion.levels:
        return [(level.low, level.high, level.text) for level in criterion.levels]
    edges = [criterion.points * step // BANDS for step in range(BANDS + 1)]
    lows = [0, *(edge + 1 for edge in edges[1:-1])]
    return [(low, high, "") for low, high in zip(lows, edges[1:], strict=True)]


def experts_owing(entry: RoundEntry) -> list[str]:
    """Names of the experts whose sheet of the entry is not in, by seat; for the director, who walks over
    to them."""
    owed = Assignment.objects.current().filter(entry=entry).exclude(sheet__status=SheetStatus.SUBMITTED)
    return list(owed.order_by("seat__number").values_list("seat__expert__name", flat=True))
