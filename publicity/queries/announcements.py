"""The notice board: each entry with where it stands today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contest.workdays import UnknownYear, WorkCalendar
from judging.enums import ObjectionOutcome, ObjectionStatus, RoundStatus
from judging.models import Decision, Notice, Objection
from judging.queries.notices import objection_digest
from kit import clock
from projects.models import Project
from publicity.enums import AnnouncementKind
from publicity.models import Announcement


@dataclass(frozen=True)
class Standing:
    """Where an announcement stands today, in words and a tone."""

    label: str
    tone: str
    is_open: bool = False
    days_left: int | None = None


def board(announcements: Iterable[Announcement]) -> list[Announcement]:
    """The announcements with ``standing`` set on each; two queries for the calendar at most.

    Needs ``for_list``. The calendar is read only if a window is open.
    """
    rows: list[Any] = list(announcements)
    calendar = WorkCalendar() if any(_is_open(row) for row in rows) else None
    for row in rows:
        row.standing = standing_of(row, calendar)
    return rows


def _is_open(announcement: Announcement) -> bool:
    notice = announcement.notice
    return notice is not None and not announcement.withdrawn_at and notice.is_open(clock.now())


def standing_of(announcement: Announcement, calendar: WorkCalendar | None = None) -> Standing:
    """Where one announcement stands; without ``calendar`` it is read when a window is open."""
    if announcement.withdrawn_at:
        return Standing(pgettext("announcement", "Taken down"), "neutral")
    if announcement.notice is not None:
        return _of_notice(announcement.notice, calendar)
    if announcement.kind == AnnouncementKind.RESULT:
        return Standing(pgettext("announcement", "Confirmed"), "good")
    if announcement.kind == AnnouncementKind.NEWS:
        return Standing(pgettext("announcement", "News"), "neutral")
    return Standing(pgettext("announcement", "In force"), "info")


def _of_notice(notice: Notice, calendar: WorkCalendar | None) -> Standing:
    if notice.closed_at:
        return Standing(_("Withdrawn, to be published again"), "warn")
    if notice.is_open(clock.now()):
        return _running(notice, calendar or WorkCalendar())
    if notice.round is not None and notice.round.status == RoundStatus.CONFIRMED:
        return Standing(pgettext("announcement", "Confirmed"), "good")
    return Standing(_("Notice period over"), "info")


def _running(notice: Notice, calendar: WorkCalendar) -> Standing:
    """The working days left count today; a year nobody knows the calendar of shows the date alone."""
    first = max(clock.today(), notice.starts_on)
    try:
        left = calendar.between(first, notice.ends_on)
    except UnknownYear:
        return Standing(_until(notice.ends_on), "bad", is_open=True)
    if left == 0:
        return Standing(_until(notice.ends_on), "bad", is_open=True)
    label = _("Under notice · %(days)s working days left") % {"days": left}
    return Standing(label, "bad", is_open=True, days_left=left)


def _until(day: date) -> str:
    return _("Under notice until %(day)s") % {"day": day.isoformat()}


@dataclass(frozen=True)
class ObjectionSummary:
    """How many objections a notice met and how they ended; nobody's name, no text."""

    total: int
    undecided: int
    upheld: int
    rejected: int
    decided: list[Objection]


def objection_summary(notice: Notice) -> ObjectionSummary:
    """The objections to one notice in numbers, and the decided ones without who objected."""
    counts = notice.objections.aggregate(
        total=Count("pk", filter=~Q(status=ObjectionStatus.CLUE)),
        undecided=Count("pk", filter=Q(status__in=ObjectionStatus.undecided())),
        upheld=Count("pk", filter=Q(outcome__in=[ObjectionOutcome.UPHELD, ObjectionOutcome.PARTLY])),
        rejected=Count("pk", filter=Q(outcome=ObjectionOutcome.REJECTED)),
    )
    return ObjectionSummary(**counts, decided=objection_digest(notice) if counts["total"] else [])


def concluded_objections() -> QuerySet[Objection]:
    """Every concluded objection to a notice that stands on the board, the latest first: notice, project,
    conclusion, digest; nobody's name, no text, no reply."""
    standing = Announcement.objects.standing().filter(notice__isnull=False)
    return (
        Objection.objects.filter(
            status=ObjectionStatus.DECIDED, notice__announcement__in=standing.values("pk")
        )
        .select_related("notice__announcement", "project")
        .only(
            "outcome",
            "decided_at",
            "excludes_entry",
            "digest",
            "project__code",
            "project__title",
            "notice__announcement__title",
        )
        .order_by("-decided_at", "-pk")
    )


def days_to_publication(notice: Notice) -> int | None:
    """Days from the decision a notice makes known to its publication; one query.

    Of a round that is the approval of its list, of the accepted entries the last decision on one.
    """
    if notice.round_id:
        decided = Decision.objects.filter(notice=notice).values_list("decided_at", flat=True).first()
    else:
        projects = Project.objects.in_edition(notice.edition).filter(decided_at__lte=notice.published_at)
        decided = projects.aggregate(latest=Max("decided_at"))["latest"]
    if decided is None:
        return None
    return (clock.local(notice.published_at).date() - clock.local(decided).date()).days
