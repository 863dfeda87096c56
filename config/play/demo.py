"""The demonstration: editions of the past, a running one, an open one, all played through the actions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from uuid import uuid4

from django.utils.translation import gettext as _

from accounts.actors import CITIZEN
from accounts.enums import Role
from accounts.models import District, User
from config.play import applying, demo_bodies, demo_final, demo_live, demo_pool, demo_tables
from config.play.cast import Cast, make_cast, person
from config.play.demo_data import DISTRICTS, ORGANISATIONS, PROJECTS, DemoProject
from config.play.demo_open import BARRED, open_edition
from config.play.demo_review import rounds_in_every_state
from config.play.demo_world import (
    DOMAIN,
    PASSWORD,
    SEED,
    World,
    appoint_officer,
    demo_rules,
    edition_texts,
)
from config.play.edition import PLAN, Play, begin
from contest.deliveries import run_delivery
from contest.enums import Period, Queue, Stage
from contest.models import Delivery, Edition, Office
from contest.rulebook import default_rulebook
from funding import actions as funding
from funding.models import Grant
from judging import actions as judging
from judging.enums import ObjectionOutcome, RoundKey
from judging.models import Assignment, Notice, Round
from kit import clock
from projects import actions as projects
from projects.models import Organisation
from publicity.enums import StatisticKey
from publicity.models import Statistic

OFFICE = ("示治", "惠州市社会治理创新征选活动办公室（演示）")
SOURCE = "法治周末报社专题报道（2021年）"

#: Projects of the edition that is over; the last one's body was barred afterwards.
CLOSED = (1, 4, 6, 13, 18, 19, 20, 11)
BARRED_PROJECT = 11


def sign_ins() -> list[tuple[str, str]]:
    """Who can sign in to the demonstration, as (address, what for). One password for all."""
    return [
        (f"clerk@{DOMAIN}", _("Clerk: editions, intake, rounds, notices, payments")),
        (f"approver@{DOMAIN}", _("Approver: signs calls, lists, payments")),
        (f"finance@{DOMAIN}", _("Finance: reviews payments")),
        (f"clerk2@{DOMAIN}", _("Second clerk: pays what others approved")),
        (f"supervisor@{DOMAIN}", _("Supervisor")),
        (f"auditor@{DOMAIN}", _("Auditor: reads everything, exports, verifies")),
        (f"leader@{DOMAIN}", _("Leader: reads")),
        (f"district@{DOMAIN}", _("District officer of one district")),
        (f"editor@{DOMAIN}", _("Publicity editor")),
        (f"security@{DOMAIN}", _("Security administrator: people and roles")),
        (f"expert01@{DOMAIN}", _("Expert (01 to 15)")),
        (f"org01@{DOMAIN}", _("Applicant organisation (01 to 12)")),
        *(
            (email, f"{role.label} · {ORGANISATIONS[0].name}")
            for email, role in (
                (demo_bodies.EDITOR, Role.APPLICANT_EDITOR),
                (demo_bodies.CERTIFIER, Role.APPLICANT_CERTIFIER),
            )
        ),
    ]


def seed() -> None:
    """Everything the demonstration shows. Does nothing if there is an edition already."""
    if Edition.objects.exists():
        return
    _statistics()
    districts = {
        code: applying.district_named(code, name, order) for order, (code, name) in enumerate(DISTRICTS)
    }
    office = Office.objects.get_or_create(mark=OFFICE[0], defaults={"name": OFFICE[1]})[0]
    cast = _people(districts)
    with clock.frozen(datetime(2024, 2, 26, 9, tzinfo=clock.CITY_ZONE)):
        world = World(cast, office, districts, _organisations(districts))
        demo_bodies.fill_files(world)
        demo_tables.past_edition(world)
    _closed_edition(world)
    _running_edition(world)
    with clock.frozen(clock.now() - timedelta(days=21)):
        demo_bodies.bring_people_in(world)
        demo_bodies.change_verified(world)
        demo_bodies.keep_ideas(world)
    open_edition(world)
    with clock.frozen(clock.now() - timedelta(days=55)):
        demo_pool.fill_pool(world)
    demo_pool.invite_newcomer(world)
    rounds_in_every_state(world)
    demo_live.final_on_stage(world)
    _catch_up()


def _catch_up() -> None:
    """Let the notice board and the inboxes know at once; papers are left to the worker."""
    for delivery in Delivery.objects.due(clock.now()).filter(queue=Queue.DEFAULT).order_by("pk"):
        run_delivery(delivery.pk)


def _people(districts: dict[str, District]) -> Cast:
    cast = make_cast(experts=15, domain=DOMAIN, password=PASSWORD)
    for name, shown, role in (
        ("auditor", "审计01", Role.AUDITOR),
        ("leader", "领导01", Role.LEADER),
        ("editor", "宣传01", Role.EDITOR),
        ("system", "系统管理员01", Role.SYSTEM_ADMIN),
        ("security", "安全管理员01", Role.SECURITY_ADMIN),
        ("auditadmin", "审计管理员01", Role.AUDIT_ADMIN),
    ):
        person(f"{name}@{DOMAIN}", shown, role, password=PASSWORD)
    appoint_officer(person(f"district@{DOMAIN}", "大亚湾区管理员01", password=PASSWORD), districts["dayawan"])
    return cast


def _organisations(districts: dict[str, District]) -> dict[int, tuple[User, Organisation]]:
    made = {}
    for demo in ORGANISATIONS:
        owner = person(f"org{demo.number:02}@{DOMAIN}", f"申报人{demo.number:02}", password=PASSWORD)
        organisation = applying.register(
            actor=owner, code=demo.code, name=demo.name, kind=demo.kind, district=districts[demo.district]
        )
        made[demo.number] = (owner, organisation)
    return made


def _statistics() -> None:
    """Figures of 2013 to 2020 exactly as published, with their source."""
    for key, label, value, at_least in (
        (StatisticKey.ENTRIES, "700+", 700, True),
        (StatisticKey.WINNERS, "160", 160, False),
        (StatisticKey.LEVERAGED, "4,000余万", 40_000_000, True),
    ):
        Statistic.objects.create(
            key=key,
            label=label,
            first_year=2013,
            last_year=2020,
            value=value,
            is_lower_bound=at_least,
            source=SOURCE,
            as_of=date(2020, 12, 31),
        )
    for year, value in ((2012, 1466), (2020, 3341)):
        Statistic.objects.create(
            key=StatisticKey.SOCIAL_ORGANISATIONS,
            label=f"{value:,}",
            first_year=year,
            last_year=year,
            value=value,
            source="惠州市民政统计季报表",
            as_of=date(year, 12, 31),
        )


def _demos(numbers: Iterable[int]) -> list[DemoProject]:
    known = {demo.number: demo for demo in PROJECTS}
    return [known[number] for number in numbers]


def _closed_edition(world: World) -> None:
    """2024: eight entries, six awards; one winner failed later and its body is barred."""
    rules = demo_rules(
        stamp_required=False,
        preliminary=_advancing("preliminary", 8),
        second=_advancing("second", 6),
        final=_advancing("final", 6),
        awards=[
            {"key": "first", "name": "一等奖", "places": 1, "amount_fen": 10_000_000, "top_ten": True},
            {"key": "second", "name": "二等奖", "places": 2, "amount_fen": 7_000_000, "top_ten": True},
            {"key": "third", "name": "三等奖", "places": 3, "amount_fen": 5_000_000, "top_ten": True},
        ],
    )
    play = begin(
        cast=world.cast,
        office=world.office,
        year=2024,
        name="惠州市2024年社会治理创新十大项目征选活动",
        start=datetime(2024, 3, 4, 9, tzinfo=clock.CITY_ZONE),
        rng=Random(SEED),  # noqa: S311  a demonstration looks the same every time
        rules=rules,
        **edition_texts(),
    )
    play.open_applications()
    entered = world.enter(play, _demos(CLOSED), date(2024, 7, 1))
    play.merit[entered[BARRED_PROJECT].code] = 0.86
    _through_to_awards(play)
    _give_grants(play, "市级社会治理创新专项资金")
    with clock.frozen(datetime(2024, 12, 20, 10, tzinfo=clock.CITY_ZONE)):
        projects.impose_bar(
            actor=world.cast.approver,
            organisation=world.body(BARRED),
            cause="2024年项目评估不合格，限期整改后复查仍不合格",
            starts_on=date(2024, 12, 20),
            months=play.edition.rules.bar_months,
        )
    for moment, target in (
        (datetime(2025, 7, 1, 9, tzinfo=clock.CITY_ZONE), Stage.CLOSING),
        (datetime(2025, 9, 1, 9, tzinfo=clock.CITY_ZONE), Stage.ARCHIVED),
    ):
        play.moment = moment
        play.advance(target)


def _running_edition(world: World) -> None:
    """2025: ten and ten winners, first instalments paid, in implementation whatever today is."""
    start = datetime(2025, 3, 3, 9, tzinfo=clock.CITY_ZONE)
    ends = (clock.now() - start).days + 200
    play = begin(
        cast=world.cast,
        office=world.office,
        year=2025,
        name="惠州市2025年社会治理创新十大项目征选活动",
        start=start,
        rng=Random(SEED + 1),  # noqa: S311
        rules=demo_rules(stamp_required=False),
        plan={**PLAN, Period.IMPLEMENTATION: (122, ends), Period.CLOSING: (ends, ends + 60)},
        **edition_texts(),
    )
    play.open_applications()
    world.enter(play, [demo for demo in PROJECTS if demo.organisation != BARRED], date(2025, 7, 1))
    _through_to_awards(play, objected=True)
    grants = _give_grants(play, "市级社会治理创新专项资金")
    _spend(play, grants)
    with play.now():
        funding.create_fund(
            actor=world.cast.finance,
            name="大亚湾区社会治理创新专项资金",
            year=2025,
            amount_fen=300_000_000,
            source="大亚湾区年度预算",
            district=world.districts["dayawan"],
        )


def _through_to_awards(play: Play, *, objected: bool = False) -> None:
    """From the closing of applications to confirmed awards."""
    play.accept_all()
    play.close_applications()
    play.outlast(play.publish_intake())
    preliminary = play.open_review(RoundKey.PRELIMINARY)
    if objected:
        _recuse_one(play, preliminary)
    play.score(preliminary)
    notice = play.decide(preliminary)
    if objected:
        _object(play, notice)
    play.confirm(preliminary, notice)
    play.advance(Stage.SECOND)
    play.review(RoundKey.SECOND)
    play.advance(Stage.FINAL)
    demo_final.final(play)
    play.advance(Stage.IMPLEMENTATION)


def _recuse_one(play: Play, round: Round) -> None:
    """One expert declares a conflict; the entry goes to another seat."""
    assignment = Assignment.objects.filter(entry__round=round).order_by("pk").first()
    if assignment is None:
        return
    play.pass_time(hours=3)
    with play.now():
        judging.declare(
            actor=assignment.seat.expert,
            assignment=assignment,
            has_conflict=True,
            reason="近三年曾受聘担任该单位顾问",
        )


def _object(play: Play, notice: Notice) -> None:
    """A citizen objects to one project; it is checked by others and not upheld."""
    entry = notice.round.entries.select_related("project").order_by("number").first()
    play.pass_time(days=1)
    with play.now():
        objection = judging.file_objection(
            actor=CITIZEN,
            notice=notice,
            project=entry.project,
            text="请核实该项目的服务对象人数是否与申报材料一致。",
            objector_name="市民01",
            objector_contact="13800000000",
            request_key=uuid4(),
        )
    play.pass_time(hours=5)
    with play.now():
        judging.accept_objection(actor=play.cast.second_clerk, objection=objection)
    play.pass_time(days=1)
    with play.now():
        judging.decide_objection(
            actor=play.cast.second_approver,
            objection=objection,
            outcome=ObjectionOutcome.REJECTED,
            reply="经调阅服务记录并抽查回访20人，人数与申报材料一致，异议不成立。",
        )
        judging.publish_digest(
            actor=play.cast.second_clerk,
            objection=objection,
            digest="有人反映该项目服务人数与申报材料不一致。经调阅服务记录、抽查回访20人，人数一致，异议不成立。",
        )


#: What a grantee spends its first instalment on, as (heading, memo, per mille of the instalment).
EXPENSES = (
    ("materials", "购置服务物资", 90),
    ("personnel", "专职社工与志愿者补贴", 130),
    ("activities", "社区活动场地与交通", 110),
    ("personnel", "专职社工与志愿者补贴", 130),
    ("publicity", "宣传折页印制", 45),
    ("activities", "骨干培训与入户走访", 150),
)


def _spend(play: Play, grants: list[Grant]) -> None:
    """Months of implementation: each grantee a little faster or slower than the others."""
    for position, (heading, memo, per_mille) in enumerate(EXPENSES):
        play.pass_time(days=22)
        for number, grant in enumerate(grants):
            if (number * 5 + position) % 7 < 5:
                first = grant.amount_fen // 2
                play.spend(grant, heading, first * per_mille // 1000 // 100 * 100, memo)


def _give_grants(play: Play, name: str) -> list[Grant]:
    with play.now():
        fund = funding.create_fund(
            actor=play.cast.finance,
            name=name,
            year=play.edition.year,
            amount_fen=100_000_000,
            source="市财政年度预算",
        )
    grants = play.draw_up_grants(fund)
    play.pay_first_instalments(grants)
    return grants


def _advancing(key: str, places: int) -> dict:
    """The default rules of a round with another number of places."""
    return {**default_rulebook().round(key).model_dump(mode="json"), "advance": places}
