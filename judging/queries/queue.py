"""An expert's queue: where each assignment stands, which comes next. Nobody else's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from judging.enums import AssignmentStatus, RoundStatus, SheetStatus
from judging.looks import ROUND_TONES
from judging.models import Assignment, Round, SheetScore
from kit.prepared import Prepared, Slot

#: The word for each state and its tone. "Not scored", "skipped" and "recused" are states, never a zero.
STATES: dict[str, tuple[str | Promise, str]] = {
    "undeclared": (_("Declare first"), "warn"),
    "ready": (_("Not scored"), "neutral"),
    "begun": (_("Begun"), "info"),
    "skipped": (_("Skipped for now"), "warn"),
    "complete": (_("Scored, not signed"), "info"),
    "submitted": (_("Submitted and locked"), "good"),
    "recused": (_("Recused"), "neutral"),
    "replaced": (_("Given to another expert"), "neutral"),
    "withdrawn": (_("Left the round"), "neutral"),
    "unscored": (_("Not scored"), "bad"),
}
#: States in which an entry still needs its expert before everything can be signed.
OPEN_STATES = ("undeclared", "ready", "begun", "skipped")
ENDED_STATES = ("recused", "replaced", "withdrawn")


def state_of(assignment: Assignment, scored: int | None = None) -> str:
    """One word for where an assignment stands; "unscored" is a state of its own, never a zero.

    ``scored`` is how many criteria have points; who does not know it learns of no complete sheet.
    """
    sheet = getattr(assignment, "sheet", None)
    round = assignment.entry.round
    if assignment.status == AssignmentStatus.RECUSED:
        return "recused"
    if assignment.status == AssignmentStatus.REPLACED:
        return "replaced"
    if assignment.entry.withdrawn_at:
        return "withdrawn"
    if sheet is not None and sheet.status == SheetStatus.SUBMITTED:
        return "submitted"
    if round.status != RoundStatus.SCORING:
        return "unscored"
    if scored and scored >= len(round.rules.criteria):
        return "complete"
    if is_skipped(assignment):
        return "skipped"
    if sheet is None:
        return "undeclared"
    return "begun" if sheet.saved_at else "ready"


def is_skipped(assignment: Assignment) -> bool:
    """Put aside, and not taken up again since."""
    sheet = getattr(assignment, "sheet", None)
    if assignment.skipped_at is None:
        return False
    return sheet is None or sheet.saved_at is None or sheet.saved_at < assignment.skipped_at


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

    @property
    def is_locked(self) -> bool:
        return self.state == "submitted"


@dataclass(frozen=True)
class Queue:
    """One round as its expert sees it: what is done, what is next."""

    round: Round
    tasks: list[Task]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What the list shows of each task: there may be hundreds, and a template finds a key faster than
        an attribute of an attribute."""
        address = _address_by_key()
        return [_line(task, address) for task in self.tasks]

    @property
    def current(self) -> list[Task]:
        return [task for task in self.tasks if task.state not in ENDED_STATES]

    @property
    def done(self) -> int:
        """Sheets scored in full, signed or not."""
        return sum(task.state in ("complete", "submitted") for task in self.current)

    @property
    def locked(self) -> int:
        return sum(task.is_locked for task in self.current)

    @property
    def total(self) -> int:
        return len(self.current)

    @property
    def next(self) -> Assignment | None:
        """The entry to take up now."""
        return following([task for task in self.tasks if task.state in OPEN_STATES])

    @property
    def can_sign(self) -> bool:
        """Everything is scored, and something is not locked yet."""
        return self.is_open and self.done == self.total and self.locked < self.total

    @property
    def is_blind(self) -> bool:
        return self.round.rules.blind

    @property
    def tone(self) -> str:
        return ROUND_TONES[RoundStatus(self.round.status)]

    @property
    def is_open(self) -> bool:
        return self.round.status == RoundStatus.SCORING


def _address_by_key() -> Callable[[int], str]:
    """Addresses of the scoring desk, found once: they differ in their key alone."""
    before, _key, after = Assignment(pk=0).get_absolute_url().rpartition("0")
    return lambda key: f"{before}{key}{after}"


def _line(task: Task, address: Callable[[int], str]) -> dict[str, Any]:
    row: Any = task.assignment
    label, tone = STATES[task.state]
    return {
        "number": str(row.entry.number),
        "address": address(row.pk),
        "title": row.title,
        "applicant": row.applicant,
        "is_calibration": row.entry.is_calibration,
        "label": label,
        "tone": tone,
        "total": row.sheet.total if hasattr(row, "sheet") else None,
    }


def following(tasks: list[Task]) -> Assignment | None:
    """Of open tasks the one to take up: the calibration entry, then what fewest have read, what was
    put aside last; in the order of the list among equals."""
    ordered = sorted(
        (task.assignment for task in tasks),
        key=lambda row: (not row.entry.is_calibration, is_skipped(row), row.readers, row.entry.number),  # type: ignore[attr-defined]
    )
    return ordered[0] if ordered else None


def with_progress(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """With ``scored``, the criteria that have points, and ``readers``, how many sheets of the entry have
    been begun by anybody: both order the queue, the second is never shown."""
    scored = (
        SheetScore.objects.filter(sheet__assignment=OuterRef("pk"), points__isnull=False)
        .order_by()
        .values("sheet")
        .annotate(found=Count("pk"))
        .values("found")
    )
    readers = (
        Assignment.objects.filter(entry=OuterRef("entry"), sheet__saved_at__isnull=False)
        .order_by()
        .values("entry")
        .annotate(found=Count("pk"))
        .values("found")
    )
    return assignments.annotate(scored=Coalesce(Subquery(scored), 0), readers=Coalesce(Subquery(readers), 0))


def queues(user: User) -> list[Queue]:
    """An expert's rounds with their assignments, the newest round first; two queries.

    A queue may have hundreds of rows: of each only what the list shows is read, and each round once.
    """
    rows = LINES.all(expert=user.pk)
    wanted = {row.entry.round_id for row in rows}
    rounds = Round.objects.select_related("edition", "rulebook").in_bulk(wanted)
    found: dict[int, Queue] = {}
    for row in rows:
        round = row.entry.round = rounds[row.entry.round_id]
        queue = found.setdefault(round.pk, Queue(round, []))
        queue.tasks.append(Task(row, state_of(row, row.scored)))  # type: ignore[attr-defined]
    return sorted(found.values(), key=_precedence)


def _precedence(queue: Queue) -> tuple[bool, bool, int, int]:
    """Rounds being scored come first, then the newest; rehearsals stand behind what counts."""
    edition = queue.round.edition
    return not queue.is_open, edition.is_rehearsal, -edition.year, -queue.round.pk


#: What a line of the queue is made of.
SHOWN = (
    "status",
    "skipped_at",
    *(f"sheet__{name}" for name in ("assignment", "status", "saved_at", "total")),
    *(f"entry__{name}" for name in ("round", "number", "withdrawn_at", "is_calibration")),
)
LINES = Prepared(
    lambda: with_progress(
        Assignment.objects.of_expert(Slot("expert"))
        .select_related("sheet", "entry")
        .only(*SHOWN)
        .annotate(title=F("entry__project__title"), applicant=F("entry__project__organisation__name"))
        .order_by("-entry__round", "entry__number")
    )
)


def own_work(assignment: Assignment) -> QuerySet[Assignment]:
    """The same expert's assignments in the same round that still count, in the order of the queue."""
    return with_progress(
        Assignment.objects.current()
        .filter(seat=assignment.seat_id, entry__round=assignment.entry.round_id)
        .select_related("sheet", "entry")
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
    #: The entry to take up after this one; ``None`` when all are scored.
    next_open: int | None


def place_of(assignment: Assignment) -> Place:
    """Position, neighbours and the entry to take up next; one query."""
    rows = list(own_work(assignment))
    for row in rows:
        row.entry.round = assignment.entry.round
    tasks = [Task(row, state_of(row, row.scored)) for row in rows]  # type: ignore[attr-defined]
    keys = [row.pk for row in rows]
    index = keys.index(assignment.pk) if assignment.pk in keys else 0
    rest = [task for task in tasks if task.state in OPEN_STATES and task.assignment.pk != assignment.pk]
    next_open = following(rest)
    return Place(
        position=index + 1,
        total=len(rows),
        done=sum(task.state in ("complete", "submitted") for task in tasks),
        previous=keys[index - 1] if index else None,
        following=keys[index + 1] if index + 1 < len(keys) else None,
        next_open=next_open.pk if next_open else None,
    )


def open_tasks(user: User) -> QuerySet[Assignment]:
    """Assignments that wait for this expert in rounds being scored."""
    return (
        Assignment.objects.visible_to(user)
        .current()
        .filter(entry__round__status=RoundStatus.SCORING)
        .exclude(sheet__status=SheetStatus.SUBMITTED)
    )
