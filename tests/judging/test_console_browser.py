"""The director's console in a real browser: keys, the new state in place, two consoles in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from judging.actions import show
from judging.enums import ShowPhase
from judging.models import Show
from tests.judging.hall import a_hall
from tests.judging.stage import Director
from tests.kit.test_behaviours import AXE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

#: Longer than a console waits before it asks again, and rests after somebody else's step.
A_WHILE_MS = 8000

#: Presses the new main button in the very moment in which it is put in place.
PRESS_AT_ONCE = """() => new MutationObserver((changes, watch) => {
  const button = document.querySelector(".is-moved [data-key=q]");
  if (!button) return;
  watch.disconnect();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "q", bubbles: true }));
  button.click();
  document.body.dataset.pressed = "";
}).observe(document.body, { subtree: true, childList: true, attributes: true })"""

#: Presses a key on a console that has missed what happened since the stage was prepared.
PRESS_UNAWARES = """() => {
  document.querySelector("input[name=seen]").value = 1;
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true }));
}"""


@pytest.fixture(autouse=True)
def driven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's driver keeps an event loop in this thread; the test still asks the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def director() -> Director:
    return Director(a_hall(entries=3))


@pytest.fixture
def console(browser, live_server, director) -> Iterator[Callable[[User], Page]]:
    """Opens the console as somebody, in a browser of its own; no script may fail in it."""
    opened, errors = [], []

    def open_as(user: User, width: int = 1440) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(live_server.url + reverse("judging:live_console", args=[director.hall.edition.year]))
        # Until its script is at work, a key pressed is a key lost.
        expect(page.locator("[data-live-console][data-attached] .stage")).to_be_visible()
        opened.append(context)
        return page

    yield open_as
    for context in opened:
        context.close()
    assert errors == []


def phase_of(page: Page, phase: ShowPhase) -> None:
    expect(page.locator(f".stage__phase--{phase}")).to_be_visible(timeout=A_WHILE_MS)


def test_keys_move_the_stage_and_the_other_console_follows(console, director):
    mine, theirs = console(director.hall.clerk), console(director.hall.supervisor)
    for key, phase in (("n", "talk"), ("q", "answers"), ("s", "scoring"), ("x", "counting")):
        mine.keyboard.press(key)
        phase_of(mine, ShowPhase(phase))
        phase_of(theirs, ShowPhase(phase))
    assert Show.objects.get().version == director.show.version + 4
    expect(theirs.locator("[data-last]")).to_contain_text(director.hall.clerk.name)


def test_what_somebody_else_moved_rests_before_it_can_be_pressed(console, director):
    page = console(director.hall.clerk)
    page.evaluate(PRESS_AT_ONCE)
    director.do(show.present, entry=director.entry(0))
    phase_of(page, ShowPhase.TALK)
    expect(page.locator("body[data-pressed]")).to_be_attached(timeout=A_WHILE_MS)
    expect(page.locator(".is-moved")).to_have_count(0)
    assert Show.objects.get().phase == ShowPhase.TALK
    page.keyboard.press("q")
    phase_of(page, ShowPhase.ANSWERS)


def test_a_refusal_is_read_until_the_next_step(console, director):
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring)
    page = console(director.hall.clerk)
    page.evaluate(PRESS_UNAWARES)
    expect(page.locator("[data-refusals] [data-refusal]")).to_be_visible()
    director.hall.cast(0, 80)
    expect(page.locator(".meter").nth(1)).to_contain_text("1", timeout=A_WHILE_MS)
    expect(page.locator("[data-refusals] [data-refusal]")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator("[data-refusals] [data-refusal]")).to_have_count(0)


def test_the_freeze_is_asked_about_first(console, director):
    page = console(director.hall.clerk)
    page.keyboard.press("f")
    expect(page.locator("dialog[open]")).to_be_visible()
    assert Show.objects.get().frozen_at is None
    page.locator("dialog button[value=yes]").click()
    expect(page.locator(".alarm--frozen")).to_be_visible()
    assert Show.objects.get().frozen_at is not None


def test_the_focus_stays_on_the_button_when_a_count_changes(console, director):
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring)
    page = console(director.hall.clerk)
    page.locator("#act-extend_scoring-60").focus()
    director.hall.cast(0, 80)
    expect(page.locator(".meter").nth(1)).to_contain_text("1", timeout=A_WHILE_MS)
    assert page.evaluate("document.activeElement.id") == "act-extend_scoring-60"


def test_a_lost_network_is_said(console, director):
    page = console(director.hall.clerk)
    page.context.set_offline(True)
    expect(page.locator("[data-connection].is-off")).to_be_visible(timeout=A_WHILE_MS)
    page.context.set_offline(False)
    expect(page.locator("[data-connection].is-off")).to_have_count(0, timeout=A_WHILE_MS)


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_console_fits_its_screen_and_everybody_can_use_it(console, director, width):
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring)
    page = console(director.hall.clerk, width)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight + 1")
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
