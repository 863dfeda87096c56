"""Working days (工作日) by the official calendar, with the city's own corrections on top.

The calendar ships with a library and reaches to a certain year. For a year it does not know nothing
is guessed: staff enter the official days and confirm the year, or the computation refuses.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import chinese_calendar
from django.utils.translation import gettext_lazy as _

from contest.models import CalendarYear, Holiday
from kit.clock import CITY_ZONE
from kit.errors import RuleBroken

SATURDAY = 5


class UnknownYear(RuleBroken):
    """No official calendar for a year that a computation needs."""

    def __init__(self, year: int) -> None:
        super().__init__(
            "calendar_unknown",
            _("There is no official calendar for %(year)s yet. Enter its days and confirm the year first."),
            year=year,
        )


class WorkCalendar:
    """The calendar with its corrections read once; use one for a whole computation."""

    def __init__(self) -> None:
        self._overrides = dict(Holiday.objects.values_list("day", "is_workday"))
        self._confirmed = set(CalendarYear.objects.values_list("year", flat=True))

    def is_workday(self, day: date) -> bool:
        """True if ``day`` is worked; ``UnknownYear`` if nobody knows."""
        if day in self._overrides:
            return self._overrides[day]
        if day.year in self._confirmed:
            return day.weekday() < SATURDAY
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            raise UnknownYear(day.year) from error

    def window_end(self, start: date, working_days: int) -> date:
        """The last day of a window of that many working days in which a worked start day counts."""
        return self._walk(start, working_days)

    def add(self, start: date, working_days: int) -> date:
        """The working day that lies ``working_days`` after ``start``, which itself does not count."""
        return self._walk(start + timedelta(days=1), working_days)

    def _walk(self, day: date, working_days: int) -> date:
        if working_days < 1:
            raise ValueError("at least one working day")
        left = working_days
        while True:
            left -= self.is_workday(day)
            if left == 0:
                return day
            day += timedelta(days=1)

    def between(self, first: date, last: date) -> int:
        """Working days from ``first`` to ``last``, both counted; 0 if ``last`` lies before."""
        span = (last - first).days + 1
        return sum(self.is_workday(first + timedelta(days=offset)) for offset in range(max(span, 0)))


def add_working_days(start: date, working_days: int) -> date:
    """A due date that many working days after ``start``."""
    return WorkCalendar().add(start, working_days)


def end_of(day: date) -> datetime:
    """The first moment after ``day`` in the city: a window that ends that day is open until then."""
    return datetime.combine(day + timedelta(days=1), time.min, CITY_ZONE)
