"""Everyone's own page, the inbox, the desk, the calendar of working days."""

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.actors import SYSTEM
from accounts.enums import Role
from contest.actions import notify
from contest.enums import Channel
from contest.models import CalendarYear, Event, Holiday, Message
from contest.record import record
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def write_to(person, subject="补正通知"):
    with transaction.atomic():
        event = record("test.happened", actor=SYSTEM, obj=person)
        notify(
            event=event,
            people=[person],
            subject=subject,
            body="请按要求补正。",
            url="/me/",
            channels=[Channel.IN_APP],
        )
    return Message.objects.latest("pk")


def test_message_waits_until_it_is_opened(client):
    person = UserFactory()
    message = write_to(person)
    client.force_login(person)
    assert [tile.count for tile in client.get("/me/").context["tiles"]] == [1]
    page = client.post(reverse("contest:message_open", args=[message.pk]), follow=True)
    assert "请按要求补正。" in page.content.decode()
    assert client.get("/me/").context["tiles"] == []


def test_reading_a_page_marks_nothing(client):
    person = UserFactory()
    message = write_to(person)
    client.force_login(person)
    client.get(reverse("contest:message", args=[message.pk]))
    client.get(reverse("contest:messages"))
    assert client.get(reverse("contest:message_open", args=[message.pk])).status_code == 405
    message.refresh_from_db()
    assert message.read_at is None


def test_messages_of_others_are_hidden(client):
    message = write_to(UserFactory())
    client.force_login(UserFactory())
    assert client.get(reverse("contest:message", args=[message.pk])).status_code == 404
    assert client.post(reverse("contest:message_open", args=[message.pk])).status_code == 404
    client.post(reverse("contest:messages_read"))
    message.refresh_from_db()
    assert message.read_at is None


def test_all_messages_are_marked_as_read(client):
    person = UserFactory()
    write_to(person)
    write_to(person)
    client.force_login(person)
    client.post(reverse("contest:messages_read"))
    assert not Message.objects.unread().exists()


def test_inbox_costs_the_same_for_one_and_thirty(client):
    person = UserFactory()
    write_to(person)
    client.force_login(person)
    few = queries_of(client, reverse("contest:messages"))
    for _number in range(29):
        write_to(person)
    assert queries_of(client, reverse("contest:messages")) == few


def test_own_page_asks_for_sign_in(client):
    assert client.get("/me/")["Location"].startswith("/accounts/login/?next=/me/")


def test_desk_shows_events_to_readers_only(client):
    EditionFactory()
    client.force_login(UserFactory(roles=[Role.LEADER]))
    assert client.get("/desk/").context["events"]
    client.force_login(UserFactory(roles=[Role.SYSTEM_ADMIN]))
    assert "events" not in client.get("/desk/").context
    client.force_login(UserFactory())
    assert client.get("/desk/").status_code == 403


DAY = {"day": "2031-10-01", "is_workday": "0", "name": "国庆节"}


def test_calendar_day_is_entered_once_and_replaced(client, clerk):
    client.force_login(clerk)
    for name in ("国庆节", "国庆节放假"):
        assert client.post(reverse("contest:calendar_day"), DAY | {"name": name}).status_code == 302
    holiday = Holiday.objects.get()
    assert (holiday.day, holiday.is_workday, holiday.name) == (date(2031, 10, 1), False, "国庆节放假")
    assert client.get(reverse("contest:calendar")).status_code == 200


@pytest.mark.parametrize("change", [{"day": "2031-02-30"}, {"day": ""}, {"is_workday": "2"}, {"name": ""}])
def test_calendar_day_that_is_none_is_refused(client, clerk, change):
    client.force_login(clerk)
    assert client.post(reverse("contest:calendar_day"), DAY | change).status_code == 422
    assert not Holiday.objects.exists()


def test_year_is_confirmed_after_its_days_are_there(client, clerk):
    client.force_login(clerk)
    refused = client.post(reverse("contest:calendar_year"), {"year": "2031"})
    assert refused.status_code == 422
    assert refused.context["year_form"].errors.as_data()["year"][0].code == "calendar_empty"
    client.post(reverse("contest:calendar_day"), DAY)
    for _click in range(2):
        assert client.post(reverse("contest:calendar_year"), {"year": "2031"}).status_code == 302
    assert CalendarYear.objects.get().confirmed_by == clerk
    assert Event.objects.filter(verb="calendar.year_confirmed").count() == 1


def test_calendar_is_the_clerks(client):
    client.force_login(UserFactory(roles=[Role.APPROVER]))
    assert client.post(reverse("contest:calendar_day"), DAY).status_code == 403
    assert not Holiday.objects.exists()
