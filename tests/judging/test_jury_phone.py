"""The juror's phone in a real browser: what the juror sees, with a network and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import BrowserContext, expect

from judging import actions
from judging.enums import ShowPhase
from judging.models import Ballot, BallotEvent, RoundEntry
from projects.models import Project
from tests.judging.hall import Hall, a_hall
from tests.judging.pad import Pad
from tests.judging.test_booth import stage, with_criteria
from tests.kit.test_behaviours import AXE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

FIRST_LOAD_BYTES = 60_000
#: What came into the language, or into style sheets, after the phones in a hall.
NEWER_SCRIPT = re.compile(
    r"\?\.|\?\?|\{\s*\.\.\.|import\(|catch\s*\{|\.finally\(|\.flat\(|\.flatMap\(|\.at\(|replaceAll|matchAll"
    r"|fromEntries|\d_\d|for await|#\w+\s*[=(]|allSettled|globalThis|structuredClone"
)
NEWER_STYLE = re.compile(r"@layer|:is\(|:where\(|:has\(|clamp\(|\(width|\(height|\binset:|aspect-ratio|&")


@pytest.fixture(autouse=True)
def driven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's driver keeps an event loop in this thread; the test still asks the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


class Phone(Pad):
    """A juror's phone that has taken its seat; ``width`` in CSS pixels."""

    def __init__(self, browser, address: str, hall: Hall, juror: int = 0, width: int = 360) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 640},
            is_mobile=True,
            has_touch=True,
            reduced_motion="reduce",
        )
        cookie = {"name": "jury", "value": f"{hall.cards[juror].pk}.{hall.devices[juror]}", "url": address}
        self.context.add_cookies([cookie])
        super().__init__(self.context.new_page())
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self) -> Phone:
        self.page.goto("/jury/")
        return self

    def queued(self) -> int:
        found = "JSON.parse(Object.entries(localStorage).find(([key]) => key.startsWith('jury.'))[1]).queue"
        return len(self.page.evaluate(found))


@pytest.fixture
def phones(browser, live_server) -> Iterator:
    """``phones(hall, juror)``: opens a phone; fails on any script error."""
    opened: list[Phone] = []

    def give_out(hall: Hall, juror: int = 0, **options) -> Phone:
        opened.append(Phone(browser, live_server.url, hall, juror, **options))
        return opened[-1]

    yield give_out
    errors = [error for phone in opened for error in phone.errors]
    for phone in opened:
        # What it has just asked for is answered before the database goes.
        phone.page.goto("about:blank")
        phone.page.wait_for_timeout(300)
        phone.context.close()
    assert errors == []


def lateness(hall: Hall, seconds: int, entry: int = 0) -> None:
    """What the rulebook allows a tap without network, once the entry is open."""
    RoundEntry.objects.filter(pk=hall.entries[entry].pk).update(voting_grace_s=seconds)


# The tap


def test_the_tap_is_the_vote_and_can_be_changed(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    expect(phone.part("send")).to_be_disabled()
    phone.give(92)
    phone.stands("taken", 92)
    ballot = Ballot.objects.get()
    expect(phone.part("receipt-score")).to_have_text("92")
    expect(phone.part("receipt-code")).to_have_text(ballot.receipt)
    expect(phone.part("send")).to_be_disabled()
    phone.page.locator("button[data-digit='8']").tap()
    phone.stands("typing", 8)
    assert re.findall(r"\d+", phone.part("send").inner_text()) == ["8"]
    assert Ballot.objects.get().score == 92
    phone.part("send").tap()
    phone.stands("taken", 8)
    assert Ballot.objects.get().score == 8
    assert BallotEvent.objects.count() == 2


def test_the_pad_reads_what_is_meant(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    taps = [("9", 9), ("2", 92), ("8", 8), ("0", 80), ("7", 7), ("clear", ""), ("0", 0), ("7", 7), ("1", 71)]
    for key, score in [*taps, ("top", 100)]:
        phone.page.locator(f"button[data-digit='{key}']").tap()
        expect(phone.page.locator("#score")).to_have_value(str(score))
    phone.page.keyboard.press("Backspace")
    expect(phone.page.locator("#score")).to_have_value("10")
    assert not BallotEvent.objects.exists()


def test_points_by_criterion_are_summed_on_the_phone(phones):
    hall = with_criteria()
    phone = phones(hall).open()
    fields = phone.page.locator("input[name='part']")
    for key in "55":
        phone.page.locator(f"button[data-digit='{key}']").tap()
    phone.part("send").tap()  # on to the next line
    for key in "33":
        phone.page.locator(f"button[data-digit='{key}']").tap()
    assert [fields.nth(n).input_value() for n in range(2)] == ["55", "33"]
    expect(phone.part("total")).to_have_text("88")
    phone.page.reload()
    expect(phone.part("slip")).to_have_attribute("data-kind", "typing")
    phone.part("send").tap()
    expect(phone.part("slip")).to_have_attribute("data-kind", "taken")
    assert Ballot.objects.get().score == 88
    phone.page.reload()
    assert [fields.nth(n).input_value() for n in range(2)] == ["55", "33"]
    fields.nth(0).tap()
    phone.page.locator("button[data-digit='top']").tap()
    phone.part("send").tap()
    expect(phone.part("receipt-score")).to_have_text("93")
    assert Ballot.objects.get().score == 93


# The stage


def test_the_phone_follows_the_stage_by_itself(phones):
    hall = a_hall()
    phone = phones(hall).open()
    phone.shows("waiting")
    hall.open()
    phone.shows("open")
    phone.give(8)
    phone.stands("taken", 8)
    hall.close()
    phone.shows("closed")
    expect(phone.part("final-score")).to_have_text("8")
    stage(hall, ShowPhase.TALK, 1)
    phone.shows("waiting")
    expect(phone.page.locator("h1")).to_have_text(hall.entries[1].project.title)
    hall.open(1)
    phone.shows("open")
    expect(phone.part("receipt")).to_be_hidden()


def test_more_time_does_not_wipe_out_what_is_being_typed(phones):
    hall = a_hall()
    hall.open(seconds=60)
    phone = phones(hall).open()
    phone.page.locator("button[data-digit='7']").tap()
    before = phone.part("until").get_attribute("data-until")
    entry = RoundEntry.objects.get(pk=hall.entries[0].pk)
    entry.voting_closes_at = None
    entry.save()
    expect(phone.part("until")).to_have_count(0)
    assert before
    phone.stands("typing", 7)
    phone.part("send").tap()
    phone.stands("taken", 7)


def test_the_pad_shuts_when_the_time_is_up(phones):
    hall = a_hall()
    hall.open(seconds=4)
    phone = phones(hall).open()
    phone.page.locator("button[data-digit='7']").tap()
    phone.shows("closed")
    assert not BallotEvent.objects.exists()


# No network


def test_without_network_the_tap_is_kept_and_sent_when_it_is_back(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    phone.give(90)
    phone.stands("taken", 90)
    phone.context.set_offline(True)
    phone.give(8)
    phone.stands("unsent", 8)
    expect(phone.part("connection")).to_have_class(re.compile("is-off"))
    expect(phone.part("receipt-score")).to_have_text("90")
    assert phone.queued() == 1
    assert Ballot.objects.get().score == 90
    phone.context.set_offline(False)
    phone.stands("taken", 8)
    expect(phone.part("connection")).not_to_have_class(re.compile("is-off"))
    assert phone.queued() == 0
    assert Ballot.objects.get().score == 8
    assert BallotEvent.objects.latest("seq").waited_ms > 0


def test_a_tap_before_the_close_is_taken_late_where_the_rulebook_says_so(phones):
    hall = a_hall()
    hall.open()
    lateness(hall, 60)
    phone = phones(hall).open()
    phone.context.set_offline(True)
    phone.give(81)
    phone.stands("unsent", 81)
    phone.page.wait_for_timeout(300)
    hall.close()
    phone.context.set_offline(False)
    phone.shows("closed")
    expect(phone.part("final-score")).to_have_text("81")
    assert phone.queued() == 0
    assert Ballot.objects.get().score == 81


def test_a_tap_that_was_long_on_its_way_says_so(phones):
    """Made before the close with a network, arrived after it: the second try adds what the first took."""
    hall = a_hall()
    hall.open()
    lateness(hall, 60)
    phone = phones(hall).open()
    seen: list[int] = []

    def hold_the_first(route) -> None:
        seen.append(1)
        if len(seen) == 1:
            hall.close()
        route.continue_()

    phone.page.route("**/jury/vote/", hold_the_first)
    phone.page.wait_for_timeout(1000)
    phone.give(81)
    phone.shows("closed")
    expect(phone.part("final-score")).to_have_text("81")
    assert len(seen) == 2
    assert BallotEvent.objects.get().waited_ms > 0


def test_the_juror_sees_which_tap_came_too_late(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    phone.give(90)
    phone.stands("taken", 90)
    phone.context.set_offline(True)
    phone.give(8)
    phone.stands("unsent", 8)
    hall.close()
    phone.context.set_offline(False)
    phone.shows("closed")
    expect(phone.page.locator(".news.is-refused b")).to_contain_text("8")
    expect(phone.part("final-score")).to_have_text("90")
    assert Ballot.objects.get().score == 90
    phone.page.reload()
    expect(phone.page.locator(".news.is-refused")).to_have_count(1)
    phone.page.locator(".news__seen").tap()
    expect(phone.page.locator(".news")).to_have_count(0)


def test_a_lost_answer_is_asked_for_again_and_is_one_ballot(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    lost: list[int] = []

    def lose_the_first(route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    phone.page.route("**/jury/vote/", lose_the_first)
    phone.give(77)
    phone.stands("taken", 77)
    assert lost == [200]
    assert [event.score for event in BallotEvent.objects.all()] == [77]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "content_type": "text/html", "body": "<h1>请登录会场网络</h1>"},
        {"status": 502, "content_type": "text/html", "body": "Bad Gateway"},
        {"status": 200, "content_type": "application/json", "body": "{}"},
    ],
)
def test_an_answer_that_is_not_ours_loses_no_tap(phones, answer):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    phone.page.route("**/jury/vote/", lambda route: route.fulfill(**answer))
    phone.give(77)
    phone.stands("unsent", 77)
    phone.page.reload()
    phone.stands("unsent", 77)
    assert phone.queued() == 1
    phone.page.unroute("**/jury/vote/")
    phone.stands("taken", 77)
    assert Ballot.objects.get().score == 77


def test_a_page_that_is_not_ours_takes_the_place_of_none(phones):
    hall = a_hall()
    phone = phones(hall).open()
    foreign = {"status": 200, "content_type": "text/html", "body": "<h1>请登录会场网络</h1>"}
    phone.page.route("**/jury/", lambda route: route.fulfill(**foreign))
    hall.open()
    expect(phone.part("connection")).to_have_class(re.compile("is-off"))
    phone.shows("waiting")
    phone.page.unroute("**/jury/")
    phone.shows("open")


def test_taps_leave_in_the_order_they_were_made(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    phone.context.set_offline(True)
    for points in (70, 80, 8):
        phone.give(points)
        phone.stands("unsent", points)
    phone.context.set_offline(False)
    phone.stands("taken", 8)
    assert [event.score for event in BallotEvent.objects.order_by("received_at")] == [70, 80, 8]
    assert Ballot.objects.get().score == 8


def test_a_phone_that_may_keep_nothing_sends_again_all_the_same(phones):
    """Private windows and some apps have no storage: then the taps live as long as the page."""
    hall = a_hall()
    hall.open()
    phone = phones(hall)
    denied = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
    phone.page.add_init_script(denied)
    phone.open()
    phone.context.set_offline(True)
    phone.give(70)
    phone.stands("unsent", 70)
    phone.give(8)
    phone.stands("unsent", 8)
    phone.context.set_offline(False)
    phone.stands("taken", 8)
    assert [event.score for event in BallotEvent.objects.order_by("received_at")] == [70, 8]


def test_a_phone_brings_nothing_along_from_another_card(phones):
    hall = a_hall(jurors=2)
    hall.open()
    phone = phones(hall, 0).open()
    phone.page.route("**/jury/vote/", lambda route: route.abort())
    phone.give(77)
    phone.stands("unsent", 77)
    other = {"name": "jury", "value": f"{hall.cards[1].pk}.{hall.devices[1]}", "url": phone.address}
    phone.context.add_cookies([other])
    phone.page.unroute("**/jury/vote/")
    phone.page.reload()
    phone.give(8)
    phone.stands("taken", 8)
    assert [(ballot.card_id, ballot.score) for ballot in Ballot.objects.all()] == [(hall.cards[1].pk, 8)]


def test_a_void_card_says_so(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall).open()
    phone.shows("open")
    actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="误发")
    phone.shows("none")


# Who holds it


@pytest.mark.parametrize("width", [360, 390])
def test_everything_that_counts_is_within_reach_of_a_thumb(phones, width):
    hall = a_hall()
    hall.open(seconds=90)
    phone = phones(hall, width=width).open()
    phone.give(92)
    phone.stands("taken", 92)
    phone.page.locator("button[data-digit='8']").tap()
    phone.stands("typing", 8)
    screen = phone.page.evaluate("[document.documentElement.scrollWidth, innerWidth, innerHeight]")
    assert screen[0] <= screen[1]
    for name in ("send", "receipt", "slip", "left"):
        box = phone.part(name).bounding_box()
        assert box, name
        assert box["y"] + box["height"] <= screen[2], name
    small = phone.page.eval_on_selector_all(
        "button, summary", "all => all.filter(e => e.offsetHeight && e.offsetHeight < 44).length"
    )
    assert small == 0
    assert phone.page.eval_on_selector("body", "e => parseFloat(getComputedStyle(e).fontSize)") >= 18


@pytest.mark.parametrize("care", ["", "1"])
def test_the_longest_title_pushes_nothing_off_a_small_screen(phones, care):
    hall = a_hall()
    Project.objects.filter(pk=hall.entries[0].project_id).update(title=("邻里守望与矛盾调处" * 7)[:60])
    hall.open(seconds=90)
    phone = phones(hall)
    phone.context.add_cookies([{"name": "care", "value": care, "url": phone.address}] if care else [])
    phone.open()
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    size = phone.page.eval_on_selector("html", "html => parseFloat(getComputedStyle(html).fontSize)")
    assert (size >= 20) == bool(care)
    if not care:
        box = phone.part("send").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 640


def test_every_state_can_be_read_by_everybody(phones):
    hall = a_hall()
    phone = phones(hall).open()
    seen = []
    for act in (lambda: None, hall.open, lambda: phone.give(92), hall.close):
        act()
        phone.page.wait_for_timeout(2500)
        found = Axe().run(phone.page, options=AXE).response["violations"]
        seen.append([rule["id"] for rule in found])
    assert seen == [[], [], [], []]


def test_the_first_load_is_small_and_asks_nobody_else(phones):
    hall = a_hall()
    hall.open()
    phone = phones(hall)
    loaded: dict[str, int] = {}
    phone.page.on("response", lambda answer: loaded.update({answer.url: len(answer.body())}))
    phone.open()
    phone.page.wait_for_timeout(2500)
    assert any(url.endswith("/jury/") for url in loaded)
    assert any("jury" in url and url.endswith(".js") for url in loaded)
    # Unpacked; on the line it is a third of that.
    assert sum(loaded.values()) < FIRST_LOAD_BYTES
    assert {url for url in loaded if not url.startswith(phone.address)} == set()


@pytest.mark.parametrize(
    ("path", "newer"),
    [("js/jury.js", NEWER_SCRIPT), ("css/pages/jury.css", NEWER_STYLE)],
    ids=["script", "style"],
)
def test_an_old_browser_understands_all_of_it(path, newer):
    text = (Path(settings.ROOT) / "static" / path).read_text()
    code = re.sub(r"/\*[\s\S]*?\*/|^\s*//.*$", "", text, flags=re.MULTILINE)
    assert len(code) > 1000
    assert newer.findall(code) == []
    assert newer.search("a?.b {...c}" if path.endswith("js") else "@layer pages { :is(a) {} }")
