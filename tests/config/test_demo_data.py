"""The demonstration can be made on any day, also in a year whose calendar nobody ships yet."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.play import demo
from contest.enums import Stage
from contest.models import CalendarYear, Edition, Event
from kit import clock
from projects.models import Bar, Project


@pytest.mark.django_db
def test_demonstration_is_made_in_a_year_beyond_the_shipped_calendar():
    with clock.frozen(datetime(2031, 2, 17, 10, tzinfo=clock.CITY_ZONE)):
        demo.seed()
        made = Event.objects.count()
        demo.seed()

    assert Event.objects.count() == made
    stages = dict(Edition.objects.values_list("year", "stage"))
    assert stages == {2024: Stage.ARCHIVED, 2025: Stage.IMPLEMENTATION, 2031: Stage.APPLICATION}
    states = set(Project.objects.filter(edition__year=2031).values_list("status", flat=True))
    assert states == {"draft", "submitted", "correcting", "accepted"}
    assert Bar.objects.get().ends_on.year == 2027
    assert CalendarYear.objects.filter(year=2031).exists()
