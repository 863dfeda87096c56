"""Every reader: English, larger type for those who need it, a phone's narrow screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from config.play.cast import make_cast, person
from tests import world
from tests.journeys.steps import PASSWORD, Journey, Visitor
from tests.portal import Portal

pytestmark = pytest.mark.journey

PUBLIC = (
    "/", "/rules/", "/projects/", "/announcements/", "/disclosure/", "/history/", "/editions/2025/",
    "/verify/", "/sitemap/", "/accessibility/", "/accounts/login/", "/accounts/signup/", "/jury/",
)  # fmt: skip
ROOMS = {
    "org01": (
        "/me/", "/apply/", "/apply/organisation/", "/apply/projects/2025-0001/", "/apply/projects/new/",
    ),
    "expert01": ("/me/", "/review/"),
    "clerk": (
        "/desk/", "/desk/editions/", "/desk/editions/2025/", "/desk/intake/", "/desk/intake/2025-0001/",
        "/desk/rounds/", "/desk/notices/", "/desk/objections/", "/desk/funding/", "/desk/publicity/",
    ),
}  # fmt: skip


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    """An edition that takes applications, two of them handed in."""
    make_cast(experts=3, domain=world.DOMAIN, password=PASSWORD)
    person(f"org01@{world.DOMAIN}", "申报人01", password=PASSWORD)
    world.begin_small(entries=2)
    portal.start_web()
    found = Journey(browser, portal, tmp_path)
    yield found
    found.close()


def test_language_switch_turns_key_pages_english_and_back(journey: Journey):
    reader = journey.visitor("reader")
    reader.open("/").sees("首页", "征选规则")

    reader.page.get_by_role("button", name="English").click()

    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    for path, heading in (
        ("/rules/", "Contest rules"),
        ("/projects/", "Project"),
        ("/disclosure/", "Open funds"),
        ("/verify/", "Verify a document"),
        ("/accounts/login/", "Sign in"),
    ):
        reader.open(path)
        expect(reader.page.locator("h1")).to_contain_text(heading)
        reader.sees("Contest rules").sees_not("首页")

    reader.page.get_by_role("button", name="中文").click()
    expect(reader.page.locator("html")).to_have_attribute("lang", "zh-CN")
    reader.sees("首页")
    assert journey.faults == []


def test_care_mode_makes_the_type_larger_until_it_is_switched_off(journey: Journey):
    reader = journey.visitor("reader")
    usual = type_size(reader.open("/"))

    reader.press("Large type", within="body")

    assert type_size(reader) > usual
    assert type_size(reader.open("/rules/")) > usual
    reader.press("Standard type", within="body")
    assert type_size(reader.open("/")) == usual
    assert journey.faults == []


def type_size(reader: Visitor) -> float:
    size = reader.page.evaluate("getComputedStyle(document.querySelector('main')).fontSize")
    return float(size.removesuffix("px"))


def test_main_pages_fit_a_phone(journey: Journey):
    too_wide = []
    visitors = {"citizen": PUBLIC} | ROOMS
    for name, paths in visitors.items():
        email = "" if name == "citizen" else f"{name}@{world.DOMAIN}"
        visitor = journey.visitor(name, email=email, phone=True)
        for path in paths:
            visitor.open(path)
            expect(visitor.page.locator("h1")).to_have_count(1)
            if not visitor.is_within_the_screen:
                too_wide.append(f"{name} {path}")
        visitor.leave()
    assert (too_wide, journey.faults) == ([], [])
