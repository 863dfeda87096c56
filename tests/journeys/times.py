"""Days and years, as journeys need them."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from contest.models import CalendarYear
from kit import clock


def moment(days: int, minutes: int = 0) -> str:
    """So many days from now, as a date-and-time field takes it."""
    return f"{clock.local(clock.now()) + timedelta(days=days, minutes=minutes):%Y-%m-%dT%H:%M}"


def know_the_calendar(clerk: User) -> None:
    """Windows may reach into a year whose official calendar is not out yet: it is confirmed here."""
    for year in (clock.today().year, clock.today().year + 1):
        confirmed = {"confirmed_by": clerk, "confirmed_at": clock.now()}
        CalendarYear.objects.get_or_create(year=year, defaults=confirmed)
