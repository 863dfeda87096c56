"""The hall of a final: everybody's browsers, and what experts and jurors think of three projects.

The scores are worked out here from what was typed, by somebody who has read the rules and not the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from playwright.sync_api import expect

from judging.actions import card_token
from judging.models import Assignment, JurorCard, RoundEntry, SheetScore
from tests.factories.accounts import PASSWORD
from tests.factories.judging import Stand
from tests.journeys.steps import Journey, Visitor, reading, zh
from tests.journeys.test_review import type_points
from tests.judging.pad import Pad
from tests.judging.plain_tally import average, kept_sheets, rounded

PHONE, TABLET, PROJECTOR, DESK = (
    {"width": width, "height": height}
    for width, height in ((360, 640), (1024, 768), (1920, 1080), (1440, 900))
)
JURORS, EXPERTS, DROP_FROM = 12, 5, 5
#: A share of the full points, by project; each expert stands a little apart from the one before.
MERIT = {1: 80, 2: 90, 3: 72}
APART = 2
#: What the first juror gives a project; everybody after gives one point more.
TASTE = {1: 78, 2: 70, 3: 88}
FULL_WEIGHT = 100


@dataclass
class Opinions:
    """What everybody thinks of the projects, by their numbers: points of experts, scores of jurors."""

    stand: Stand
    ballots: dict[int, list[int]] = field(
        default_factory=lambda: {
            number: [first + juror for juror in range(JURORS)] for number, first in TASTE.items()
        }
    )

    def points(self, number: int, seat: int) -> dict[str, Decimal]:
        return self.stand.points(Decimal(MERIT[number] + APART * seat) / 100)

    def experts(self, number: int) -> Fraction:
        """The mean of their totals without the highest and the lowest."""
        totals = [sum(self.points(number, seat).values()) for seat in range(EXPERTS)]
        sheets = [(seat, Decimal(total), Decimal(0)) for seat, total in enumerate(totals)]
        return average([total for _seat, total, _points in kept_sheets(sheets, DROP_FROM)])

    def public(self, number: int) -> Fraction:
        return average([Decimal(score) for score in self.ballots[number]])

    def score(self, number: int) -> Decimal:
        return rounded((80 * self.experts(number) + 20 * self.public(number)) / FULL_WEIGHT, 2)

    def secrets(self, number: int) -> set[str]:
        """The numbers nobody may read before the score of a project is shown."""
        means = (self.experts(number), self.public(number))
        return {str(self.score(number)), *(str(rounded(mean, 2)) for mean in means)}

    def places(self) -> list[int]:
        """The projects' numbers, best first."""
        return sorted(MERIT, key=self.score, reverse=True)


class Console:
    """The director's console, worked by its keys."""

    def __init__(self, clerk: Visitor, year: int) -> None:
        self.clerk, self.page = clerk, clerk.page
        self.page.set_viewport_size(DESK)
        clerk.open(f"/desk/live/{year}/")

    def stands(self, phase: str) -> None:
        expect(self.page.locator(f".stage__phase--{phase}")).to_be_visible()
        self.clerk.picture(f"final-console-{phase}")

    def press(self, key: str, phase: str, *, asks: bool = False) -> None:
        """A key, if need be the answer to its question, and the phase it leads to."""
        expect(self.page.locator(".is-moved")).to_have_count(0)
        self.page.keyboard.press(key)
        if asks:
            self.page.locator("dialog[open] button[value=yes]").click()
        self.stands(phase)

    def counts(self, *, sheets: int, ballots: int) -> None:
        """How many are in of the project on the stage, by experts and jurors."""
        for place, (count, total) in enumerate([(sheets, EXPERTS), (ballots, JURORS)]):
            expect(self.page.locator(".meter__line b").nth(place)).to_have_text(f"{count} / {total}")


class Wall:
    """The projector. Whatever stands on it, no number in ``hidden`` is there, not even in its markup."""

    def __init__(self, visitor: Visitor, year: int, hidden: set[str]) -> None:
        self.visitor, self.page, self.hidden = visitor, visitor.page, hidden
        self.page.set_viewport_size(PROJECTOR)
        visitor.open(f"/live/{year}/")

    def shows(self, screen: str, *texts: str) -> None:
        expect(self.page.locator(f".wall__frame--{screen}")).to_be_visible()
        self.visitor.sees(*texts)
        self.visitor.picture(f"final-wall-{screen}")
        self.keeps_quiet()

    def keeps_quiet(self) -> None:
        markup = self.page.content()
        found = sorted(number for number in self.hidden if number in markup)
        assert found == [], f"the wall tells {found}"

    def received(self, count: int) -> None:
        expect(self.page.locator("[data-received]")).to_have_text(str(count))
        self.keeps_quiet()

    @property
    def text(self) -> str:
        return self.page.locator(".wall__frame").inner_text()


class Phone(Pad):
    """A juror's own phone."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(visitor.page)
        self.visitor = visitor
        self.page.set_viewport_size(PHONE)

    def shows(self, scene: str) -> None:
        super().shows(scene)
        self.visitor.picture(f"final-phone-{scene}")

    def stands(self, kind: str, score: int) -> None:
        super().stands(kind, score)
        self.visitor.picture(f"final-phone-{kind}")

    def scan(self, address: str) -> Phone:
        """The QR code of the card, then the button that takes the seat."""
        self.visitor.open(address).press("Take this seat")
        self.shows("waiting")
        return self

    def type_in(self, seat: int, code: str) -> Phone:
        """Seat and code as printed, for a phone that reads no QR code."""
        self.visitor.open("/jury/").fill(seat=seat, code=code).press("Take this seat")
        self.shows("waiting")
        return self

    def taken(self, points: int) -> None:
        """Given, and the server says so."""
        self.shows("open")
        self.give(points)
        self.stands("taken", points)
        expect(self.part("receipt-score")).to_have_text(str(points))

    @contextmanager
    def without_network(self) -> Iterator[None]:
        with self.visitor.without_network():
            yield


class Tablet:
    """An expert in the panel's row, signed in, with the own list open."""

    def __init__(self, journey: Journey, stand: Stand, place: int) -> None:
        person = stand.experts[place]
        self.name, self.person = person.name, person
        self.visitor = journey.visitor(f"expert{place}").sign_in(person.email, PASSWORD)
        self.visitor.page.set_viewport_size(TABLET)
        self.visitor.open("/review/")

    def score(self, entry: RoundEntry, points: dict[str, Decimal]) -> None:
        """From the banner of the stage to the locked sheet, and back to the list."""
        page = self.visitor.page
        banner = page.locator(".on-stage")
        expect(banner).to_contain_text(entry.project.title)
        self.visitor.picture("final-tablet")
        banner.get_by_role("link", name=zh("Open its sheet")).click()
        sheet = Assignment.objects.get(entry=entry, seat__expert=self.person)
        page.wait_for_url(f"**{sheet.get_absolute_url()}")
        type_points(self.visitor, points)
        page.locator("button[name=act][value=submit]").click()
        page.locator("dialog[open] button[value=yes]").click()
        page.wait_for_url(lambda url: not url.endswith(sheet.get_absolute_url()))
        kept = SheetScore.objects.filter(sheet__assignment=sheet).values_list("criterion", "points")
        assert dict(kept) == points
        self.visitor.open("/review/")
        expect(banner).to_contain_text(zh("Your sheet is in"))


def seat_of(number: int) -> JurorCard:
    return JurorCard.objects.get(seat=number)


def link_of(seat: int) -> str:
    """What the QR code of a seat's card opens."""
    return f"/jury/c/{card_token(seat_of(seat))}/"


def printed_codes(desk: Visitor, button: str) -> list[str]:
    """The codes under the QR codes of the cards that a button prints."""
    with desk.page.expect_download() as waiting:
        desk.press(button)
    text = reading(Path(waiting.value.path()).read_bytes())
    return re.findall(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text)
