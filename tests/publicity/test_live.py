"""The wall: every screen as it was stored, its state, the lower third; and what a freeze hides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse

from contest.models import Edition
from judging import actions, walls
from judging.actions import ceremony, show
from judging.enums import ObjectionOutcome, RoundKey, ShowPhase
from judging.models import Assignment, Ballot, Sheet, Show, WallSnapshot
from kit import clock
from publicity.models import Announcement
from publicity.views import live as view
from tests.access_policy import EVERYONE, POLICY
from tests.factories.judging import Stand
from tests.judging.hall import a_hall
from tests.judging.stage import Director, a_final
from tests.judging.test_objections import accepted, decide
from tests.judging.test_wall import a_tie, both_released, scored, sheets_of
from tests.pages import queries_of
from tests.test_access import VIEWS, get_resolver_patterns

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def june():
    """The real clock: windows open and close here."""


def address(director: Director) -> str:
    return reverse("publicity:live", args=[director.hall.edition.year])


def state(director: Director, **headers: str):
    url = f"{reverse('publicity:live_state')}?year={director.hall.edition.year}"
    return Client().get(url, headers=headers)


# Screens


def played() -> Director:
    """A final of two projects through every screen of the wall."""
    stand, director = both_released()
    director.do(show.show_standings)
    director.do(show.pause, minutes=10)
    director.do(show.resume)
    director.do(show.close_stage)
    stand.look_into_flags()
    director.seal()
    director.reveal_all()
    return director


def test_every_screen_shows_its_stored_picture_and_nothing_else(client):
    director = played()
    director.do(ceremony.reveal_back)
    pictures = list(WallSnapshot.objects.order_by("number"))
    seen = {picture.content["screen"] for picture in pictures}
    assert seen >= set(ShowPhase.values) - {ShowPhase.ANSWERS}
    for number, picture in enumerate(pictures, start=len(pictures) + 1):
        WallSnapshot.objects.create(
            round=picture.round, number=number, content=picture.content, sha256=picture.sha256
        )
        for query in ("", "?key=1"):
            answer = client.get(address(director) + query)
            assert answer.status_code == 200
            assert answer.context["wall"] == picture.content
            assert f'data-key="{number}"' in answer.content.decode()
    assert Show.objects.get().phase == ShowPhase.REVEAL


def test_the_frozen_wall_and_the_questions_have_a_screen(client):
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    director.do(show.take_questions)
    answer = client.get(address(director))
    assert answer.context["wall"]["screen"] == ShowPhase.ANSWERS
    assert answer.context["until"] == director.show.phase_ends_at
    director.do(show.freeze)
    frozen = client.get(address(director))
    assert (frozen.context["wall"]["screen"], frozen.context["wall"]["status"]) == (
        ShowPhase.ANSWERS,
        walls.FROZEN,
    )
    assert director.entry(0).project.title in frozen.content.decode()
    director.do(show.start_scoring)
    assert "data-received" not in client.get(address(director)).content.decode()
    director.do(show.stop_scoring)
    assert "wall__received" not in client.get(address(director)).content.decode()


def test_once_the_time_is_up_the_wall_no_longer_says_that_scoring_is_open(client):
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring, seconds=60)
    director.hall.cast(0, 80)
    is_said = re.compile(r'data-over="([^"]+)">\1<')
    assert not is_said.search(client.get(address(director)).content.decode())
    with clock.frozen(director.entry(0).voting_closes_at):
        page = client.get(address(director)).content.decode()
    assert is_said.search(page)
    assert "<b data-received>1</b>" in page


def test_a_tie_is_told_on_every_screen_of_the_ceremony(client):
    director = a_tie()

    def told(query: str = "") -> int:
        page = client.get(address(director) + query, headers={"Accept-Language": "en"})
        return page.content.decode().count("tied, to be decided")

    assert told() == 2
    director.do(ceremony.reveal_back)
    assert told() == 3, "in the list, and large beside it"
    assert told("?key=1") == 1


def test_the_wall_explains_a_score_with_bars_and_numbers(client):
    _stand, director = scored("0.8", "0.9", "0.7", "0.6", "0.95", experts=5)
    director.do(show.show_score, entry=director.entry(0))
    page = client.get(address(director)).content.decode()
    steps = WallSnapshot.objects.newest(director.hall.round).content["score"]["steps"]
    for step in steps:
        assert f'<rect x="{step["start"]}" width="{step["size"]}"' in page
        assert step["shown"] in page
    assert "style=" not in page


def test_the_lower_third_stands_alone_on_one_colour(client):
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    page = client.get(f"{address(director)}?key=1").content.decode()
    assert director.entry(0).project.title in page
    assert "is-key" in page
    assert 'class="third"' in page
    assert "wall__foot" not in page
    assert 'class="third"' not in client.get(address(director)).content.decode()


def test_only_the_desk_sees_the_wall_of_a_rehearsal_and_it_says_so(client):
    director = Director(a_hall())
    Edition.objects.filter(pk=director.hall.edition.pk).update(is_rehearsal=True, year=9876)
    url = reverse("publicity:live", args=[9876])
    assert client.get(url).status_code == 404
    client.force_login(director.hall.clerk)
    director.do(show.pause, minutes=5)
    answer = client.get(url)
    assert answer.context["wall"]["rehearsal"] is True
    assert "wall__banner" in answer.content.decode()
    assert "data-state" not in answer.content.decode()


def test_the_wall_shows_the_list_once_it_is_published(client, delivered):
    director = played()
    assert client.get(address(director)).context["seen"].key != view.PUBLISHED
    round = director.hall.round
    actions.propose_decision(actor=director.hall.clerk, round=round)
    actions.approve_decision(actor=director.hall.approver, round=round)
    with delivered():
        actions.publish_notice(actor=director.hall.clerk, round=round)
    answer = client.get(address(director))
    assert answer.context["seen"].key == view.PUBLISHED
    assert [(row["rank"], row["number"]) for row in answer.context["wall"]["rows"]] == [(1, 2), (2, 1)]
    assert "data-wall" not in answer.content.decode()


def test_the_wall_of_a_list_that_was_taken_back_names_no_winner(client, delivered):
    director = played()
    hall = director.hall
    actions.propose_decision(actor=hall.clerk, round=hall.round)
    actions.approve_decision(actor=hall.approver, round=hall.round)
    with delivered():
        notice = actions.publish_notice(actor=hall.clerk, round=hall.round)
        objection = accepted(hall, notice, project=director.entry(1).project)
        decide(hall, objection, ObjectionOutcome.UPHELD, excludes_entry=True)
    for query in ("", "?key=1"):
        answer = client.get(address(director) + query)
        assert answer.context["seen"].key == view.REVIEWED
        assert "data-wall" not in answer.content.decode()
        assert all(entry.project.title not in answer.content.decode() for entry in hall.entries)


def test_the_page_of_the_edition_leads_to_the_wall_of_an_open_final(client):
    waiting = Stand(key=RoundKey.FINAL, entries=1, opened=False)
    director = Director(a_hall())
    assert reverse("publicity:live", args=[waiting.edition.year]) not in text_of(client, waiting.edition)
    assert address(director) in text_of(client, director.hall.edition)


def text_of(client: Client, edition: Edition) -> str:
    return client.get(edition.get_absolute_url()).content.decode()


# The state


def test_the_state_is_answered_by_etag_and_changes_with_the_picture():
    director = Director(a_hall())
    first = state(director)
    assert first.json() == {"key": "1", "received": None}
    assert state(director, **{"If-None-Match": first["ETag"]}).status_code == 304
    assert state(director, **{"If-None-Match": f"W/{first['ETag']}"}).status_code == 304
    director.do(show.present, entry=director.entry(0))
    after = state(director, **{"If-None-Match": first["ETag"]})
    assert (after.status_code, after.json()["key"]) == (200, "2")


def test_the_state_counts_ballots_while_the_jury_scores():
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring)
    assert state(director).json()["received"] == 0
    director.hall.cast(0, 80)
    assert state(director).json()["received"] == 1
    director.do(show.stop_scoring)
    assert state(director).json()["received"] is None


@pytest.mark.parametrize("year", ["", "x", "20260", "２０２６", "1; DROP"])
def test_a_state_of_no_year_is_not_found(client, year):
    assert client.get(reverse("publicity:live_state"), {"year": year}).status_code == 404


def test_a_state_nobody_has_shown_anything_in_is_empty(client):
    assert client.get(reverse("publicity:live_state"), {"year": "2099"}).json()["key"] == "0"
    assert client.post(reverse("publicity:live_state")).status_code == 405


def test_the_state_is_kept_for_a_moment_by_each_process(settings, django_assert_num_queries):
    settings.LIVE_STATE_KEPT_S = 60
    assert "publicity:live_state" in settings.EXPRESS
    director = Director(a_hall())
    view._kept.clear()
    try:
        first = state(director)
        with django_assert_num_queries(0):
            assert state(director).content == first.content
        assert not first.cookies
    finally:
        view._kept.clear()


def test_the_wall_goes_on_without_redis(client, monkeypatch):
    def away(*_args: Any, **_options: Any) -> None:
        raise ConnectionError

    director = Director(a_hall())
    for name in ("get", "set", "add", "get_many"):
        monkeypatch.setattr(type(caches["default"]), name, away)
    with pytest.raises(ConnectionError):
        cache.get("anything")
    director.do(show.present, entry=director.entry(0))
    assert state(director).json()["key"] == "2"
    assert client.get(address(director)).context["wall"]["screen"] == ShowPhase.TALK


def test_the_wall_asks_the_database_as_often_for_many_projects_as_for_few(client):
    counts = []
    for entries in (1, 8):
        director = Director(a_hall(entries=entries))
        director.do(show.present, entry=director.entry(0))
        counts.append(queries_of(client, address(director)))
    assert counts[0] == counts[1]


# The freeze


def arguments(director: Director) -> dict[str, Any]:
    """What an address may take, from a final; for a public one with another parameter, add it here."""
    return {
        "year": director.hall.edition.year,
        "key": "final",
        "number": 1,
        "code": director.entry(0).project.code,
        "pk": Announcement.objects.get(edition=director.hall.edition).pk,
        "token": director.hall.tokens[0],
        "receipt": "unknown",
    }


def public_addresses(director: Director) -> list[str]:
    """Every address that opens for everybody, with the objects of this final."""
    known = arguments(director)
    found = []
    for name in sorted(name for name, people in POLICY.items() if people == EVERYONE):
        if "GET" in VIEWS[name].page.methods:
            for _template, parameters in get_resolver_patterns(name):
                found.append(reverse(name, kwargs={key: known[key] for key in parameters}))
    year = director.hall.edition.year
    return [*found, f"/live/{year}/?key=1", f"/live/state/?year={year}"]


#: Headers that say when and as which request an answer was made.
OF_THE_MOMENT = ("x-request-id", "expires")


def everything_public(director: Director) -> dict[str, bytes]:
    """Every byte a stranger is given, whole pages and parts, but for what is new in every answer."""
    cache.clear()
    found = {}
    for url in public_addresses(director):
        for headers in ({}, FRAGMENT):
            answer = Client().get(url, headers=headers)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            head = {key: value for key, value in answer.items() if key.lower() not in OF_THE_MOMENT}
            told = f"{answer.status_code} {sorted(head.items())}\n".encode()
            found[f"{url} {headers}"] = told + re.sub(rb'csrf\S+" value="\S+"', b"", body)
    return found


def differing(director: Director, change: Callable[[], None]) -> list[str]:
    """The addresses that answer otherwise after a change."""
    before = everything_public(director)
    change()
    after = everything_public(director)
    return [url for url in before if before[url] != after[url]]


def test_no_byte_of_any_public_address_changes_with_a_hidden_score(delivered):
    with delivered():
        stand, hall = a_final(entries=3, jurors=3)
    director = Director(hall)
    sheets_of(stand, 1, "0.8", "0.9", "0.7")
    director.score(0, 80, 90, 70)
    with clock.frozen(clock.db_now()):
        shown = differing(director, lambda: director.do(show.show_score, entry=director.entry(0)))
        assert any(url.startswith("/live/") for url in shown), "the comparison sees a released score"
        director.do(show.freeze)
        moved = differing(director, lambda: director.do(show.present, entry=director.entry(1)))
        assert {url.split("/")[1] for url in moved} == {"live"}, "who is on the stage is no secret"
        director.do(show.start_scoring)

        def go_on() -> None:
            """Experts and jury score behind the freeze, and change their minds."""
            sheets_of(stand, 2, "0.6", "0.7")
            sheets_of(stand, 3, "0.9", "0.9", "0.5")
            for juror in range(3):
                hall.cast(juror, 60, entry=1)
                hall.cast(juror, 61 + juror, entry=1, seq=2)

        assert differing(director, go_on) == []
        director.do(show.stop_scoring)
        assert differing(director, lambda: stand.score(stand.declared(entry=2, seat=3), "0.8")) == []
    assert Ballot.objects.filter(entry=hall.entries[1]).count() == 3
    assert Sheet.objects.filter(assignment__entry=hall.entries[2], status="submitted").count() == 3
    assert Assignment.objects.filter(entry=hall.entries[1]).count() == 3


def test_the_wall_stays_while_the_final_is_sealed_behind_the_freeze():
    stand, director = both_released()
    director.do(show.freeze)

    def seen() -> tuple[bytes, bytes]:
        return Client().get(address(director), headers=FRAGMENT).content, state(director).content

    kept = seen()
    director.do(show.close_stage)
    stand.look_into_flags()
    director.seal()
    sealed = director.hall.round.tallies.get()
    assert seen() == kept
    assert sealed.sha256.encode() not in kept[0]
    director.begin_reveal()
    assert sealed.sha256.encode() in Client().get(address(director)).content
