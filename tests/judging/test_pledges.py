"""The pledge at the door of the review room."""

from __future__ import annotations

import json

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from contest.documents_access import may_read
from judging import actions
from judging.models import Declaration, Pledge
from judging.urls import urlpatterns
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, make_experts, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand() -> Stand:
    stand = Stand(opened=False)
    stand.open(pledged=False)
    return stand


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def door(stand: Stand) -> str:
    return reverse("judging:review_pledge", args=[stand.edition.year])


def test_every_page_of_the_room_asks_for_the_pledge_first(stand):
    expert, assignment = stand.experts[0], stand.assignment()
    client = client_of(expert)
    pages = [
        pattern
        for pattern in urlpatterns
        if str(pattern.pattern).startswith("review/") and pattern.name != "review_pledge"
    ]
    assert len(pages) >= 4
    for pattern in pages:
        keys = dict.fromkeys(pattern.pattern.converters, assignment.pk)
        if "POST" in pattern.callback.page.methods and "GET" not in pattern.callback.page.methods:
            continue
        address = reverse(f"judging:{pattern.name}", kwargs=keys)
        answer = client.get(address)
        assert answer.status_code == 302, pattern.name
        assert answer["Location"].startswith(door(stand)), pattern.name
    actions.make_pledge(actor=expert, edition=stand.edition)
    assert client.get(reverse("judging:review_home")).status_code == 200


def test_nothing_is_declared_without_the_pledge(stand):
    assignment = stand.assignment()
    for has_conflict in (False, True):
        with refused("pledge_missing"):
            actions.declare(
                actor=assignment.seat.expert, assignment=assignment, has_conflict=has_conflict, reason="亲属"
            )
    client_of(assignment.seat.expert).post(
        reverse("judging:review_declare", args=[assignment.pk]), {"has_conflict": "no"}
    )
    assert not Declaration.objects.exists()
    actions.make_pledge(actor=assignment.seat.expert, edition=stand.edition)
    actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
    assert Declaration.objects.count() == 1


def test_pledging_keeps_a_paper_and_leads_on(stand):
    expert = stand.experts[0]
    client = client_of(expert)
    wanted = reverse("judging:review_assignment", args=[stand.assignment().pk])
    asked = client.get(wanted)["Location"]
    assert client.post(asked, {}).status_code == 422
    assert not Pledge.objects.exists()
    assert client.post(asked, {"agreed": "on"})["Location"] == wanted
    paper = Pledge.objects.get(person=expert, edition=stand.edition).document
    assert expert.name in json.dumps(paper.content, ensure_ascii=False)
    assert may_read(expert, paper)
    assert may_read(stand.clerk, paper)
    assert not may_read(stand.experts[1], paper)
    assert client.get(door(stand))["Location"] == "/review/"


@pytest.mark.parametrize("away", ["https://example.org/", "//example.org/review/", "/desk/"])
def test_the_way_on_stays_in_the_room(stand, away):
    answer = client_of(stand.experts[0]).post(f"{door(stand)}?next={away}", {"agreed": "on"})
    assert answer["Location"] == "/review/"


def test_a_pledge_is_made_once_and_stays(stand):
    first = actions.make_pledge(actor=stand.experts[0], edition=stand.edition)
    assert actions.make_pledge(actor=stand.experts[0], edition=stand.edition) == first
    with pytest.raises(ProgrammingError), transaction.atomic():
        Pledge.objects.all().delete()
    assert Pledge.objects.count() == 1


def test_whoever_has_nothing_to_review_is_asked_nothing(stand):
    other = make_experts(1)[0]
    assert client_of(other).get(reverse("judging:review_home")).status_code == 200
    assert client_of(other).get(door(stand)).status_code == 404
    with refused("nothing_to_review"):
        actions.make_pledge(actor=other, edition=stand.edition)
    assert client_of(UserFactory()).get(door(stand)).status_code in (403, 404)
