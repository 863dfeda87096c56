"""Until when an organisation may write and hand in: the edition's timetable and more time granted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contest.enums import Ability, Period
from contest.models import Edition
from contest.workdays import end_of
from projects.enums import ProjectStatus
from projects.models import Extension, Project


def application_deadline(edition: Edition, organisation_id: int | None) -> datetime | None:
    """The moment from which the organisation's application is refused; ``None`` before it is planned.

    One query beyond the timetable.
    """
    return deadlines([edition], [organisation_id] if organisation_id else [])[edition.pk]


def deadlines(editions: Iterable[Edition], organisation_ids: Iterable[int]) -> dict[int, datetime | None]:
    """By edition, the latest deadline any of these organisations has; one query beyond timetables."""
    editions = list(editions)
    granted: dict[int, datetime] = {}
    rows = Extension.objects.filter(edition__in=editions, organisation__in=list(organisation_ids))
    for edition_id, until in rows.values_list("edition_id", "until"):
        granted[edition_id] = max(until, granted.get(edition_id, until))
    return {edition.pk: _later(edition.application_deadline, granted.get(edition.pk)) for edition in editions}


def _later(planned: datetime | None, granted: datetime | None) -> datetime | None:
    return max(planned, granted) if planned and granted else planned


def is_open(edition: Edition, deadline: datetime | None, moment: datetime) -> bool:
    """Whether applications may be begun, handed in and withdrawn by whom ``deadline`` holds for.

    More time than the timetable gives outlasts the application stage, while the formal check is open.
    """
    period = edition.periods.get(Period.APPLICATION)
    if period is None or deadline is None:
        return edition.opens(Ability.EDIT_APPLICATION)
    if not period.starts_at <= moment < deadline:
        return False
    is_extended = deadline > period.ends_at
    return edition.opens(Ability.CHECK_INTAKE if is_extended else Ability.EDIT_APPLICATION)


def due_at(project: Project) -> datetime | None:
    """The deadline that matters now; ``None`` when there is nothing more to hand in."""
    if project.status == ProjectStatus.CORRECTING and project.correction_due_on:
        return end_of(project.correction_due_on)
    if not project.is_editable:
        return None
    return application_deadline(project.edition, project.organisation_id)
