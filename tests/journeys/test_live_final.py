"""The live final in the browser: a hall of phones, a panel of tablets, one console, one wall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from accounts.enums import Role
from judging import actions
from judging.enums import RoundKey
from judging.models import Ballot, BallotEvent, RoundEntry
from judging.voting import ends_at
from kit import clock
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.judging import Stand
from tests.journeys.live_hall import (
    EXPERTS,
    JURORS,
    Console,
    Opinions,
    Phone,
    Tablet,
    Wall,
    link_of,
    printed_codes,
    seat_of,
)
from tests.journeys.steps import Journey, Visitor, zh
from tests.journeys.times import know_the_calendar
from tests.judging.plain_tally import rounded
from tests.portal import Portal, eventually

pytestmark = pytest.mark.journey

#: So long a tap made before the close may be on its way.
LATE_S = 10
TRADE = "社区居民"
#: By place in the row of phones: who has no network, who loses the card, who thinks again.
OFFLINE, LOST, UNDECIDED = 6, 2, 4
WHY_AGAIN = "会场后排音响中断，部分评委未听清答辩。"


@dataclass
class Hall:
    """The people of the final at their browsers."""

    journey: Journey
    stand: Stand
    opinions: Opinions
    clerk: Visitor
    desk: Visitor
    second: Visitor
    console: Console
    wall: Wall
    tablets: list[Tablet]
    phones: list[Phone] = field(default_factory=list)
    #: From here on the wall counts nothing and shows no score.
    is_frozen: bool = False

    @property
    def year(self) -> int:
        return self.stand.edition.year

    def entry(self, number: int) -> RoundEntry:
        found = RoundEntry.objects.select_related("project__organisation", "round")
        return found.get(round=self.stand.round, number=number)

    def title(self, number: int) -> str:
        return self.entry(number).project.title


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    portal.start_web()
    found = Journey(browser, portal, tmp_path)
    yield found
    found.close()


@pytest.fixture
def hall(journey: Journey) -> Hall:
    """Three projects, five experts who have declared beforehand; nobody is in the hall yet."""
    stand = Stand(
        key=RoundKey.FINAL,
        entries=3,
        experts=EXPERTS,
        drop_extremes_from=EXPERTS,
        also={"stage": {"late_seconds": LATE_S}},
    )
    know_the_calendar(stand.clerk)
    for assignment in stand.assignments():
        stand.declared(assignment.entry.number, assignment.seat.number)
    opinions = Opinions(stand)
    year = stand.edition.year
    clerk = journey.visitor("console").sign_in(stand.clerk.email, PASSWORD)
    supervisor = UserFactory(roles=[Role.SUPERVISOR])
    console = Console(clerk, year)
    clerk.press("Prepare the live final")
    secrets = set().union(*(opinions.secrets(number) for number in opinions.ballots))
    return Hall(
        journey,
        stand,
        opinions,
        clerk,
        desk=Visitor("desk", clerk.page.context.new_page(), journey),
        second=journey.visitor("second").sign_in(supervisor.email, PASSWORD),
        console=console,
        wall=Wall(journey.visitor("wall"), year, secrets),
        tablets=[Tablet(journey, stand, place) for place in range(EXPERTS)],
    )


def test_a_final_with_a_hall_full_of_phones(hall: Hall):
    step = hall.journey.step
    with step(1, "发卡、扫码入席，大屏迎宾"):
        issue_the_cards(hall)
        welcome(hall)
    with step(2, "第一个项目：汇报、答辩、评分、收分，大屏公布得分构成"):
        call(hall, 1)
        vote(hall, 1)
        close_scoring(hall)
        experts_score(hall, 1)
        show_the_score(hall, 1)
    with step(3, "第二个项目：一部手机断网，一张卡遗失换领，截止后补送"):
        call(hall, 2)
        lose_the_network(hall, 2)
        experts_score(hall, 2)
    with step(4, "说明理由重新开放评分，一名评委改分"):
        score_again(hall, 2)
    with step(5, "冻结大屏，第三个项目照常评分"):
        freeze(hall)
        score_behind_the_freeze(hall, 3)
    with step(6, "结束评分，两人封存，逐名揭晓"):
        seal(hall)
        reveal(hall)
    with step(7, "公示后评委凭回执码核对自己的评分"):
        publish(hall)
        find_the_own_ballot(hall)
    assert hall.journey.faults == []


# 1. The door


def issue_the_cards(hall: Hall) -> None:
    """Issued and printed at the desk; eleven phones scan, the twelfth types what is printed."""
    desk = hall.desk
    desk.open(f"/desk/live/{hall.year}/").press("Juror cards", within="header")
    desk.fill(trade=TRADE, count=JURORS).press("Issue cards")
    codes = printed_codes(desk, "Print all cards (PDF)")
    cards = [seat_of(number) for number in range(1, JURORS + 1)]
    assert codes == [actions.card_code(card) for card in cards]
    hall.phones = [take_phone(hall, f"juror{card.seat}") for card in cards]
    for phone, card in zip(hall.phones[:-1], cards, strict=False):
        phone.scan(link_of(card.seat))
    hall.phones[-1].type_in(JURORS, codes[-1])
    assert all(phone.visitor.is_within_the_screen for phone in hall.phones)


def take_phone(hall: Hall, name: str) -> Phone:
    return Phone(hall.journey.visitor(name, phone=True))


def welcome(hall: Hall) -> None:
    hall.wall.shows("welcome", hall.stand.edition.name, "80%", "20%")
    facts = hall.wall.page.locator(".wall__facts dd")
    assert facts.all_inner_texts() == ["3", str(JURORS), "80%", "20%"]
    expect(hall.console.page.locator(".order__hall")).to_contain_text(str(JURORS))


# 2. One project after the other


def call(hall: Hall, number: int) -> None:
    """To the stage; everybody's page follows by itself."""
    title = hall.title(number)
    hall.console.press("n", "talk")
    hall.wall.shows("talk", title, hall.entry(number).project.organisation.name, f"{number}/3")
    hall.phones[0].visitor.sees(title)
    hall.phones[0].shows("waiting")
    hall.console.press("q", "answers")
    hall.wall.shows("answers", title)
    hall.console.press("s", "scoring")
    hall.wall.shows("scoring", title)
    expect(hall.wall.page.locator("[data-until] time")).to_have_text(re.compile(r"^[12]:\d\d$"))
    hall.wall.received(0)


def vote(hall: Hall, number: int, *, without: int | None = None) -> None:
    """Every phone that has a network; numbers rise on console and wall."""
    for juror, phone in enumerate(hall.phones):
        if juror != without:
            phone.taken(hall.opinions.ballots[number][juror])
    count = JURORS - (without is not None)
    hall.console.counts(sheets=0, ballots=count)
    if not hall.is_frozen:
        hall.wall.received(count)


def close_scoring(hall: Hall) -> None:
    hall.console.press("x", "counting")
    hall.phones[0].shows("closed")


def experts_score(hall: Hall, number: int) -> None:
    """The director sees by name who is missing; the tablets follow the banner of the stage."""
    expect(hall.console.page.locator(".meter__missing").first).to_contain_text(hall.tablets[-1].name)
    for seat, tablet in enumerate(hall.tablets):
        tablet.score(hall.entry(number), hall.opinions.points(number, seat))
    hall.console.counts(sheets=EXPERTS, ballots=JURORS)


def show_the_score(hall: Hall, number: int) -> None:
    """As a waterfall, once the last late tap could have come."""
    hall.wall.shows("counting", f"{JURORS} / {JURORS}")
    wait_for_late_taps(hall, number)
    opinions = hall.opinions
    hall.wall.hidden -= opinions.secrets(number)
    hall.console.press("w", "score")
    means = [rounded(mean(number), 2) for mean in (opinions.experts, opinions.public)]
    hall.wall.shows("score", hall.title(number), *map(str, means), zh("Experts' mean"), "暂定")
    expect(hall.wall.page.locator(".wall__final b")).to_have_text(
        re.compile(rf"^(≈ )?{opinions.score(number)}$")
    )


def wait_for_late_taps(hall: Hall, number: int) -> None:
    assert eventually(lambda: clock.db_now() > ends_at(hall.entry(number)), LATE_S + 5)


# 3. What goes wrong in a hall


def lose_the_network(hall: Hall, number: int) -> None:
    """One phone taps without a network and comes back after the close; meanwhile a card is lost."""
    phone, points = hall.phones[OFFLINE], hall.opinions.ballots[number][OFFLINE]
    phone.shows("open")
    with phone.without_network():
        vote(hall, number, without=OFFLINE)
        replace_the_card(hall, number)
        missing = hall.console.page.locator(".meter__missing .seat")
        expect(missing).to_have_text([str(OFFLINE + 1)])
        phone.give(points)
        phone.stands("unsent", points)
        close_scoring(hall)
    phone.shows("closed")
    expect(phone.part("final-score")).to_have_text(str(points))
    hall.console.counts(sheets=0, ballots=JURORS)
    late = BallotEvent.objects.get(card=seat_of(OFFLINE + 1), entry=hall.entry(number))
    assert late.received_at > hall.entry(number).voting_closes_at
    hall.wall.shows("counting", hall.title(number))


def replace_the_card(hall: Hall, number: int) -> None:
    """A new card for the same seat: its ballot stays, the old phone and the old card are turned away."""
    old, seat, desk = hall.phones[LOST], LOST + 1, hall.desk
    old_link, points = link_of(seat), hall.opinions.ballots[number][LOST]
    page = rf"/desk/live/cards/{seat_of(seat).pk}/"
    desk.open(f"/desk/live/{hall.year}/cards/").follow(page)
    desk.fill(reason="评委卡与手机一并遗失").press("Replace the card")
    desk.open(page)
    assert printed_codes(desk, "Print this card (PDF)") == [actions.card_code(seat_of(seat))]
    old.shows("none")
    with old.visitor.refused(410):
        old.visitor.open(old_link)
    old.visitor.sees(zh("This card does not open")).leave()
    hall.journey.visitors.remove(old.visitor)
    new = hall.phones[LOST] = take_phone(hall, f"juror{seat}-new")
    new.visitor.open(link_of(seat)).press("Take this seat")
    expect(new.part("receipt")).to_be_visible()
    assert Ballot.objects.get(card=seat_of(seat), entry=hall.entry(number)).score == points
    hall.opinions.ballots[number][LOST] = points + 5
    new.taken(points + 5)
    assert Ballot.objects.get(card=seat_of(seat), entry=hall.entry(number)).score == points + 5


# 4. Once more


def score_again(hall: Hall, number: int) -> None:
    """With a reason. What was received stays; one juror thinks again."""
    clerk, ballots = hall.clerk, hall.opinions.ballots[number]
    clerk.follow(rf"/desk/live/entries/{hall.entry(number).pk}/reopen/").sees(str(JURORS))
    clerk.fill(reason=WHY_AGAIN).press("Open again")
    hall.console.stands("scoring")
    hall.console.counts(sheets=EXPERTS, ballots=JURORS)
    hall.wall.shows("scoring", hall.title(number))
    phone = hall.phones[UNDECIDED]
    phone.stands("taken", ballots[UNDECIDED])
    ballots[UNDECIDED] -= 30
    phone.taken(ballots[UNDECIDED])
    renew_secrets(hall, number)
    hall.wall.received(JURORS)
    close_scoring(hall)
    kept = Ballot.objects.filter(entry=hall.entry(number)).order_by("card__seat")
    assert list(kept.values_list("score", flat=True)) == ballots


def renew_secrets(hall: Hall, number: int) -> None:
    hall.wall.hidden |= hall.opinions.secrets(number)


# 5. Behind the freeze


def freeze(hall: Hall) -> None:
    """A banner on console and wall; nothing on the console offers a score any more, and the wall goes on
    naming who is on the stage."""
    hall.console.press("f", "counting", asks=True)
    page = hall.console.page
    expect(page.locator(".alarm--frozen")).to_be_visible()
    hall.clerk.picture("final-console-frozen")
    expect(page.locator("[id^=act-show_s]")).to_have_count(0)
    hall.wall.shows("counting", "已冻结", hall.title(2))
    expect(hall.wall.page.locator(".wall__received")).to_have_count(0)
    hall.is_frozen = True


def score_behind_the_freeze(hall: Hall, number: int) -> None:
    """The phones go on; the hall sees who presents, and neither a score nor how many are in."""
    hall.console.press("n", "talk")
    hall.wall.shows("talk", "已冻结", hall.title(number))
    hall.console.press("s", "scoring")
    hall.wall.shows("scoring", hall.title(number))
    vote(hall, number)
    expect(hall.wall.page.locator(".wall__received")).to_have_count(0)
    close_scoring(hall)
    experts_score(hall, number)
    hall.wall.shows("counting", "已冻结", hall.title(number))


# 6. The end


def seal(hall: Hall) -> None:
    """Asked for by one, confirmed by another; the wall still shows what was released before the freeze."""
    hall.stand.look_into_flags()
    hall.console.press("n", "closed", asks=True)
    hall.wall.shows("frozen", "已冻结", hall.title(1), str(hall.opinions.score(1)))
    hall.wall.visitor.sees_not(hall.title(2))
    frozen = hall.wall.text
    wait_for_late_taps(hall, 3)
    hall.console.press("n", "closed", asks=True)
    confirm(hall, "Seal the final", str(3 * JURORS), f"{3 * EXPERTS} / {3 * EXPERTS}")
    tally = hall.stand.reload().current_tally
    assert tally is not None
    scores = dict(tally.results.values_list("entry__number", "score"))
    assert scores == {number: hall.opinions.score(number) for number in scores}
    assert list(tally.results.order_by("rank").values_list("entry__number", flat=True)) == (
        hall.opinions.places()
    )
    hall.phones[0].shows("over")
    hall.wall.visitor.reload()
    hall.wall.keeps_quiet()
    assert hall.wall.text == frozen


def confirm(hall: Hall, button: str, *facts: str) -> None:
    """The second person, who reads what it is about."""
    expect(hall.console.page.locator(".alarm--asked")).to_be_visible()
    second = hall.second.open(f"/desk/live/{hall.year}/")
    second.page.locator("#act-confirm").click()
    second.page.wait_for_url("**/confirm/")
    second.sees(*facts).picture("final-confirm")
    second.press(button)
    expect(hall.console.page.locator(".alarm--asked")).to_have_count(0)


def reveal(hall: Hall) -> None:
    """From the last place to the first by the arrow, then all together."""
    hall.console.press("n", "closed", asks=True)
    confirm(hall, "Begin the reveal")
    hall.console.stands("reveal")
    hall.wall.shows("reveal")
    for number in reversed(hall.opinions.places()):
        hall.wall.hidden -= hall.opinions.secrets(number)
        hall.console.press("ArrowRight", "reveal")
        hall.wall.shows("reveal", hall.title(number), str(hall.opinions.score(number)))
        expect(hall.wall.page.locator(".wall__current .wall__title")).to_have_text(hall.title(number))
    hall.console.press("w", "winners")
    hall.wall.shows("winners", hall.stand.round.current_tally.sha256[:4])
    rows = hall.wall.page.locator(".wall__winners li")
    expect(rows).to_have_count(3)
    assert [(row.locator("b").first.inner_text(), row.locator("em").inner_text()) for row in rows.all()] == [
        (str(rank), str(hall.opinions.score(number)))
        for rank, number in enumerate(hall.opinions.places(), start=1)
    ]


# 7. The public


def publish(hall: Hall) -> None:
    stand = hall.stand
    actions.propose_decision(actor=stand.clerk, round=stand.reload())
    actions.approve_decision(actor=stand.approver, round=stand.reload())
    actions.publish_notice(actor=stand.clerk, round=stand.reload())


def find_the_own_ballot(hall: Hall) -> None:
    """From the phone to the board of receipts; a code finds its score, and a citizen the result."""
    phone, ballots = hall.phones[UNDECIDED].visitor, hall.opinions.ballots
    phone.open("/jury/")
    rows = phone.page.locator(".receipts tbody tr")
    given = {row.locator(".num").inner_text(): row.locator(".jury__code").inner_text() for row in rows.all()}
    assert list(given) == [str(ballots[number][UNDECIDED]) for number in ballots]
    phone.press("Find your ballot")
    assert phone.path == f"/editions/{hall.year}/results/final/receipts/"
    changed = str(ballots[2][UNDECIDED])
    phone.fill(code=given[changed]).press("Look up")
    found = phone.page.locator(".note--good")
    expect(found).to_contain_text(given[changed])
    expect(found).to_contain_text(hall.title(2))
    expect(found.locator("b")).to_contain_text(changed)
    phone.picture("final-receipt")
    citizen = hall.wall.visitor.open(f"/editions/{hall.year}/results/final/")
    citizen.sees(*(str(hall.opinions.score(number)) for number in ballots))
