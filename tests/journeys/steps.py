"""What the people of a journey do in their browsers, in words of the portal.

Buttons and links are named by the English text in the code and looked for in Chinese, as it stands
on the page. Whatever goes wrong in a browser meanwhile (an error in its console, a breach of the
content policy, a request to another host, an answer nobody expected) is kept and fails the journey.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import trans_real
from playwright.sync_api import APIResponse, Browser, Locator, Page, Response, expect
from pypdf import PdfReader

from tests.portal import Portal, eventually

PASSWORD = "gongzhi-journey-2026"
PHONE = {"width": 390, "height": 844}
#: A busy machine answers late; an idle one loses nothing by it.
PATIENCE_MS = 30_000
NO_NETWORK = "net::ERR_INTERNET_DISCONNECTED"
REFUSED_LOAD = re.compile(
    r"Failed to load resource: the server responded with a status of 4\d\d|Response Status Error Code 4\d\d"
)

expect.set_options(timeout=PATIENCE_MS)


@cache
def words(text: str) -> tuple[str, ...]:
    """Every Chinese wording of an English text of the code, one for each context it stands in."""
    with translation.override("zh-hans"):
        catalogue = dict(trans_real.catalog()._catalog.items())
    found = [
        value
        for key, value in catalogue.items()
        if isinstance(key, str) and (key == text or key.endswith(f"\x04{text}"))
    ]
    return tuple(dict.fromkeys(found)) or (text,)


def zh(text: str) -> str:
    """The one Chinese wording of a text."""
    (found,) = words(text)
    return found


def reading(paper: bytes) -> str:
    """The text of a PDF as a reader would copy it, without spaces and line ends."""
    pages = PdfReader(io.BytesIO(paper)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@dataclass
class Journey:
    """Everybody's browsers around one portal, and what went wrong in them."""

    browser: Browser
    portal: Portal
    #: Where pictures go when a step fails.
    pictures: Path
    faults: list[str] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, name: str, *, email: str = "", phone: bool = False) -> Visitor:
        """Somebody with a fresh browser, signed in when an address is given."""
        shape: dict[str, Any] = (
            {"viewport": PHONE, "is_mobile": True, "has_touch": True}
            if phone
            else {"viewport": {"width": 1280, "height": 900}}
        )
        context = self.browser.new_context(
            base_url=self.portal.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            accept_downloads=True,
            **shape,
        )
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(name, context.new_page(), self)
        self.visitors.append(visitor)
        if email:
            visitor.sign_in(email)
        return visitor

    @contextmanager
    def step(self, number: int, what: str) -> Iterator[None]:
        """One of the steps, announced; a failure leaves a picture of every open page."""
        sys.stdout.write(f"  {number}. {what}\n")
        sys.stdout.flush()
        try:
            yield
        except BaseException:
            for visitor in self.visitors:
                if not visitor.page.is_closed():
                    visitor.page.screenshot(
                        path=self.pictures / f"{number}-{visitor.name}.png", full_page=True
                    )
            raise
        assert self.faults == [], self.faults

    def close(self) -> None:
        for visitor in self.visitors:
            visitor.leave()


class Visitor:
    """Somebody at a browser."""

    def __init__(self, name: str, page: Page, journey: Journey) -> None:
        self.name = name
        self.page = page
        self.journey = journey
        #: Answers of 400 and above that the journey is about to ask for on purpose.
        self.expected: list[int] = []
        self.was_offline = False
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._fault(f"script error: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("response", self._response)

    def _fault(self, text: str) -> None:
        self.journey.faults.append(f"{self.name} at {self.page.url}: {text}")

    def _console(self, message: Any) -> None:
        if self.was_offline and NO_NETWORK in message.text:
            return
        # What is refused is judged by its status, not by the remarks of browser and htmx about it.
        if message.type in {"error", "warning"} and not REFUSED_LOAD.match(message.text):
            self._fault(f"console: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith((f"{self.journey.portal.url}/", "data:", "blob:")):
            self._fault(f"asked for {url}")

    def _response(self, response: Response) -> None:
        if response.status < 400:
            return
        if response.status in self.expected:
            self.expected.remove(response.status)
        else:
            self._fault(f"answered {response.status} at {response.url}")

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """What is done inside is answered with ``status`` once."""
        self.expected.append(status)
        yield
        self.page.wait_for_load_state()
        # A form may first wait for a save that is on its way.
        assert eventually(lambda: self.page.wait_for_timeout(20) or not self.expected), (
            f"{self.name} was not refused with {status}"
        )
        self.page.wait_for_load_state()

    @contextmanager
    def without_network(self) -> Iterator[None]:
        """What is done inside is done without a network; the browser's remarks about it are no fault."""
        self.was_offline = True
        self.page.context.set_offline(True)
        yield
        self.page.context.set_offline(False)

    # Looking

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def open(self, path: str) -> Visitor:
        """Go to a page; every page has exactly one heading of the first rank and is Chinese."""
        self.page.goto(path)
        return self

    def reload(self) -> Visitor:
        self.page.reload()
        return self

    def sees(self, *texts: str) -> Visitor:
        """Each of the texts stands on the page, somewhere it can be read."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text, use_inner_text=True)
        return self

    def sees_not(self, *texts: str) -> Visitor:
        for text in texts:
            expect(self.page.locator("body")).not_to_contain_text(text, use_inner_text=True)
        return self

    def until(self, text: str, *, count: int = 1, seconds: float = 90) -> Visitor:
        """Look again and again until a text stands on the page, so often if need be."""
        found = self.page.locator("main").get_by_text(text, exact=True)
        assert eventually(lambda: self.reload() and found.count() >= count, seconds, step=0.5), (
            f"{self.name} waits in vain for {text} at {self.page.url}"
        )
        return self

    def find(self, text: str, seconds: float = 90) -> Visitor:
        """Look again and again for a link that holds a text, and follow it."""
        found = self.page.locator("main").get_by_role("link").filter(has_text=text)
        assert eventually(lambda: self.reload() and found.count(), seconds, step=0.5), (
            f"{self.name} finds no link with {text} at {self.page.url}"
        )
        found.first.click()
        self.page.wait_for_load_state()
        return self

    def error_beside(self, name: str) -> str:
        """The message that stands beside a field after the form came back."""
        control = self.control(name)
        expect(control).to_have_attribute("aria-invalid", "true")
        ids = (control.get_attribute("aria-describedby") or "").split()
        texts = [self.page.locator(f"[id='{i}']").inner_text() for i in ids]
        return " ".join(texts)

    @property
    def is_within_the_screen(self) -> bool:
        """Whether nothing makes the page wider than the screen."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def picture(self, name: str) -> None:
        """The screen as it is now, for ``make shots``; nothing where nobody asks for pictures."""
        if folder := os.environ.get("SHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    # Acting

    def control(self, name: str) -> Locator:
        """The visible control of a form's field."""
        return self.page.locator(f"main [name='{name}']:visible").first

    def fill(self, **values: object) -> Visitor:
        for name, value in values.items():
            self.put(name, value)
        return self

    def put(self, name: str, value: object) -> Visitor:
        """Type, choose or tick, whatever the field is; a list ticks several boxes."""
        control = self.control(name)
        kind = control.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            control.select_option(str(value))
        elif kind in {"checkbox", "radio"}:
            for each in value if isinstance(value, list) else [value]:
                self._tick(name, each)
        elif kind == "file":
            control.set_input_files(value)
        else:
            control.fill(str(value))
        return self

    def _tick(self, name: str, value: object) -> None:
        if isinstance(value, bool):
            self.control(name).set_checked(value)
        else:
            self.page.locator(f"main [name='{name}'][value='{value}']").check()

    def press(self, text: str, *, within: str = "main") -> Visitor:
        """Press the button or follow the link of that text, and wait for the page it leads to."""
        name = re.compile(rf"^({'|'.join(map(re.escape, words(text)))})$")
        place = self.page.locator(within)
        found = place.get_by_role("button", name=name).or_(place.get_by_role("link", name=name))
        found.first.click()
        self.page.wait_for_load_state()
        return self

    def follow(self, href: str, *, within: str = "main") -> Visitor:
        """Follow the first link whose address matches a pattern."""
        links = self.page.locator(f"{within} a[href]")
        for link in links.all():
            if re.fullmatch(href, urlsplit(link.get_attribute("href") or "").path):
                link.click()
                self.page.wait_for_load_state()
                return self
        raise AssertionError(f"{self.name} finds no link like {href} at {self.page.url}")

    def send(self, form: str = "main form[method=post]") -> Visitor:
        """Send a form by its main button."""
        self.page.locator(form).locator(
            "button[type=submit].btn-primary, button[type=submit].btn-danger"
        ).first.click()
        self.page.wait_for_load_state()
        return self

    def downloads(self, text: str) -> list[bytes]:
        """What the links of that text hand out, fetched with this browser's cookies."""
        links = self.page.locator("main").get_by_role("link", name=text, exact=True)
        return [self.fetch(link.get_attribute("href") or "") for link in links.all()]

    def download(self, text: str) -> bytes:
        return self.downloads(text)[0]

    def fetch(self, address: str, seconds: float = 90) -> bytes:
        """A file, once the worker has made it."""
        answers: list[APIResponse] = []

        def is_there() -> bool:
            answers.append(self.page.request.get(address))
            return answers[-1].status != 202

        assert eventually(is_there, seconds, step=0.3), f"{address} is never made"
        assert answers[-1].status == 200, f"{address} answered {answers[-1].status}"
        return answers[-1].body()

    # Coming and going

    def sign_in(self, email: str, password: str = PASSWORD) -> Visitor:
        self.open("/accounts/login/").fill(login=email, password=password)
        self.page.locator("form[action*='/accounts/login/'] button[type=submit]").first.click()
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return self

    def leave(self) -> None:
        self.page.context.close()
