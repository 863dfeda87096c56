"""The scoring desk in two tabs and under an impatient hand: nothing is overwritten silently."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Route, expect

from judging.models import Assignment, SheetScore
from tests.factories.accounts import PASSWORD
from tests.factories.judging import Stand
from tests.journeys.steps import Journey, Visitor, zh
from tests.portal import Portal, eventually

pytestmark = pytest.mark.journey


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    portal.start_web()
    found = Journey(browser, portal, tmp_path)
    yield found
    found.close()


@pytest.fixture
def own(journey: Journey) -> tuple[Visitor, Assignment]:
    """An expert with one open sheet, at the browser."""
    stand = Stand(entries=1, experts=1, advance=1)
    assignment = stand.declared()
    expert = journey.visitor("expert").sign_in(assignment.seat.expert.email, PASSWORD)
    return expert, assignment


def kept(assignment: Assignment) -> Decimal | None:
    """What is saved of the first criterion."""
    return (
        SheetScore.objects.filter(sheet=assignment.sheet, criterion="need")
        .values_list("points", flat=True)
        .first()
    )


def ready(visitor: Visitor) -> None:
    """Script has taken hold of the sheet."""
    expect(visitor.page.locator("[data-score-sheet][data-ready]")).to_have_count(1)


def at_the_desk(visitor: Visitor, assignment: Assignment) -> Visitor:
    ready(visitor.open(f"/review/{assignment.pk}/"))
    return visitor


def go_on(visitor: Visitor) -> None:
    """Saved, and nothing left to score: the comparison of the own sheets."""
    visitor.page.keyboard.press("Control+Enter")
    visitor.page.wait_for_url("**/review/rounds/*/")


def test_of_two_tabs_on_one_sheet_neither_overwrites_the_other_silently(
    own: tuple[Visitor, Assignment], journey: Journey
):
    first, assignment = own
    second = Visitor("second tab", first.page.context.new_page(), journey)
    at_the_desk(first, assignment)
    at_the_desk(second, assignment)
    first.put("points_need", 20)
    first.page.keyboard.press("Tab")
    assert eventually(lambda: first.page.wait_for_timeout(50) or kept(assignment) == 20)
    with second.refused(409):
        second.put("points_need", 10)
        second.page.keyboard.press("Tab")
    expect(second.page.locator("#flash [data-error]")).to_be_visible()
    assert kept(assignment) == 20
    with second.refused(409):
        second.page.keyboard.press("Control+Enter")
    second.sees(zh("Saved elsewhere in the meantime"), "20.0")
    expect(second.control("points_need")).to_have_value("10")
    assert kept(assignment) == 20
    # Both seen, this one meant.
    ready(second)
    go_on(second)
    assert kept(assignment) == 10
    assert journey.faults == []


def test_a_save_on_its_way_and_an_impatient_hand_do_not_stand_against_each_other(
    own: tuple[Visitor, Assignment], journey: Journey
):
    expert, assignment = own
    page = at_the_desk(expert, assignment).page
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        """What is saved by itself arrives; its answer is late."""
        if "act=autosave" in (route.request.post_data or ""):
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route(f"**/review/{assignment.pk}/", hold)
    expert.put("points_need", 20)
    page.keyboard.press("Tab")
    assert eventually(lambda: page.wait_for_timeout(50) or held)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    route, answer = held[0]
    route.fulfill(response=answer)
    page.wait_for_url("**/review/rounds/*/")
    assert kept(assignment) == 20
    assert journey.faults == []
