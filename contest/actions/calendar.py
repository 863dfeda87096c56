"""The city's own corrections to the calendar of working days."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.models import CalendarYear, Holiday
from contest.record import record
from kit import clock
from kit.errors import refuse_unless


@transaction.atomic
def set_calendar_day(*, actor: User, day: date, is_workday: bool, name: str) -> Holiday:
    """Say that a day is worked or off, whatever the shipped calendar says."""
    require(actor, "contest.confirm_calendar")
    holiday, _created = Holiday.objects.update_or_create(
        day=day, defaults={"is_workday": is_workday, "name": name}
    )
    record("calendar.day_set", actor=actor, obj=holiday, after={"day": day, "is_workday": is_workday})
    return holiday


@transaction.atomic
def confirm_calendar_year(*, actor: User, year: int) -> CalendarYear:
    """Vouch that all official days off and worked weekends of a year have been entered."""
    require(actor, "contest.confirm_calendar")
    refuse_unless(
        Holiday.objects.filter(day__year=year).exists(),
        "calendar_empty",
        _("Enter the official days of this year first."),
        field="year",
    )
    confirmed, is_new = CalendarYear.objects.get_or_create(
        year=year, defaults={"confirmed_by": actor, "confirmed_at": clock.now()}
    )
    if is_new:
        record("calendar.year_confirmed", actor=actor, obj=confirmed, after={"year": year})
    return confirmed
