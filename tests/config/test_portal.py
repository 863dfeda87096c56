"""The running portal that journeys and drills build on: real processes, real browser."""

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

from config import demo
from tests.portal import Portal, eventually


@pytest.mark.journey
def test_portal_comes_up_healthy_and_a_browser_reaches_it(portal: Portal, page: Page):
    complaints: list[str] = []
    outside: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def watch(request: Request) -> None:
        if not request.url.startswith((portal.url, "data:")):
            outside.append(request.url)

    page.on("console", hear)
    page.on("request", watch)
    portal.start()
    page.goto(f"{portal.url}/healthz/")
    assert eventually(lambda: '"status": "ok"' in page.reload().text())

    page.goto(f"{portal.url}/accounts/login/")

    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert (complaints, outside) == ([], [])


@pytest.mark.journey
def test_health_turns_red_when_the_worker_is_killed(portal: Portal):
    portal.settings["HEARTBEAT_MAX_AGE_S"] = "8"
    portal.start_web()
    portal.start_worker()
    assert eventually(lambda: demo.health(portal.url)["status"] == "ok")
    portal.kill("worker")
    assert eventually(lambda: demo.health(portal.url)["worker"] == "down")
