"""Working days by the official calendar: figures from published notices."""

from __future__ import annotations

from datetime import date

import pytest

from contest import workdays
from contest.models import CalendarYear, Holiday
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        # A Sunday that was worked makes this window end on the Tuesday.
        (date(2023, 4, 20), 5, date(2023, 4, 25)),
        (date(2021, 8, 18), 5, date(2021, 8, 24)),
        # Across the Spring Festival and the worked Saturday before it.
        (date(2026, 2, 12), 5, date(2026, 2, 25)),
        (date(2026, 9, 29), 5, date(2026, 10, 10)),
    ],
)
def test_notice_window_counts_its_start_day(start, days, last):
    assert workdays.WorkCalendar().window_end(start, days) == last


def test_notice_window_from_a_day_off_begins_to_count_on_the_next_worked_day():
    assert workdays.WorkCalendar().window_end(date(2026, 5, 1), 1) == date(2026, 5, 6)


def test_due_date_does_not_count_the_day_itself():
    assert workdays.add_working_days(date(2026, 6, 8), 5) == date(2026, 6, 15)


def test_working_days_between_counts_both_ends():
    assert workdays.WorkCalendar().between(date(2026, 6, 8), date(2026, 6, 15)) == 6
    assert workdays.WorkCalendar().between(date(2026, 6, 15), date(2026, 6, 8)) == 0


def test_override_beats_the_shipped_calendar():
    assert workdays.WorkCalendar().window_end(date(2026, 6, 8), 1) == date(2026, 6, 8)
    Holiday.objects.create(day=date(2026, 6, 8), is_workday=False, name="停工")

    assert workdays.WorkCalendar().window_end(date(2026, 6, 8), 1) == date(2026, 6, 9)


def test_unknown_year_is_refused_not_guessed():
    with pytest.raises(workdays.UnknownYear) as refused:
        workdays.add_working_days(date(2090, 1, 3), 5)
    assert refused.value.code == "calendar_unknown"


def test_unknown_year_counts_once_confirmed():
    Holiday.objects.create(day=date(2090, 1, 4), is_workday=False, name="元旦")
    CalendarYear.objects.create(year=2090, confirmed_by=UserFactory())

    assert workdays.add_working_days(date(2090, 1, 3), 1) == date(2090, 1, 5)
