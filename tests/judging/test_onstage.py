"""The experts' room follows the stage: the project of the moment comes first."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from judging import actions
from judging.actions import show
from judging.queries.onstage import on_stage_for
from tests.factories.judging import Stand
from tests.judging.stage import Director, a_final

pytestmark = pytest.mark.django_db


def room_of(expert) -> Client:
    client = Client()
    client.force_login(expert)
    return client


@pytest.fixture
def final() -> tuple[Stand, Director]:
    stand, hall = a_final(entries=2, experts=3)
    return stand, Director(hall)


def test_the_project_on_the_stage_comes_first_in_the_experts_room(final):
    stand, director = final
    expert = stand.experts[0]
    assert on_stage_for(expert) == []
    director.do(show.present, entry=director.entry(1))
    assert on_stage_for(expert) == [stand.assignment(entry=2, seat=1)]
    page = room_of(expert).get(reverse("judging:review_home"))
    assert [found.entry.number for found in page.context["on_stage"]] == [2]
    assert page.content.decode().index("on-stage") < page.content.decode().index("<table")


def test_the_room_follows_by_asking_and_is_told_only_what_is_new(final):
    stand, director = final
    client, url = room_of(stand.experts[0]), reverse("judging:review_stage")
    nothing = client.get(url)
    assert "on-stage" not in nothing.content.decode()
    assert client.get(url, headers={"if-none-match": nothing["ETag"]}).status_code == 304
    director.do(show.present, entry=director.entry(0))
    told = client.get(url, headers={"if-none-match": nothing["ETag"]})
    assert stand.assignment(entry=1, seat=1).get_absolute_url() in told.content.decode()


def test_the_open_sheet_knows_that_it_is_the_one_and_a_sheet_that_is_in_says_so(final):
    stand, director = final
    director.do(show.present, entry=director.entry(0))
    mine, other = stand.declared(1, 1), stand.declared(2, 1)
    client = room_of(stand.experts[0])
    assert client.get(mine.get_absolute_url()).context["here"] == mine.pk
    url = reverse("judging:review_stage")
    assert mine.get_absolute_url() not in client.get(url, {"on": mine.pk}).content.decode()
    assert mine.get_absolute_url() in client.get(url, {"on": other.pk}).content.decode()
    assert client.get(url, {"on": "nonsense"}).status_code == 200
    stand.score(mine)
    assert on_stage_for(stand.experts[0])[0].is_in
    assert mine.get_absolute_url() not in client.get(url).content.decode()


def test_an_expert_recused_from_a_project_is_not_sent_to_it(final):
    stand, director = final
    mine = stand.assignment(entry=1, seat=1)
    actions.make_pledge(actor=mine.seat.expert, edition=stand.edition)
    actions.declare(actor=mine.seat.expert, assignment=mine, has_conflict=True, reason="亲属")
    director.do(show.present, entry=director.entry(0))
    assert on_stage_for(mine.seat.expert) == []
    assert len(on_stage_for(stand.experts[1])) == 1


def test_outside_a_final_nobody_follows_a_stage(django_assert_num_queries):
    stand = Stand()
    page = room_of(stand.experts[0]).get(reverse("judging:review_home"))
    assert page.context["follows_stage"] is False
    with django_assert_num_queries(1):
        assert on_stage_for(stand.experts[0]) == []
