"""The queue of the formal check: what is in it, how it is marked, what is clean, how long it waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.enums import Role, ScopeKind
from accounts.models import RoleGrant, User
from contest.models import Edition, Event
from contest.workdays import UnknownYear, WorkCalendar
from kit import clock
from projects.bars import barred_codes
from projects.enums import (
    Occasion,
    OrganisationStatus,
    Outcome,
    ProjectStatus,
    Stance,
)
from projects.handed_in import as_handed_in
from projects.models import EligibilityCheck, IntakeDecision, Project, Similarity
from projects.models.applications import ProjectQuerySet
from projects.rules import MEMBERS

#: An application that waits for more working days than this waits too long.
LATE_AFTER = 5
#: What the search box of the queue, and of its exports, looks through.
SEARCH = ("code", "shown_title", "organisation__name", "organisation__code")
#: So many are accepted together at most: what a clerk can still look through.
BATCH = 100


def queue_of(user: Any) -> ProjectQuerySet:
    """What a person sees at the desk of the formal check, rehearsals left out; bare rows."""
    projects = Project.objects.visible_to(user).handed_in().as_handed_in()
    return projects.filter(edition__is_rehearsal=False)


def clerks() -> QuerySet[User]:
    """Active people who check applications for the whole city or an edition."""
    grants = RoleGrant.objects.current().filter(role=Role.CLERK).exclude(scope_kind=ScopeKind.DISTRICT)
    return User.objects.filter(is_active=True, pk__in=grants.values("user_id")).order_by("name", "pk")


# Marks


def _similar() -> Any:
    """Another application reads much alike and nobody has found them different yet."""
    still_open = Similarity.objects.filter(cleared_at__isnull=True)
    return Exists(still_open.filter(project=OuterRef("pk"))) | Exists(still_open.filter(other=OuterRef("pk")))


def _answers(**found: bool) -> Any:
    """Answers of the machine at the last submission."""
    return Exists(
        EligibilityCheck.objects.filter(
            project=OuterRef("pk"), occasion=Occasion.SUBMIT, at=OuterRef("submitted_at"), **found
        )
    )


def similar(projects: ProjectQuerySet) -> ProjectQuerySet:
    return projects.filter(_similar())


def handed_in_again(projects: ProjectQuerySet) -> ProjectQuerySet:
    """Corrected by the applicant and waiting once more."""
    returned = IntakeDecision.objects.filter(submission__project=OuterRef("pk"), outcome=Outcome.CORRECT)
    return projects.filter(Exists(returned), status=ProjectStatus.SUBMITTED)


def correction_overdue(projects: ProjectQuerySet) -> ProjectQuerySet:
    return projects.filter(status=ProjectStatus.CORRECTING, correction_due_on__lt=clock.today())


def waiting_longer(projects: ProjectQuerySet, working_days: int) -> ProjectQuerySet:
    """Unchecked for more than that many working days; none where the calendar is not known."""
    try:
        edge = _day_before(WorkCalendar(), clock.today(), working_days + 1)
    except UnknownYear:
        return projects.none()
    return projects.filter(status=ProjectStatus.SUBMITTED, submitted_at__date__lte=edge)


def _day_before(calendar: WorkCalendar, day: date, working_days: int) -> date:
    """The day after which, up to ``day``, lie just that many working days."""
    left = working_days
    while left:
        left -= calendar.is_workday(day)
        day -= timedelta(days=1)
    return day


def for_desk(projects: ProjectQuerySet) -> ProjectQuerySet:
    """With all that a row of the queue shows: sums, people, the district's word, and the marks."""
    return (
        projects.for_list()
        .select_related("checker", "recommendation")
        .annotate(
            is_similar=_similar(),
            is_flagged=_answers(passed=False),
            is_examined=_answers(),
        )
    )


def in_order_of(projects: ProjectQuerySet, keys: Iterable[int]) -> list[Project]:
    """Those rows as handed in, in the order of ``keys``."""
    found = for_desk(projects.model.objects.filter(pk__in=keys)).in_bulk()  # type: ignore[attr-defined]
    return as_handed_in(found[key] for key in keys if key in found)


def clean(edition: Edition, user: Any) -> ProjectQuerySet:
    """Applications of an edition which a clerk may accept at a glance: every question of the machine
    answered well at the last submission, a verified organisation, nobody barred since, no open likeness
    to another one, recommended by the district where the rulebook asks for its word, and no colleague's
    case."""
    barred = barred_codes(clock.today())
    projects = (
        for_desk(Project.objects.in_edition(edition))
        .filter(
            Q(checker__isnull=True) | Q(checker=user.pk),
            status=ProjectStatus.SUBMITTED,
            organisation__status=OrganisationStatus.VERIFIED,
            is_similar=False,
            is_flagged=False,
            is_examined=True,
        )
        .exclude(organisation_id__in=user.scope_ids(ScopeKind.ORGANISATION, MEMBERS))
        .exclude(organisation__code__in=barred)
        .exclude(partners__code__in=barred)
    )
    if edition.rules.district_recommendation:
        # A word of the district in which the application was before is not the one that is asked for.
        projects = projects.filter(
            recommendation__stance=Stance.RECOMMENDED, recommendation__district=F("district")
        )
    return projects.order_by("code")


def drafts_of(edition: Edition) -> ProjectQuerySet:
    """Applications of an edition that nobody has handed in, or that were taken back."""
    return Project.objects.in_edition(edition).filter(
        status__in=[ProjectStatus.DRAFT, ProjectStatus.WITHDRAWN]
    )


def draft_counts(edition: Edition) -> list[dict[str, Any]]:
    """How many there are by district of the organisation; one query, no titles, no texts."""
    district = "organisation__district__name"
    counted = (
        drafts_of(edition)
        .order_by("organisation__district__order", district)
        .values(district, "organisation__district__order")
        .annotate(count=Count("pk"), organisations=Count("organisation", distinct=True))
    )
    return [{"district": row[district], **row} for row in counted]


def last_reminder(edition: Edition) -> Any:
    """When the organisations were last reminded of their drafts; ``None`` if never."""
    reminders = Event.objects.about(edition).filter(verb="drafts.reminded")
    return reminders.order_by("-pk").values_list("at", flat=True).first()


def may_remind(edition: Edition) -> bool:
    """A working day has begun since the last reminder; where no calendar is known, a day."""
    last = last_reminder(edition)
    if last is None:
        return True
    day, today = clock.local(last).date(), clock.today()
    try:
        return WorkCalendar().between(day + timedelta(days=1), today) > 0
    except UnknownYear:
        return day < today


# How long


@dataclass(frozen=True)
class Age:
    """For how many working days something waits, or is overdue."""

    days: int
    is_overdue: bool = False

    @property
    def is_late(self) -> bool:
        return self.is_overdue or self.days > LATE_AFTER


class Ages:
    """The ages of many applications with the calendar read once."""

    def __init__(self) -> None:
        self._calendar = WorkCalendar()
        self._today = clock.today()
        self._known: dict[date, int | None] = {}

    def of(self, project: Project) -> Age | None:
        """Working days since submission, or since a correction was due; ``None`` where nothing waits,
        or the calendar does not reach."""
        if project.status == ProjectStatus.SUBMITTED and project.submitted_at:
            days = self._since(clock.local(project.submitted_at).date())
            return None if days is None else Age(days)
        due_on = project.correction_due_on
        if due_on and due_on < self._today:
            days = self._since(due_on)
            return None if days is None else Age(days, is_overdue=True)
        return None

    def _since(self, day: date) -> int | None:
        if day not in self._known:
            try:
                self._known[day] = self._calendar.between(day + timedelta(days=1), self._today)
            except UnknownYear:
                self._known[day] = None
        return self._known[day]
