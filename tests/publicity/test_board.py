"""The notice board: what is put on it by itself, where each entry stands, what staff may do."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.actors import CITIZEN
from accounts.enums import Role
from contest.actions import build_document
from contest.enums import Stage
from contest.models import Delivery, Event
from contest.record import handler_named
from judging import actions as judging
from judging.enums import ObjectionOutcome
from kit import clock
from kit.errors import RuleBroken
from publicity import actions
from publicity.enums import AnnouncementKind
from publicity.models import Announcement
from publicity.queries import board, standing_of
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.publicity import NewsFactory
from tests.publicity.conftest import NOON

pytestmark = pytest.mark.django_db


def test_a_published_call_stands_on_the_board(client, delivered):
    with delivered():
        edition = EditionFactory(stage=Stage.APPLICATION)
    announcement = Announcement.objects.get(kind=AnnouncementKind.CALL)
    assert announcement.document == edition.call_document
    page = client.get(announcement.get_absolute_url()).content.decode()
    assert edition.rulebook.sha256 in page
    assert announcement.document.code in page


def test_a_handler_that_runs_twice_announces_once(delivered):
    with delivered():
        EditionFactory(stage=Stage.APPLICATION)
    event = Event.objects.get(verb="call.published")
    handler_named("publicity.handlers.announce")(event)
    assert Announcement.objects.filter(source=event).count() == 1
    assert Event.objects.filter(verb="announcement.published").count() == 1
    assert Delivery.objects.get(event=event, handler="publicity.handlers.announce").done_at


def test_a_notice_counts_its_working_days_down(announced):
    _stand, announcement = announced(entries=1, notice_working_days=5)
    standing = standing_of(announcement)
    assert (standing.is_open, standing.days_left, standing.tone) == (True, 5, "bad")
    with clock.frozen(NOON + timedelta(days=3)):  # Friday
        assert standing_of(announcement).days_left == 2
    with clock.frozen(NOON + timedelta(days=5)):  # Sunday: Monday is left
        assert standing_of(announcement).days_left == 1


def test_a_notice_is_over_at_midnight_after_its_last_day(announced):
    _stand, announcement = announced(entries=1)
    last_second = announcement.notice.open_until - timedelta(seconds=1)
    with clock.frozen(last_second):
        assert standing_of(announcement).is_open
    with clock.frozen(announcement.notice.open_until):
        assert not standing_of(announcement).is_open


def test_a_confirmed_round_is_announced_and_its_notice_confirmed(announced, delivered):
    stand, announcement = announced(entries=1)
    with clock.frozen(announcement.notice.open_until):
        with delivered():
            judging.confirm_round(actor=stand.approver, round=stand.round)
        assert standing_of(Announcement.objects.for_list().get(pk=announcement.pk)).tone == "good"
    result = Announcement.objects.get(kind=AnnouncementKind.RESULT)
    assert result.source.verb == "round.confirmed"


def test_a_notice_taken_back_after_an_objection_says_so(announced):
    stand, announcement = announced(entries=2)
    uphold(stand, announcement)
    standing = standing_of(Announcement.objects.for_list().get(pk=announcement.pk))
    assert (standing.tone, standing.is_open) == ("warn", False)


def uphold(stand, announcement) -> None:
    """An objection that strikes the first project from the list."""
    objection = judging.file_objection(
        actor=CITIZEN,
        notice=announcement.notice,
        project=stand.projects[0],
        text="材料不实。",
        request_key=uuid4(),
        objector_name="某人",
        objector_contact="13800000009",
    )
    judging.accept_objection(actor=stand.clerk, objection=objection)
    judging.decide_objection(
        actor=UserFactory(roles=[Role.SUPERVISOR]),
        objection=objection,
        outcome=ObjectionOutcome.UPHELD,
        reply="经核查，异议成立。",
        excludes_entry=True,
    )


# News ------------------------------------------------------------------------


def test_news_are_published_and_taken_down_with_a_reason(client):
    news = NewsFactory(title="专家走进社区")
    assert "专家走进社区" in client.get(reverse("publicity:announcement_list")).content.decode()
    editor = news.author
    actions.withdraw_announcement(actor=editor, announcement=news, reason="图片有误")
    assert client.get(news.get_absolute_url()).status_code == 404
    assert "专家走进社区" not in client.get(reverse("publicity:announcement_list")).content.decode()
    assert "专家走进社区" not in client.get(reverse("publicity:feed")).content.decode()
    event = Event.objects.get(verb="announcement.withdrawn")
    assert (event.actor, event.reason) == (editor, "图片有误")


def test_a_public_notice_is_not_taken_down(announced):
    stand, announcement = announced(entries=1)
    with pytest.raises(RuleBroken) as broken:
        actions.withdraw_announcement(actor=stand.clerk, announcement=announcement, reason="误发")
    assert broken.value.code == "notice_stays"


def test_others_publish_nothing():
    expert = UserFactory(roles=[Role.EXPERT])
    with pytest.raises(PermissionDenied):
        actions.publish_news(actor=expert, title="标题", text="正文")


def test_the_database_refuses_an_entry_from_nowhere_and_a_silent_withdrawal():
    news = NewsFactory()
    for change in ({"author": None}, {"withdrawn_at": NOON}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Announcement.objects.filter(pk=news.pk).update(**change)


def test_the_desk_writes_news_and_takes_them_down(client):
    client.force_login(UserFactory(roles=[Role.EDITOR]))
    answer = client.post(
        reverse("publicity:desk_news_new"), {"title": "培训班开班", "text": "第一段\n\n第二段"}
    )
    news = Announcement.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, news.get_absolute_url())
    address = reverse("publicity:desk_withdraw", args=[news.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "重复"}).status_code == 302
    assert client.post(address, {"reason": "再次"}).status_code == 422
    news.refresh_from_db()
    assert news.withdrawal_reason == "重复"
    assert "重复" in client.get(news.get_absolute_url()).content.decode()


def test_what_a_rehearsal_publishes_stays_inside(client, delivered):
    with delivered():
        edition = EditionFactory(stage=Stage.APPLICATION, year=9001, is_rehearsal=True)
    assert Announcement.objects.filter(edition=edition).exists()
    assert not board(Announcement.objects.standing().for_list())
    assert client.get(edition.get_absolute_url()).status_code == 404
    assert edition.name not in client.get(reverse("publicity:home")).content.decode()


def test_the_feed_is_atom_with_the_newest_first(client):
    first, second = NewsFactory(title="先"), NewsFactory(title="后")
    answer = client.get(reverse("publicity:feed"))
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert text.index(f">{second.title}<") < text.index(f">{first.title}<")


def test_a_pdf_is_handed_out_once_it_is_built(client, delivered):
    with delivered():
        EditionFactory(stage=Stage.APPLICATION)
    announcement = Announcement.objects.get()
    address = reverse("publicity:announcement_pdf", args=[announcement.pk])
    assert address == f"/announcements/{announcement.pk}.pdf"
    assert client.get(address).status_code == 409
    build_document(document=announcement.document)
    assert client.get(address)["Location"] == announcement.document.pdf_url
    news = NewsFactory()
    assert client.get(reverse("publicity:announcement_pdf", args=[news.pk])).status_code == 404
