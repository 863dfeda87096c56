"""What the small scripts do, and that pages can be used by everyone, in a real browser.

The server gives the scripts; what they work on is put into the middle of one of its pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from config.styleguide import samples
from kit import clock
from kit.templatetags.gz import iso

pytestmark = pytest.mark.journey

#: Rules of WCAG 2.2 AA and the habits axe calls best practice.
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(autouse=True)
def driven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's driver keeps an event loop in this thread; the test still asks the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def put(driven: None, live_server, page: Page) -> Iterator[Callable[[str], None]]:
    """Puts markup into the middle of a page of the portal; fails on any script error."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto(f"{live_server.url}/accounts/login/")

    def place(markup: str) -> None:
        page.evaluate(
            """markup => {
                const main = document.querySelector("main");
                main.innerHTML = markup;
                const ready = new Promise(done => {
                    main.addEventListener("behaviours:ready", done, {once: true});
                });
                document.dispatchEvent(new CustomEvent("htmx:load", {detail: {elt: main}}));
                return ready;
            }""",
            markup,
        )

    yield place
    assert errors == []


def test_a_form_is_sent_once_however_often_the_button_is_pressed(put, page: Page):
    put('<form data-submit-once action="/sent/" method="get"><button>Send</button></form>')
    page.evaluate(
        """() => {
            window.sent = 0;
            const form = document.querySelector("main form");
            form.addEventListener("submit", event => { window.sent += 1; event.preventDefault(); });
        }"""
    )
    page.locator("main button").click()
    expect(page.locator("main form")).to_have_attribute("aria-busy", "true")
    page.locator("main button").click()
    assert page.evaluate("window.sent") == 1


@pytest.mark.parametrize(
    ("typed", "shown", "state"),
    [
        ("", "0 / 10", ""),
        ("三社联动 A1b2，好。", "8 / 10", ""),
        ("一" * 10, "10 / 10", "is-near"),
        ("一" * 11, "11 / 10", "is-over"),
    ],
)
def test_the_counter_counts_as_officials_do(put, page: Page, typed, shown, state):
    put('<textarea id="need" data-max-chars="10"></textarea>')
    page.locator("main textarea").fill(typed)
    expect(page.locator(".counter")).to_have_text(shown)
    expect(page.locator(".counter")).to_have_class(f"counter {state}".strip())


def test_the_browser_and_the_server_count_alike(put, page: Page):
    from kit.text import count_chars

    text = "2026年3月，走访 412 户（61%）; don't stop — 3.5 hours，𠮷野家！" + " 𝐳ሀ" * 3 + "𝐳ሀ" * 30
    put('<textarea id="need" data-max-chars="999"></textarea>')
    page.locator("main textarea").fill(text)
    expect(page.locator(".counter")).to_have_text(f"{count_chars(text)} / 999")


def test_budget_sums_run_along_in_exact_money(put, page: Page):
    rows = "".join(
        f'<tr data-row><td><input data-sum="fiscal total" value="{fiscal}">'
        f'<input data-sum="social total" value="{social}">'
        f'<input type="checkbox" name="row-{number}-DELETE"></td></tr>'
        for number, (fiscal, social) in enumerate([("0.1", "1,000"), ("0.2", "２０.50"), ("oops", "-5")])
    )
    put(
        f'<div data-live-sum><table>{rows}</table><output data-sum-of="fiscal"></output>'
        '<output data-sum-of="total"></output><output data-share-of="fiscal total"></output></div>'
    )
    fiscal, total = page.locator('main [data-sum-of="fiscal"]'), page.locator('main [data-sum-of="total"]')
    expect(fiscal).to_have_text("0.30")
    expect(total).to_have_text("1,020.80")
    page.locator('main [name="row-0-DELETE"]').check()
    expect(total).to_have_text("20.70")
    page.locator("main input").nth(3).fill("1234567.89")
    expect(total).to_have_text("1,234,588.39")


SHEET = """
<form data-score-sheet data-decimals="1" data-submit-once action="/saved/" method="get">
  {criteria}
  <b data-total></b> <i data-done></i> <i data-possible></i> <textarea></textarea>
  <button data-save>Save</button>
</form>
"""
CRITERION = """
<div data-criterion><button type="button" data-from="0" data-to="9.9">low</button>
  <button type="button" data-from="10" data-to="20">high</button><input max="20" aria-label="points"></div>
"""


def test_a_sheet_is_scored_from_the_keyboard(put, page: Page):
    put(SHEET.format(criteria=CRITERION * 3))
    expect(page.locator("main [data-total]")).to_have_text("—")
    page.keyboard.press("j")
    page.keyboard.type("12.5")
    page.keyboard.press("j")
    page.keyboard.type("7")
    expect(page.locator("main [data-total]")).to_have_text("19.5")
    expect(page.locator("main [data-done]")).to_have_text("2")
    expect(page.locator("main [data-possible]")).to_have_text("40")
    expect(page.locator('main [data-from="10"]').first).to_have_class("is-on")
    page.keyboard.press("k")
    expect(page.locator("main [data-criterion]").first).to_have_class("is-scored is-current")


def test_points_beyond_the_maximum_count_for_nothing_and_are_marked(put, page: Page):
    put(SHEET.format(criteria=CRITERION * 2))
    page.locator("main input").first.fill("21")
    expect(page.locator("main [data-criterion]").first).to_have_class(re.compile("is-wrong"))
    expect(page.locator("main [data-total]")).to_have_text("—")


def test_letters_typed_into_a_comment_stay_letters(put, page: Page):
    put(SHEET.format(criteria=CRITERION))
    expect(page.locator("main [data-total]")).to_have_text("—")
    page.locator("main textarea").focus()
    page.keyboard.type("jk 5")
    expect(page.locator("main textarea")).to_have_value("jk 5")
    expect(page.locator("main input")).to_have_value("")


def test_control_and_enter_save_the_sheet(put, page: Page):
    put(SHEET.format(criteria=CRITERION))
    expect(page.locator("main [data-total]")).to_have_text("—")
    page.evaluate(
        """document.querySelector("main form").addEventListener("submit", event => {
            event.preventDefault();
            window.saved = true;
        })"""
    )
    page.locator("main input").fill("5")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("window.saved") is True


def test_the_countdown_goes_by_the_clock_of_the_server(put, page: Page):
    now = clock.now() + timedelta(days=400)  # the browser's own clock is a year behind
    context = {"until": now + timedelta(days=2, hours=3, minutes=4, seconds=50), "now": now, "label": "Left"}
    put(render_to_string("parts/countdown.html", context))
    expect(page.locator("main [data-days]")).to_have_text("02")
    expect(page.locator("main [data-hours]")).to_have_text("03")
    expect(page.locator("main [data-minutes]")).to_have_text("04")
    expect(page.locator("time")).to_have_attribute("datetime", iso(context["until"]))


def test_a_question_is_asked_before_a_small_irrevocable_act(put, page: Page):
    put('<button type="button" data-confirm="Remove the file?" data-cancel="Keep">Remove</button>')
    page.evaluate(
        """window.acted = 0;
        document.querySelector("main button").addEventListener("click", () => { window.acted += 1; })"""
    )
    page.locator("main button").click()
    page.get_by_role("button", name="Keep").click()
    assert page.evaluate("window.acted") == 0
    page.locator("main button").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    page.wait_for_function("window.acted === 1")


def violations(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page, options=AXE).response["violations"]
    return [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("care", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_part_can_be_used_by_everyone(live_server, browser, browser_context_args, width, care):
    """Also: no page is wider than its screen."""
    request = RequestFactory().get("/site/styleguide/")
    request.user = AnonymousUser()
    whole = render_to_string("styleguide.html", samples(), request)
    middle = whole[whole.index(">", whole.index("<main")) + 1 : whole.index("</main>")]
    # The checker brings its own script, which the policy of the site rightly refuses.
    context = browser.new_context(
        **{**browser_context_args, "viewport": {"width": width, "height": 900}, "bypass_csp": True}
    )
    if care:
        context.add_cookies([{"name": "care", "value": "1", "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    assert violations(page) == []
    page.evaluate("markup => { document.querySelector('main').innerHTML = markup; }", middle)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    context.close()
