"""One clock for the whole portal.

``now()`` is the application's reading, for display and for stamps that decide nothing.
``db_now()`` is the database's reading: whatever decides a deadline is judged by it, so that a web
node with a wrong clock can neither open nor close anything.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

CITY_ZONE = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """The present moment, aware."""
    return _frozen.get() or timezone.now()


def db_now() -> datetime:
    """The present moment by the database's clock, aware; moves on inside a transaction."""
    if frozen_at := _frozen.get():
        return frozen_at
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def today() -> date:
    """Today's date in the city."""
    return now().astimezone(CITY_ZONE).date()


def local(moment: datetime) -> datetime:
    """The same moment on the city's clock."""
    return moment.astimezone(CITY_ZONE)


def add_months(day: date, months: int) -> date:
    """The same day so many calendar months later; the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold both clocks at ``moment``: for tests, rehearsals and demo data."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)


def is_frozen() -> bool:
    """True while ``frozen`` holds the clocks."""
    return _frozen.get() is not None
