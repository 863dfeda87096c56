"""A small edition played to the end, for tests that need real objects of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from accounts.models import District, User
from config.play import applying
from config.play.cast import Cast, make_cast, person
from config.play.edition import Play, begin
from contest.enums import Stage
from contest.models import Office
from contest.rulebook import RulebookDoc, default_rulebook
from funding import actions as funding
from funding.models import Fund, Grant
from judging.enums import RoundKey
from kit import clock
from kit.codes import made_up_code
from projects.models import Organisation, Project

START = datetime(2025, 3, 3, 9, tzinfo=clock.CITY_ZONE)
DOMAIN = "world.example"


@dataclass
class World:
    """What was played, and who played it."""

    play: Play
    cast: Cast
    districts: list[District]
    owners: list[User]
    organisations: list[Organisation]
    projects: list[Project]
    fund: Fund
    grants: list[Grant]


def small_rules(**changes: object) -> RulebookDoc:
    """The default rules with two sheets per entry and three awards."""
    document = default_rulebook().model_dump(mode="json")
    for key in ("preliminary", "second", "final"):
        document[key] |= {"sheets_per_entry": 2, "quorum_sheets": 2, "drop_extremes_from": None, "advance": 3}
    document["awards"] = [
        {"key": "first", "name": "一等奖", "places": 1, "amount_fen": 10_000_000, "top_ten": True},
        {"key": "second", "name": "二等奖", "places": 2, "amount_fen": 7_000_000, "top_ten": True},
    ]
    return RulebookDoc.model_validate(document | changes)


def begin_small(*, entries: int = 3, seed: int = 7, experts: int = 3) -> World:
    """An edition with applications open and ``entries`` handed in, each by its own organisation."""
    cast = make_cast(experts=experts, domain=DOMAIN)
    districts = [applying.district_named(f"d{n}", f"第{n}区", n) for n in range(2)]
    play = begin(
        cast=cast,
        office=Office.objects.get_or_create(mark="示治", defaults={"name": "示范办公室"})[0],
        year=2025,
        name="2025年征选活动",
        start=START,
        rng=Random(seed),
        rules=small_rules(),
    )
    play.open_applications()
    owners, organisations, projects = [], [], []
    for number in range(1, entries + 1):
        play.pass_time(hours=1)
        with play.now():
            owner = person(f"org{number:02}@{DOMAIN}", f"申报人{number:02}")
            organisation = applying.register(
                actor=owner,
                code=made_up_code("52441302", f"W{number:07}"),
                name=f"示例服务中心{number:02}",
                kind="private_nonprofit",
                district=districts[number % 2],
            )
            submission = applying.apply(
                actor=owner,
                edition=play.edition,
                organisation=organisation,
                entry=applying.Entry(
                    title=f"示例项目{number:02}",
                    field="livelihood",
                    groups=("elderly",),
                    district=districts[number % 2],
                    summary="两日一声问候，守护空巢老人。",
                    fiscal_fen=8_000_000,
                    matching_fen=2_000_000,
                ),
                starts_on=date(2025, 7, 1),
            )
        owners.append(owner)
        organisations.append(organisation)
        projects.append(submission.project)
    return World(play, cast, districts, owners, organisations, projects, fund=None, grants=[])  # type: ignore[arg-type]


def play_to_grants(world: World, jurors: int = 3) -> World:
    """On from there: intake, three rounds, awards, grants with their first instalments paid."""
    play = world.play
    play.accept_all()
    play.close_applications()
    play.outlast(play.publish_intake())
    play.review(RoundKey.PRELIMINARY)
    play.advance(Stage.SECOND)
    play.review(RoundKey.SECOND)
    play.advance(Stage.FINAL)
    play.final(jurors)
    play.advance(Stage.IMPLEMENTATION)
    with play.now():
        world.fund = funding.create_fund(
            actor=world.cast.finance,
            name="市级专项资金",
            year=2025,
            amount_fen=100_000_000,
            source="市财政年度预算",
        )
    world.grants = play.draw_up_grants(world.fund)
    play.pay_first_instalments(world.grants)
    return world
