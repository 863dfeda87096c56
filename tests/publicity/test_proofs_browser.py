"""The fingerprint of a downloaded result, computed in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from judging import actions
from kit import clock
from tests.factories.judging import Stand
from tests.judging.stage import a_final
from tests.kit.test_behaviours import AXE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def driven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's driver keeps an event loop in this thread; the test still asks the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def stand() -> Stand:
    with clock.frozen(datetime(2026, 6, 9, 12, tzinfo=clock.CITY_ZONE)):
        stand, hall = a_final(entries=2, jurors=3)
        for place in range(2):
            hall.open(place)
            for juror in range(3):
                hall.cast(juror, 90 - 10 * juror - place, entry=place)
            hall.close(place)
        stand.approved({1: "0.9"})
        actions.publish_notice(actor=stand.clerk, round=stand.round)
    return stand


@pytest.fixture
def page(browser, live_server) -> Iterator[Page]:
    """A visitor's page; no script may fail in it."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def test_the_browser_computes_the_fingerprint_of_the_file(page, live_server, stand):
    arguments = [stand.edition.year, "final"]
    file = Client().get(reverse("publicity:results_bundle", args=arguments)).content
    page.goto(live_server.url + reverse("publicity:results_verify", args=arguments))
    place = page.locator("[data-check-bundle]")
    status = place.get_by_role("status")
    expect(place).to_be_visible()

    def choose(content: bytes) -> None:
        place.locator("input").set_input_files(
            {"name": "bundle.json", "mimeType": "application/json", "buffer": content}
        )

    choose(file)
    expect(status).to_have_class(re.compile("note--good"))
    expect(place).to_contain_text(stand.reload().current_tally.sha256)

    ballot_turned, list_turned = json.loads(file), json.loads(file)
    ballot_turned["tally"]["entries"][0]["public"]["ballots"][0]["score"] += 1
    list_turned["decision"]["lines"][0]["award"] = "none"
    for forged in (ballot_turned, list_turned):
        choose(file)
        expect(status).to_have_class(re.compile("note--good"))
        choose(json.dumps(forged).encode())
        expect(status).to_have_class(re.compile("note--bad"))

    choose(b"%PDF-1.4")
    expect(status).to_have_class(re.compile("note--warn"))


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_of_the_proof_are_within_the_screen_and_accessible(page, live_server, stand, width):
    page.set_viewport_size({"width": width, "height": 900})
    year = stand.edition.year
    for address in (
        reverse("publicity:results_receipts", args=[year]) + "?project=1",
        reverse("publicity:results_verify", args=[year, "final"]),
    ):
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, found.generate_report()
