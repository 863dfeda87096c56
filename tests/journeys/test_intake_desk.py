"""The desk of the formal check in a browser: the queue by keyboard, a return, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from accounts.actors import SYSTEM
from accounts.enums import Role
from config.play.cast import person
from projects import actions
from projects.enums import ProjectStatus
from projects.models import CorrectionItem, Project
from tests import world
from tests.factories.accounts import give_role
from tests.factories.contest import EditionFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory
from tests.journeys.steps import PASSWORD, Journey
from tests.portal import Portal

pytestmark = pytest.mark.journey

CLERK = f"clerk@{world.DOMAIN}"


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    portal.start_web()
    found = Journey(browser, portal, tmp_path)
    yield found
    found.close()


@pytest.fixture
def entries(portal: Portal) -> list[Project]:
    """Three applications, two of them much alike."""
    give_role(person(CLERK, "经办01", password=PASSWORD), Role.CLERK)
    edition, here = EditionFactory(), OrganisationFactory()
    found = [
        ProjectFactory(edition=edition, organisation=body, title=title, status=ProjectStatus.SUBMITTED)
        for title, body in (
            ("楼栋议事厅与邻里公约", here),
            ("反诈守门员接力宣传", OrganisationFactory(district=here.district)),
            ("楼栋议事厅与邻里公约二期", OrganisationFactory()),
        )
    ]
    actions.find_similar(actor=SYSTEM, project=found[2])
    return found


def test_the_clerk_goes_through_the_queue_by_keyboard_and_returns_one(
    entries: list[Project], journey: Journey
):
    first, second, third = entries
    clerk = journey.visitor("clerk", email=CLERK)
    clerk.open("/desk/intake/?status=submitted")
    clerk.page.get_by_role("link", name=first.title, exact=True).click()
    page = clerk.page
    page.wait_for_url(f"**/{first.code}/?status=submitted")
    expect(page.locator("[data-tick-all]")).to_be_visible()

    page.keyboard.press("j")
    page.wait_for_url(f"**/{second.code}/?status=submitted")
    expect(page.locator("[data-tick-all]")).to_be_visible()
    page.keyboard.press("k")
    page.wait_for_url(f"**/{first.code}/?status=submitted")
    expect(page.locator("[data-tick-all]")).to_be_visible()

    # Beside a shown field stands the button that names it in the form.
    row = page.locator(".answers .facts__row", has_text=first.summary or "按楼栋").first
    row.locator(".to-correct").click()
    expect(page.locator("[name=note]").first).to_be_focused()
    expect(page.locator("[name=place]").first).to_have_value("summary")
    # Letters that are typed are letters.
    page.keyboard.type("jkatx人数请写明")
    page.keyboard.press("Tab")
    page.locator("[name=reasons]").first.check()
    page.locator("h1").click()
    page.keyboard.press("r")
    expect(page.locator("[data-key=r]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{second.code}/?status=submitted")

    item = CorrectionItem.objects.get()
    assert (item.place, item.note) == ("summary", "jkatx人数请写明")

    # The next one is accepted without the mouse.
    expect(page.locator("[data-tick-all]")).to_be_visible()
    page.keyboard.press("t")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{third.code}/?status=submitted")
    second.refresh_from_db()
    assert second.status == ProjectStatus.ACCEPTED

    # The last one reads like the first: side by side, and what both have is marked.
    clerk.follow(f"/desk/intake/{third.code}/similar/{first.code}/")
    expect(page.locator(".beside mark").first).to_have_text("楼栋议事厅与邻里公约")
    assert clerk.is_within_the_screen
    assert journey.faults == []


def test_the_desk_fits_a_phone(entries: list[Project], journey: Journey):
    project = entries[0]
    clerk = journey.visitor("clerk", email=CLERK, phone=True)
    for path in ("", "accept/", "drafts/", "share/", f"{project.code}/", f"{project.code}/merge/"):
        clerk.open(f"/desk/intake/{path}")
        assert clerk.is_within_the_screen, path
    assert journey.faults == []
