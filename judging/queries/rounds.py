"""What a round takes in, and how far it has come. No score is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contest.models import Event
from judging.enums import AssignmentStatus, RoundKey, RoundStatus, SheetStatus
from judging.models import Assignment, Declaration, PanelSeat, Round, RoundEntry
from judging.models.rounds import SEALED_STATES
from judging.moves import PREVIOUS_ROUND
from judging.queries.conflicts import barred_seats
from judging.queries.decisions import decided_lines
from judging.queries.notices import excluded_projects
from judging.queries.objections import struck_projects
from kit import clock
from projects.eligibility import only_failures, promotion_findings
from projects.models import Project, Submission

if TYPE_CHECKING:
    from collections.abc import Iterable


def candidates(round: Round) -> list[Submission]:
    """The submissions a round takes in when it is opened; a constant number of queries."""
    if round.key == RoundKey.PRELIMINARY:
        return accepted_submissions(round)
    return advancing_submissions(round)


def accepted_submissions(round: Round) -> list[Submission]:
    """The latest submission of every accepted project that is still on the published list."""
    taken_off = excluded_projects(round.edition)
    projects = Project.objects.accepted().in_edition(round.edition).exclude(pk__in=taken_off)
    return list(
        Submission.objects.filter(project__in=projects)
        .select_related("project__organisation")
        .order_by("project_id", "-version")
        .distinct("project_id")
    )


def advancing_submissions(round: Round) -> list[Submission]:
    """What the confirmed list of the round before lets through, in the version it was read in; without
    what an objection has taken off it since."""
    previous = Round.objects.filter(
        edition=round.edition, key=PREVIOUS_ROUND[RoundKey(round.key)], status=RoundStatus.CONFIRMED
    ).first()
    if previous is None:
        return []
    lines = decided_lines(previous).filter(advances=True)
    lines = lines.exclude(entry__project__in=struck_projects(previous))
    entries = lines.values_list("entry__submission_id", flat=True)
    return list(Submission.objects.filter(pk__in=entries).select_related("project__organisation"))


@dataclass(frozen=True)
class NotEligible:
    """A project that a round would take in and that may no longer take part."""

    project: Project
    why: str


def not_eligible(round: Round) -> list[NotEligible]:
    """What holds the opening of a round until it is cleared or left out; a constant number of queries."""
    projects = [submission.project for submission in candidates(round)]
    found = only_failures(promotion_findings(projects, clock.now()))
    barred = [project for project in projects if project.pk in found]
    return [
        NotEligible(project, found[project.pk][0].text) for project in sorted(barred, key=lambda p: p.code)
    ]


DONE = Q(sheet__status=SheetStatus.SUBMITTED, status=AssignmentStatus.CLEAR)
UNDECLARED = Q(status=AssignmentStatus.OFFERED)
RECUSED = Q(status=AssignmentStatus.RECUSED)
CURRENT = Q(status__in=[AssignmentStatus.OFFERED, AssignmentStatus.CLEAR])


@dataclass(frozen=True)
class Progress:
    """How many of the sheets a round needs are in."""

    done: int
    total: int
    undeclared: int
    recused: int

    @property
    def missing(self) -> int:
        return self.total - self.done


def progress(round: Round) -> Progress:
    """Counts of a round's sheets; one query."""
    counts = _running(round).aggregate(
        done=Count("pk", filter=DONE),
        total=Count("pk", filter=CURRENT),
        undeclared=Count("pk", filter=UNDECLARED),
        recused=Count("pk", filter=RECUSED),
    )
    return Progress(**counts)


def _running(round: Round) -> QuerySet[Assignment]:
    return Assignment.objects.filter(entry__round=round, entry__withdrawn_at__isnull=True)


def seats_with_progress(round: Round) -> QuerySet[PanelSeat]:
    """The panel with ``done``, ``total``, ``undeclared`` and ``recused`` beside each seat."""
    running = Q(assignments__entry__withdrawn_at__isnull=True)
    current = Q(assignments__status__in=[AssignmentStatus.OFFERED, AssignmentStatus.CLEAR])
    submitted = Q(
        assignments__status=AssignmentStatus.CLEAR, assignments__sheet__status=SheetStatus.SUBMITTED
    )
    return (
        PanelSeat.objects.filter(round=round)
        .for_list()
        .annotate(
            done=Count("assignments", filter=running & submitted),
            total=Count("assignments", filter=running & current),
            undeclared=Count("assignments", filter=running & Q(assignments__status=AssignmentStatus.OFFERED)),
            recused=Count("assignments", filter=running & Q(assignments__status=AssignmentStatus.RECUSED)),
        )
    )


def entries_with_progress(round: Round) -> list[Any]:
    """The entries with ``done``, ``total`` and ``recused`` beside each; two queries.

    Counted apart from the entries: one query for both lets PostgreSQL, as long as it knows little of
    these tables, walk all sheets once for every assignment.
    """
    assigned = Assignment.objects.filter(entry__round=round).values("entry").order_by()
    counts: dict[int, Any] = {
        row["entry"]: row
        for row in assigned.annotate(
            done=Count("pk", filter=Q(status=AssignmentStatus.CLEAR, sheet__status=SheetStatus.SUBMITTED)),
            total=Count("pk", filter=Q(status__in=[AssignmentStatus.OFFERED, AssignmentStatus.CLEAR])),
            recused=Count("pk", filter=Q(status=AssignmentStatus.RECUSED)),
        )
    }
    entries: list[Any] = list(RoundEntry.objects.filter(round=round).for_list())
    for entry in entries:
        found = counts.get(entry.pk, {})
        for name in ("done", "total", "recused"):
            setattr(entry, name, found.get(name, 0))
    return entries


def laggards(seats: Iterable[Any]) -> list[Any]:
    """Seats that still owe sheets, those who owe most first."""
    owing = [seat for seat in seats if seat.done < seat.total and seat.ended_at is None]
    return sorted(owing, key=lambda seat: (seat.done - seat.total, seat.number))


def owed_by(seat: PanelSeat) -> QuerySet[Assignment]:
    """What a seat has not submitted yet; no score is read."""
    return Assignment.objects.current().filter(seat=seat).exclude(sheet__status=SheetStatus.SUBMITTED)


def chairs_done(user: Any) -> QuerySet[PanelSeat]:
    """The seats a person chairs from, in rounds that are sealed or with all own sheets in."""
    owed = Assignment.objects.current().exclude(sheet__status=SheetStatus.SUBMITTED).values("seat")
    return (
        PanelSeat.objects.sitting()
        .filter(expert=user, is_chair=True)
        .filter(Q(round__status__in=SEALED_STATES) | Q(round__status=RoundStatus.SCORING) & ~Q(pk__in=owed))
        .select_related("round__edition__current_rulebook", "round__rulebook")
    )


def reminded_today(round: Round) -> set[int]:
    """The seats that have had a reminder since midnight; one query."""
    midnight = datetime.combine(clock.today(), time.min, clock.CITY_ZONE)
    sent = Event.objects.about(round).filter(verb="experts.reminded", at__gte=midnight)
    return {seat for after in sent.values_list("after", flat=True) for seat in after["seats"]}


def free_seats(entry: RoundEntry) -> list[Any]:
    """Seats that could take an entry over, the least loaded first: not on it before, no conflict.

    Each with its ``load``, the sheets it has.
    """
    seats = list(seats_with_load(entry.round_id).exclude(assignments__entry=entry).order_by("load", "number"))
    barred = barred_seats([entry], seats)[entry.pk]
    return [seat for seat in seats if seat.pk not in barred]


def seats_with_load(round: int) -> QuerySet[Any]:
    """The panel as it can still be given entries, each seat with ``load``: the sheets it has in this
    round."""
    current = Assignment.objects.current().filter(seat=OuterRef("pk")).order_by().values("seat")
    return (
        PanelSeat.objects.scoring()
        .filter(round=round)
        .select_related("expert")
        .annotate(load=Coalesce(Subquery(current.annotate(count=Count("pk")).values("count")), 0))
        .order_by("number")
    )


def rounds_ready_to_seal(moment: Any) -> QuerySet[Round]:
    """Rounds whose scoring is over: the deadline has passed, or every sheet is in."""
    missing = (
        Assignment.objects.filter(
            status__in=[AssignmentStatus.OFFERED, AssignmentStatus.CLEAR], entry__withdrawn_at__isnull=True
        )
        .exclude(sheet__status=SheetStatus.SUBMITTED)
        .values("entry__round")
    )
    return Round.objects.filter(status=RoundStatus.SCORING).filter(
        Q(scoring_ends_at__lte=moment) | ~Q(pk__in=missing)
    )


def rounds_for_list(user: Any) -> QuerySet[Round]:
    """The rounds a person may follow, with ``entry_count``, ``done`` and ``total`` of the sheets."""
    sheets = Assignment.objects.current().filter(entry__round=OuterRef("pk")).order_by()
    counts = sheets.values("entry__round").annotate(
        every=Count("pk"), done=Count("pk", filter=Q(sheet__status=SheetStatus.SUBMITTED))
    )
    return (
        Round.objects.visible_to(user)
        .for_list()
        .annotate(
            done=Coalesce(Subquery(counts.values("done")), 0),
            total=Coalesce(Subquery(counts.values("every")), 0),
        )
    )


def open_assignments(round: Round) -> QuerySet[Assignment]:
    """Sheets still owed, by seat: for handing one over. No score is read."""
    return (
        Assignment.objects.current()
        .filter(entry__round=round)
        .exclude(sheet__status=SheetStatus.SUBMITTED)
        .select_related("seat__expert", "entry__project")
        .order_by("seat__number", "entry__number")
    )


def recusals(round: Round) -> QuerySet[Declaration]:
    """Conflicts declared in a round, with their reasons: for the clerk of the round alone."""
    return (
        Declaration.objects.filter(assignment__entry__round=round, has_conflict=True)
        .select_related(
            "assignment__seat__expert", "assignment__entry__project", "assignment__replacement__seat"
        )
        .order_by("pk")
    )
