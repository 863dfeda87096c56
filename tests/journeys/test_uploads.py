"""Files on their way in a real browser: several at once, with bars, stopped, refused, removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from projects.models import Project
from tests.factories.projects import PDF, ProjectFactory, owner_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def driven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's driver keeps an event loop in this thread; the test still asks the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def project(driven: None) -> Project:
    return ProjectFactory(complete=False)


@pytest.fixture
def owner(live_server, page: Page, client, project) -> Page:
    """A phone signed in as the organisation's owner."""
    client.force_login(owner_of(project.organisation))
    page.context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in client.cookies.items()
        ]
        + [{"name": "django_language", "value": "en", "url": live_server.url}]
    )
    page.set_viewport_size(PHONE)
    return page


@pytest.fixture
def address(live_server, project) -> str:
    """The page of files."""
    return f"{live_server.url}/apply/projects/{project.code}/attachments/"


@pytest.fixture
def at_files(owner: Page, address: str) -> Page:
    owner.goto(address)
    expect(owner.locator(".is-uploading-itself")).to_be_visible()
    return owner


def files(folder: Path, **contents: bytes) -> list[str]:
    paths = []
    for name, content in contents.items():
        path = folder / f"{name}.pdf"
        path.write_bytes(content)
        paths.append(str(path))
    return paths


def test_several_files_go_one_after_the_other_and_one_refused_says_why(at_files: Page, project, tmp_path):
    assert at_files.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(at_files.locator("#needed")).to_contain_text("2 kinds of files are still needed")
    card = at_files.locator("#kind-commitment")
    paths = files(tmp_path, first=PDF, broken=b"nothing", last=PDF)
    at_files.locator("#file-commitment").set_input_files(paths)
    expect(card.locator(".uploads__item.is-done")).to_have_count(2)
    refused = card.locator(".uploads__item.is-refused")
    expect(refused).to_contain_text("broken.pdf")
    expect(refused).to_contain_text("no accepted kind")
    expect(card.locator(".files__item")).to_have_count(2)
    expect(at_files.locator("#needed")).to_contain_text("1 kind of file is still needed")
    assert {row.file.name for row in project.attachments.select_related("file")} == {"first.pdf", "last.pdf"}
    assert at_files.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_file_dropped_on_its_place_is_sent(at_files: Page, project):
    at_files.evaluate(
        """content => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([Uint8Array.from(content)], "dropped.pdf"));
            const place = document.querySelector("#kind-certificate .drop");
            place.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, cancelable: true}));
        }""",
        list(PDF),
    )
    expect(at_files.locator("#kind-certificate .files__item")).to_contain_text("dropped.pdf")
    assert project.attachments.get().kind == "certificate"


def test_a_file_chosen_before_the_script_has_come_is_sent(owner: Page, address: str, project, tmp_path):
    held: list[Route] = []
    owner.route("**/upload*.js", lambda route: held.append(route))  # A slow line.
    with owner.expect_request("**/upload*.js"):
        owner.goto(address, wait_until="commit")
    owner.locator("#file-commitment").set_input_files(files(tmp_path, early=PDF))
    held[0].continue_()
    expect(owner.locator("#kind-commitment .files__item")).to_contain_text("early.pdf")
    assert project.attachments.get().file.name == "early.pdf"


def test_a_file_on_its_way_can_be_stopped(at_files: Page, project, tmp_path):
    held: list[Route] = []
    at_files.route("**/attachments/", lambda route: held.append(route), times=1)  # The answer does not come.
    at_files.locator("#file-commitment").set_input_files(files(tmp_path, first=PDF, second=PDF))
    items = at_files.locator("#kind-commitment .uploads__item")
    expect(items).to_have_count(2)
    for number in (1, 0):
        items.nth(number).get_by_role("button", name="Cancel").click()
    expect(at_files.locator(".uploads__item.is-refused")).to_have_count(2)
    held[0].abort()
    at_files.locator("#file-commitment").set_input_files(files(tmp_path, third=PDF))
    expect(at_files.locator("#kind-commitment .files__item")).to_contain_text("third.pdf")
    assert project.attachments.get().file.name == "third.pdf"


def test_what_is_too_large_is_not_even_sent(at_files: Page, project, tmp_path):
    at_files.locator("#kind-commitment form").evaluate("form => { form.dataset.maxBytes = '10'; }")
    at_files.locator("#file-commitment").set_input_files(files(tmp_path, first=PDF))
    expect(at_files.locator(".uploads__item.is-refused")).to_contain_text("too large")
    assert not project.attachments.exists()


def test_a_broken_line_is_told(at_files: Page, project, tmp_path):
    at_files.route("**/attachments/", lambda route: route.abort())
    at_files.locator("#file-commitment").set_input_files(files(tmp_path, first=PDF))
    expect(at_files.locator(".uploads__item.is-refused")).to_contain_text("broke off")


def test_removal_is_asked_about_first(at_files: Page, project, tmp_path):
    at_files.locator("#file-commitment").set_input_files(files(tmp_path, first=PDF))
    card = at_files.locator("#kind-commitment")
    card.get_by_role("button", name="Remove").click()
    at_files.locator("dialog").get_by_role("button", name="Keep it").click()
    assert project.attachments.current().count() == 1
    card.get_by_role("button", name="Remove").click()
    at_files.locator("dialog").get_by_role("button", name="Remove").click()
    expect(card.locator(".files__item")).to_have_count(0)
    assert not project.attachments.current().exists()
