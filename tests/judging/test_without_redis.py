"""Redis is a helper: while it is away, the hall scores as before."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from judging import actions
from judging.actions import show
from judging.models import Ballot, Show
from judging.queries.console import console_of
from kit.brokers import UNREACHABLE
from tests.judging.hall import a_hall
from tests.judging.stage import Director
from tests.judging.test_console import press, signed_in
from tests.judging.test_jury_views import ballot, phone, vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_redis(settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere.sock?db=1"}}
    with pytest.raises(UNREACHABLE):
        cache.get("anything")


def test_without_redis_a_project_is_scored_from_the_scan_to_the_count(no_redis):
    director = Director(a_hall())
    hall = director.hall
    director.do(show.present, entry=director.entry(0))
    desk = signed_in(hall.clerk)

    ((_card, token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    assert press(desk, hall, "start_scoring").status_code == 200
    late = Client()
    assert late.post(reverse("judging:jury_card", args=[token])).status_code == 302
    assert late.get("/jury/").context["booth"].state == "open"
    assert late.get("/jury/state/").json()["state"] == "open"
    assert vote(late, ballot(hall)).status_code == 200
    assert vote(phone(hall), ballot(hall)).status_code == 200
    assert Client().get(f"/live/state/?year={hall.edition.year}").json()["received"] == 2

    assert press(desk, hall, "stop_scoring").status_code == 200
    assert vote(phone(hall, 1), ballot(hall)).status_code == 409
    assert Ballot.objects.count() == 2
    assert console_of(hall.round).show == Show.objects.get()
