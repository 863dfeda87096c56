"""What a notice brings to the public besides its list: each score's way, its window, whom to turn to."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest.models import Edition
from judging import actions
from judging.enums import RoundKey
from kit import clock
from kit.ics import MIME
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand
from tests.judging.test_decisions import final_with_ballots
from tests.pages import queries_of
from tests.publicity.conftest import announcement_of
from tests.publicity.test_board import uphold

pytestmark = pytest.mark.django_db


def address(stand: Stand, number: int) -> str:
    return reverse("publicity:results_entry", args=[stand.edition.year, stand.round.key, number])


# The way to a score


def test_every_published_score_leads_to_how_it_came_about(client, announced):
    stand, _announcement = announced(entries=3, advance=1, experts=5)
    result = client.get(reverse("publicity:results", args=[stand.edition.year, stand.round.key]))
    for entry in stand.round.current_tally.snapshot["entries"]:
        assert address(stand, entry["number"]) in result.content.decode()
        page = client.get(address(stand, entry["number"]))
        text = page.content.decode()
        assert page.context["told"].line == entry
        assert entry["score"] in text
        assert all(sheet["seat"] in text and sheet["total"] in text for sheet in entry["sheets"])
        assert "<svg" in text
        assert stand.round.current_tally.sha256 in text


def test_it_names_no_expert_and_no_comment(client, announced):
    stand, _announcement = announced(entries=2)
    text = client.get(address(stand, 1)).content.decode()
    assert "专家01" in text
    assert not any(expert.name in text for expert in stand.experts)


def test_there_is_nothing_before_the_notice_and_nothing_of_other_entries(client):
    stand = Stand(entries=2)
    stand.approved({1: "0.9"})
    assert client.get(address(stand, 1)).status_code == 404
    actions.publish_notice(actor=stand.clerk, round=stand.round)
    assert [client.get(address(stand, number)).status_code for number in (1, 2, 3)] == [200, 200, 404]


def test_the_scores_of_a_list_taken_back_stay_and_say_so(client, announced):
    stand, announcement = announced(entries=2)
    uphold(stand, announcement)
    page = client.get(address(stand, 1))
    assert page.status_code == 200
    assert page.context["result"].is_taken_back
    assert page.context["line"] is None


def test_a_score_of_the_final_shows_the_jurys_part(client, delivered):
    with delivered():
        stand = final_with_ballots({1: [90] * 5, 2: [50] * 5})
        stand.approved({1: "0.9", 2: "0.8"})
        actions.publish_notice(actor=stand.clerk, round=stand.round)
    page = client.get(address(stand, 1))
    assert (page.context["told"].found.public.percent, page.context["told"].found.public.exact) == (20, 90)
    assert "450 ÷ 5" in page.content.decode()


@pytest.mark.parametrize("key", [RoundKey.SECOND, RoundKey.FINAL])
def test_the_four_qualities_are_scored_in_second_review_and_final(client, delivered, key):
    with delivered():
        is_final = key == RoundKey.FINAL
        stand = final_with_ballots({1: [90] * 5, 2: [50] * 5}) if is_final else Stand(key=key)
        stand.approved({1: "0.9", 2: "0.8"})
        actions.publish_notice(actor=stand.clerk, round=stand.round)
    rules = client.get(reverse("publicity:rules", args=[stand.edition.year])).content.decode()
    expert = Client()
    expert.force_login(stand.experts[0])
    sheet = expert.get(stand.assignment(1, 1).get_absolute_url())
    shown = {row.criterion.name for row in sheet.context["rows"]}
    told = client.get(address(stand, 1)).context["told"]
    for quality in ("创新性", "推广性", "长效性", "示范性"):
        assert quality in rules
        assert quality in shown
        assert quality in {criterion["name"] for criterion in told.found.criteria}


def test_the_page_costs_the_same_in_a_large_round(client, announced):
    def reading(entries: int) -> int:
        stand, _announcement = announced(entries=entries)
        return queries_of(client, address(stand, 1))

    assert reading(2) == reading(12)


# The window


def test_the_window_is_offered_as_a_calendar_file(client, announced):
    stand, announcement = announced(entries=1)
    notice = announcement.notice
    where = reverse("publicity:announcement_calendar", args=[announcement.pk])
    assert where in client.get(announcement.get_absolute_url()).content.decode()
    answer = client.get(where)
    assert answer["Content-Type"] == MIME
    assert answer["Content-Disposition"].endswith('.ics"')
    text = answer.content.decode().replace("\r\n ", "")
    assert f"DTSTART;VALUE=DATE:{notice.starts_on:%Y%m%d}\r\n" in text
    assert f"DTEND;VALUE=DATE:{notice.ends_on + timedelta(days=1):%Y%m%d}\r\n" in text
    assert announcement.get_absolute_url() in text
    assert announcement.title in text


def test_an_announcement_without_window_has_no_calendar_file(client, announced, delivered):
    stand, announcement = announced(entries=1)
    with clock.frozen(announcement.notice.open_until), delivered():
        actions.confirm_round(actor=stand.approver, round=stand.round)
    result = stand.edition.announcements.get(kind="result")
    assert client.get(reverse("publicity:announcement_calendar", args=[announcement.pk])).status_code == 200
    assert client.get(reverse("publicity:announcement_calendar", args=[result.pk])).status_code == 404


@pytest.mark.parametrize("name", ["results", "announcement"])
def test_the_public_sees_the_time_left_until_the_last_midnight(client, announced, name):
    stand, announcement = announced(entries=1)
    pages = {
        "results": reverse("publicity:results", args=[stand.edition.year, stand.round.key]),
        "announcement": announcement.get_absolute_url(),
    }
    until = clock.local(announcement.notice.open_until)
    assert until.hour == until.minute == 0
    assert until.date() == announcement.notice.ends_on + timedelta(days=1)
    assert "data-countdown=" in client.get(pages[name]).content.decode()
    with clock.frozen(announcement.notice.open_until):
        assert "data-countdown=" not in client.get(pages[name], {"later": 1}).content.decode()


# Whom to turn to, and who judged


def printed(announcement) -> str:
    return json.dumps(announcement.document.content, ensure_ascii=False)


def test_the_notice_names_every_channel(client, delivered, settings):
    contact = "示范市社会治理科 0752-0000000"
    UserFactory(roles=[Role.SUPERVISOR], name="监督员1号", phone="0752-0000001")
    with delivered():
        stand = Stand(entries=1)
        Edition.objects.filter(pk=stand.edition.pk).update(contact=contact)
        stand.reload()
        stand.approved()
        notice = actions.publish_notice(actor=stand.clerk, round=stand.round)
    announcement = announcement_of(notice)
    for channel in (settings.SITE_URL, contact, "0752-0000001"):
        assert channel in printed(announcement)
    assert contact in client.get(announcement.get_absolute_url()).content.decode()


@pytest.mark.parametrize("experts_named", [True, False])
def test_experts_are_named_where_the_rules_say_so(client, announced, experts_named):
    stand, announcement = announced(entries=1, experts_named=experts_named)
    assert stand.projects[0].title in printed(announcement)
    assert {expert.name in printed(announcement) for expert in stand.experts} == {experts_named}
    bundle = client.get(reverse("publicity:results_bundle", args=[stand.edition.year, stand.round.key]))
    assert not any(expert.name in bundle.content.decode() for expert in stand.experts)


def test_experts_without_a_sheet_in_the_seal_are_not_named(announced):
    stand, announcement = announced(
        entries=1, experts=4, sheets_per_entry=3, quorum_sheets=3, experts_named=True
    )
    scored = {sheet["seat"] for sheet in stand.round.current_tally.snapshot["entries"][0]["sheets"]}
    named = {
        seat.expert.name in printed(announcement) for seat in stand.round.seats.all() if seat.code in scored
    }
    others = [seat.expert.name for seat in stand.round.seats.all() if seat.code not in scored]
    assert (len(scored), named, len(others)) == (3, {True}, 1)
    assert others[0] not in printed(announcement)


@pytest.mark.parametrize(
    ("start", "last"),
    [
        # Five working days only because Sunday 2023-04-23 was worked.
        (date(2023, 4, 20), date(2023, 4, 25)),
        # Spring Festival lies between.
        (date(2026, 2, 12), date(2026, 2, 25)),
    ],
)
def test_the_printed_window_counts_working_days(announced, start, last):
    noon = datetime(start.year, start.month, start.day, 12, tzinfo=clock.CITY_ZONE)
    with clock.frozen(noon):
        _stand, announcement = announced(key=RoundKey.SECOND, entries=1)
    notice = announcement.notice
    assert (notice.starts_on, notice.ends_on, notice.working_days) == (start, last, 5)
    assert f"{last.year}年{last.month}月{last.day}日" in printed(announcement)
