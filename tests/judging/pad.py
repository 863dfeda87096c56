"""The page of a juror's phone, as a thumb and an eye use it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

#: A busy machine answers late; an idle one loses nothing by it.
PATIENCE_MS = 30_000


class Pad:
    """A phone at ``/jury/``."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def part(self, name: str) -> Locator:
        return self.page.locator(f"[data-{name}]")

    def give(self, points: int) -> None:
        """Digits, then the big button."""
        for digit in str(points):
            self.page.locator(f"button[data-digit='{digit}']").tap()
        self.part("send").tap()

    def stands(self, kind: str, score: int) -> None:
        """How the number on the screen stands: typing, sending, unsent, taken, refused."""
        expect(self.part("slip")).to_have_attribute("data-kind", kind, timeout=PATIENCE_MS)
        expect(self.page.locator("#score")).to_have_value(str(score))

    def shows(self, scene: str) -> None:
        """Which page: waiting, open, closed, over, or none without a card."""
        expect(self.part("scene")).to_have_attribute("data-scene", scene, timeout=PATIENCE_MS)
