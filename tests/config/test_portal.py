"""The running portal that journeys and drills build on: real processes, real browser."""

import pytest
from playwright.sync_api import Page

from config import demo
from tests.portal import Portal, eventually


@pytest.mark.journey
def test_portal_comes_up_healthy_and_a_browser_reaches_it(portal: Portal, page: Page):
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
    outside: list[str] = []
    page.on(
        "request",
        lambda request: None if request.url.startswith((portal.url, "data:")) else outside.append(request.url),
    )
    portal.start()
    page.goto(f"{portal.url}/healthz/")
    assert eventually(lambda: '"status": "ok"' in page.reload().text())

    page.goto(f"{portal.url}/accounts/login/")

    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert (violations, outside) == ([], [])


@pytest.mark.journey
def test_health_turns_red_when_the_worker_is_killed(portal: Portal):
    portal.settings["HEARTBEAT_MAX_AGE_S"] = "3"
    portal.start_worker()
    portal.start_web()
    assert eventually(lambda: demo.health(portal.url)["status"] == "ok")
    portal.kill("worker")
    assert eventually(lambda: demo.health(portal.url)["worker"] == "down")
