"""Which media carried a notice, and how soon after its decision it was published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from judging import actions as judging
from judging.enums import RoundKey
from judging.models import Notice
from kit import clock
from publicity import actions
from publicity.models import Announcement, Outlet
from publicity.queries import days_to_publication
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_decisions import final_with_ballots
from tests.judging.test_notices import intake
from tests.publicity.conftest import NOON, announcement_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 9)


@pytest.fixture
def desk() -> Client:
    browser = Client()
    browser.force_login(UserFactory(roles=[Role.CLERK]))
    return browser


def published(key: str) -> Notice:
    """A notice of the accepted entries or of a round's list."""
    if key == "intake":
        hall = intake()
        return judging.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    is_final = key == RoundKey.FINAL
    stand = final_with_ballots({1: [90] * 5, 2: [50] * 5}) if is_final else Stand(key=RoundKey(key))
    stand.approved({1: "0.9"})
    return judging.publish_notice(actor=stand.clerk, round=stand.round)


def media_page(announcement: Announcement) -> str:
    return reverse("publicity:desk_media", args=[announcement.pk])


@pytest.mark.parametrize("key", ["intake", *RoundKey])
def test_the_notice_of_every_round_names_the_media_that_carried_it(client, desk, delivered, key):
    with delivered():
        notice = published(key)
    announcement = announcement_of(notice)
    sent = {"name": "惠州日报", "published_on": "2026-06-09", "url": "https://example.org/a?b=1"}
    assert desk.post(media_page(announcement), sent).status_code == 302
    shown = client.get(announcement.get_absolute_url())
    assert 'href="https://example.org/a?b=1"' in shown.content.decode()
    assert [outlet.name for outlet in shown.context["outlets"]] == ["惠州日报"]
    assert Event.objects.get(verb="outlet.added").object_id == str(announcement.pk)


def test_what_was_entered_by_mistake_is_taken_out_and_stays_on_file(client, desk, announced):
    _stand, announcement = announced(entries=1)
    desk.post(media_page(announcement), {"name": "广播", "published_on": "2026-06-09"})
    outlet = Outlet.objects.get()
    for _twice in range(2):
        assert desk.post(media_page(announcement), {"outlet": outlet.pk}).status_code == 302
    assert not client.get(announcement.get_absolute_url()).context["outlets"]
    outlet.refresh_from_db()
    assert outlet.removed_at is not None
    assert Event.objects.filter(verb="outlet.removed").count() == 1
    with refused("outlet_removed"):
        actions.remove_outlet(actor=UserFactory(roles=[Role.EDITOR]), outlet=outlet)
    assert desk.post(media_page(announcement), {"outlet": "x"}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"published_on": TODAY - timedelta(days=1)}, "outlet_day"),
        ({"published_on": TODAY + timedelta(days=1)}, "outlet_day"),
        ({"name": " 惠州日报 "}, "outlet_there"),
    ],
)
def test_a_day_that_cannot_be_and_the_same_medium_twice_are_refused(announced, changes, code):
    _stand, announcement = announced(entries=1)
    clerk = UserFactory(roles=[Role.CLERK])
    entered = {"name": "惠州日报", "published_on": TODAY}
    assert actions.add_outlet(actor=clerk, announcement=announcement, **entered)
    with refused(code):
        actions.add_outlet(actor=clerk, announcement=announcement, **entered | changes)


def test_a_link_leads_to_a_page_and_nowhere_else(desk, announced):
    _stand, announcement = announced(entries=1)
    entered = {"name": "惠州日报", "published_on": "2026-06-09"}
    for url in ("javascript:alert(1)", "ftp://example.org/"):
        assert desk.post(media_page(announcement), entered | {"url": url}).status_code == 422
    assert not Outlet.objects.exists()
    desk.post(media_page(announcement), entered | {"url": "example.org/1"})
    assert Outlet.objects.get().url == "https://example.org/1"


def test_only_who_keeps_the_board_enters_media(announced):
    _stand, announcement = announced(entries=1)
    for role in (Role.APPROVER, Role.SUPERVISOR, Role.EXPERT):
        with pytest.raises(PermissionDenied):
            actions.add_outlet(
                actor=UserFactory(roles=[role]), announcement=announcement, name="报纸", published_on=TODAY
            )
    editor = UserFactory(roles=[Role.EDITOR])
    assert actions.add_outlet(actor=editor, announcement=announcement, name="报纸", published_on=TODAY)


def test_the_days_from_the_decision_to_the_publication_are_counted_and_shown(client, delivered):
    stand = Stand(entries=1)
    stand.approved({1: "0.9"})
    # Sixty-one hours later, which is the third day after.
    with clock.frozen(NOON + timedelta(days=2, hours=13)):
        with delivered():
            notice = judging.publish_notice(actor=stand.clerk, round=stand.round)
        assert days_to_publication(notice) == 3
        assert client.get(announcement_of(notice).get_absolute_url()).context["delay"] == 3


def test_the_days_of_the_accepted_entries_run_from_the_last_decision():
    hall = intake()
    hall.edition.projects.update(decided_at=NOON - timedelta(days=4))
    hall.edition.projects.filter(pk=hall.entries[0].project_id).update(decided_at=NOON - timedelta(days=1))
    with clock.frozen(NOON):
        notice = judging.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    assert days_to_publication(notice) == 1
