"""What an expert sees: the own queue, the application, the own sheet. Nobody else's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.rulebook import Criterion
from judging.enums import AssignmentStatus, RoundStatus, SheetStatus
from judging.looks import ROUND_TONES
from judging.models import Assignment, Round, Sheet, SheetScore
from projects.content import budget_table, sections, with_masked_phones, without_identity

#: How many bands are offered where the rulebook describes none.
BANDS = 4


@dataclass(frozen=True)
class Task:
    """One assignment with the word for where it stands."""

    assignment: Assignment
    state: str

    @property
    def label(self) -> str | Promise:
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        return STATES[self.state][1]


@dataclass(frozen=True)
class Queue:
    """One round as its expert sees it: what is done, what is next."""

    round: Round
    tasks: list[Task]

    @property
    def current(self) -> list[Task]:
        return [task for task in self.tasks if task.state not in ("recused", "withdrawn")]

    @property
    def done(self) -> int:
        return sum(task.state == "submitted" for task in self.current)

    @property
    def total(self) -> int:
        return len(self.current)

    @property
    def next(self) -> Assignment | None:
        """The first entry that still needs something."""
        waiting = ("undeclared", "ready", "begun")
        return next((task.assignment for task in self.tasks if task.state in waiting), None)

    @property
    def is_blind(self) -> bool:
        return self.round.rules.blind

    @property
    def tone(self) -> str:
        return ROUND_TONES[RoundStatus(self.round.status)]

    @property
    def is_open(self) -> bool:
        return self.round.status == RoundStatus.SCORING


def state_of(assignment: Assignment) -> str:
    """One word for where an assignment stands; "unscored" is a state of its own, never a zero."""
    sheet = getattr(assignment, "sheet", None)
    if assignment.status in (AssignmentStatus.RECUSED, AssignmentStatus.REPLACED):
        return "recused"
    if assignment.entry.withdrawn_at:
        return "withdrawn"
    if sheet is not None and sheet.status == SheetStatus.SUBMITTED:
        return "submitted"
    if assignment.entry.round.status != RoundStatus.SCORING:
        return "unscored"
    if sheet is None:
        return "undeclared"
    return "begun" if sheet.version > 1 else "ready"


STATES: dict[str, tuple[str | Promise, str]] = {
    "undeclared": (_("Declare first"), "warn"),
    "ready": (_("Not scored"), "neutral"),
    "begun": (_("Begun"), "info"),
    "submitted": (_("Submitted and locked"), "good"),
    "recused": (_("Recused"), "neutral"),
    "withdrawn": (_("Left the round"), "neutral"),
    "unscored": (_("Not scored"), "bad"),
}


def queues(user: User) -> list[Queue]:
    """An expert's rounds with their assignments, the newest round first; one query."""
    rows = (
        Assignment.objects.visible_to(user)
        .for_list()
        .select_related("entry__round__rulebook", "entry__project__organisation")
        .order_by("-entry__round", "entry__number")
    )
    found: dict[int, Queue] = {}
    for row in rows:
        queue = found.setdefault(row.entry.round_id, Queue(row.entry.round, []))
        queue.tasks.append(Task(row, state_of(row)))
    return list(found.values())


def own_work(assignment: Assignment) -> QuerySet[Assignment]:
    """The same expert's assignments in the same round that still count, in the order of the queue."""
    return (
        Assignment.objects.current()
        .filter(seat=assignment.seat_id, entry__round=assignment.entry.round_id)
        .select_related("sheet")
        .order_by("entry__number")
    )


@dataclass(frozen=True)
class Place:
    """Where an assignment stands in its expert's queue."""

    position: int
    total: int
    done: int
    previous: int | None
    following: int | None
    next_open: int | None


def place_of(assignment: Assignment) -> Place:
    """Position, neighbours and the next entry that still needs something; one query."""
    rows = list(own_work(assignment).values_list("pk", "sheet__status", named=False))
    keys = [pk for pk, _status in rows]
    index = keys.index(assignment.pk) if assignment.pk in keys else 0
    rest = rows[index + 1 :] + rows[:index]
    return Place(
        position=index + 1,
        total=len(rows),
        done=sum(status == SheetStatus.SUBMITTED for _pk, status in rows),
        previous=keys[index - 1] if index else None,
        following=keys[index + 1] if index + 1 < len(keys) else None,
        next_open=next((pk for pk, status in rest if status != SheetStatus.SUBMITTED), None),
    )


@dataclass(frozen=True)
class Reading:
    """The application as this expert may read it."""

    sections: list[dict[str, Any]]
    budget: dict[str, Any]
    names: dict[str, Any]
    is_blind: bool


def reading(assignment: Assignment) -> Reading:
    """The frozen version the entry was accepted in; a blind round loses who is behind it.

    Phones and addresses are masked in every round: nobody rings an applicant up while scoring.
    """
    is_blind = assignment.entry.round.rules.blind
    content = assignment.entry.submission.content
    content = without_identity(content) if is_blind else with_masked_phones(content)
    return Reading(
        sections=sections(content),
        budget=budget_table(content),
        names=content["names"],
        is_blind=is_blind,
    )


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


def open_tasks(user: User) -> QuerySet[Assignment]:
    """Assignments that wait for this expert in rounds being scored."""
    return (
        Assignment.objects.visible_to(user)
        .current()
        .filter(entry__round__status=RoundStatus.SCORING)
        .exclude(sheet__status=SheetStatus.SUBMITTED)
    )
