"""The wall in a real browser: it follows the stage by itself, counts down and counts up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from contest.models import Edition
from judging.actions import show
from kit import clock
from tests.judging.hall import a_hall
from tests.judging.stage import Director
from tests.kit.test_behaviours import AXE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

#: Longer than a wall waits before it asks again.
A_WHILE_MS = 8000
FULL_HD = {"width": 1920, "height": 1080}


@pytest.fixture(autouse=True)
def june(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real clock; the browser's driver keeps an event loop in this thread."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def director() -> Director:
    return Director(a_hall())


@pytest.fixture
def wall(browser, live_server, director) -> Iterator[Page]:
    """A projector's browser on the wall; no script may fail in it."""
    context = browser.new_context(viewport=FULL_HD, reduced_motion="reduce")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(live_server.url + reverse("publicity:live", args=[director.hall.edition.year]))
    yield page
    context.close()
    assert errors == []


def screen(page: Page, name: str) -> None:
    expect(page.locator(f".wall__frame--{name}")).to_be_visible(timeout=A_WHILE_MS)


def test_the_wall_follows_the_stage_and_counts_what_comes_in(wall, director):
    screen(wall, "welcome")
    director.do(show.present, entry=director.entry(0))
    screen(wall, "talk")
    expect(wall.locator(".wall__title")).to_have_text(director.entry(0).project.title)
    director.do(show.start_scoring, seconds=60)
    screen(wall, "scoring")
    expect(wall.locator("[data-received]")).to_have_text("0")
    wall.evaluate("document.querySelector('.wall__frame').dataset.mine = 'kept'")
    director.hall.cast(0, 80)
    expect(wall.locator("[data-received]")).to_have_text("1", timeout=A_WHILE_MS)
    assert wall.locator(".wall__frame").get_attribute("data-mine") == "kept", "only the number changes"
    shown = wall.locator("[data-until] time").inner_text()
    left = (director.show.phase_ends_at - clock.db_now()).total_seconds()
    minutes, seconds = map(int, shown.split(":"))
    assert left - 1 <= minutes * 60 + seconds <= left + 3
    director.do(show.stop_scoring)
    screen(wall, "counting")


def test_the_wall_says_by_itself_when_the_time_is_up(wall, director):
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring, seconds=8)
    screen(wall, "scoring")
    director.hall.cast(0, 80)
    kicker = wall.locator("[data-over]")
    over = kicker.get_attribute("data-over")
    expect(kicker).to_have_text(over, timeout=2 * A_WHILE_MS)
    expect(wall.locator("[data-received]")).to_have_text("1")
    director.do(show.stop_scoring)
    screen(wall, "counting")


def test_a_wall_without_network_says_so_and_goes_on_when_it_is_back(wall, director):
    screen(wall, "welcome")
    wall.context.set_offline(True)
    expect(wall.locator("[data-connection]")).not_to_be_empty(timeout=A_WHILE_MS)
    director.do(show.pause, minutes=5)
    wall.context.set_offline(False)
    screen(wall, "break")
    expect(wall.locator("[data-connection]")).to_be_empty(timeout=A_WHILE_MS)


def test_the_wall_of_a_rehearsal_follows_too_though_it_has_no_public_state(wall, live_server, director):
    Edition.objects.filter(pk=director.hall.edition.pk).update(is_rehearsal=True, year=9876)
    client = Client()
    client.force_login(director.hall.clerk)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    wall.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    wall.goto(live_server.url + reverse("publicity:live", args=[9876]))
    screen(wall, "welcome")
    director.do(show.present, entry=director.entry(0))
    screen(wall, "talk")
    expect(wall.locator(".wall__banner")).to_be_visible()


def test_the_wall_fills_the_screen_and_can_be_read_by_everybody(wall, director):
    director.do(show.present, entry=director.entry(0))
    screen(wall, "talk")
    size = wall.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [FULL_HD["width"], FULL_HD["height"]]
    found = Axe().run(wall, options=AXE)
    assert [rule["id"] for rule in found.response["violations"]] == []
