"""The demonstration: a closed edition, a running one, an open one, all played through the actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from uuid import uuid4

import chinese_calendar
from django.utils.translation import gettext as _

from accounts.actions import grant_role
from accounts.actors import CITIZEN, SYSTEM
from accounts.enums import Role, ScopeKind
from accounts.models import District, User
from config.play import applying
from config.play.cast import Cast, make_cast, person
from config.play.demo_data import DISTRICTS, ORGANISATIONS, PROJECTS, DemoProject
from config.play.edition import PLAN, Play, begin
from contest.actions import confirm_calendar_year, set_calendar_day
from contest.deliveries import run_delivery
from contest.enums import Period, Queue, Stage
from contest.models import Delivery, Edition, Office
from contest.rulebook import RulebookDoc, default_rulebook
from funding import actions as funding
from funding.models import Grant
from judging import actions as judging
from judging.enums import ObjectionOutcome, RoundKey
from judging.models import Assignment, Notice, Round
from kit import clock
from projects import actions as projects
from projects.enums import Outcome, Section
from projects.models import Organisation, Project
from projects.sections import BUDGET
from publicity.enums import StatisticKey
from publicity.models import Statistic

PASSWORD = "gongzhi-demo"  # noqa: S105  made-up people of a demonstration on loopback
DOMAIN = "demo.example"
OFFICE = ("示治", "惠州市社会治理创新征选活动办公室（演示）")
SOURCE = "法治周末报社专题报道（2021年）"
SEED = 2013

#: Projects of the edition that is over; the last one's body was barred afterwards.
CLOSED = (1, 4, 6, 13, 18, 19, 20, 11)
BARRED = 12
BARRED_PROJECT = 11
#: Projects that apply again in the open edition, by the state they are in.
OPEN_SUBMITTED = (2, 3, 5, 9, 10, 14, 16, 22)
OPEN_ACCEPTED = (1, 4)
OPEN_DRAFT = (7, 13)


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
        organisations = _organisations(districts)
    _closed_edition(cast, office, organisations, districts)
    _running_edition(cast, office, organisations, districts)
    _open_edition(cast, office, organisations, districts)
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
    officer = person(f"district@{DOMAIN}", "大亚湾区管理员01", password=PASSWORD)
    grant_role(
        actor=SYSTEM,
        user=officer,
        role=Role.DISTRICT_OFFICER,
        scope_kind=ScopeKind.DISTRICT,
        scope_id=districts["dayawan"].pk,
    )
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


def _rules(**changes: object) -> RulebookDoc:
    """The default rules with the demonstration's changes: bodies enter several projects here."""
    document = default_rulebook().model_dump(mode="json")
    document |= {"entries_as_lead": 4, "fiscal_share_min_percent": 30, **changes}
    return RulebookDoc.model_validate(document)


def _entry(demo: DemoProject, districts: dict[str, District], title: str = "") -> applying.Entry:
    return applying.Entry(
        title=title or demo.title,
        field=demo.field,
        groups=demo.groups,
        district=districts[demo.district],
        summary=demo.summary,
        fiscal_fen=demo.fiscal_yuan * 100,
        matching_fen=demo.matching_yuan * 100,
        lead=f"负责人{(demo.number - 1) % 12 + 1:02}",
        beneficiaries=80 + 37 * demo.number % 400,
    )


def _demo_project(number: int) -> DemoProject:
    return next(demo for demo in PROJECTS if demo.number == number)


def _enter(
    play: Play,
    numbers: tuple[int, ...],
    organisations: dict[int, tuple[User, Organisation]],
    districts: dict[str, District],
    starts_on: date,
) -> dict[int, Project]:
    """Apply with these projects, a few hours apart; returns them by their number."""
    entered = {}
    for number in numbers:
        demo = _demo_project(number)
        owner, organisation = organisations[demo.organisation]
        play.pass_time(hours=7)
        with play.now():
            submission = applying.apply(
                actor=owner,
                edition=play.edition,
                organisation=organisation,
                entry=_entry(demo, districts),
                starts_on=starts_on,
            )
        entered[number] = submission.project
    return entered


def _closed_edition(
    cast: Cast,
    office: Office,
    organisations: dict[int, tuple[User, Organisation]],
    districts: dict[str, District],
) -> None:
    """2024: eight entries, six awards; one winner failed later and its body is barred."""
    rules = _rules(
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
        cast=cast,
        office=office,
        year=2024,
        name="惠州市2024年社会治理创新十大项目征选活动",
        start=datetime(2024, 3, 4, 9, tzinfo=clock.CITY_ZONE),
        rng=Random(SEED),  # noqa: S311  a demonstration looks the same every time
        rules=rules,
        **_texts(),
    )
    play.open_applications()
    entered = _enter(play, CLOSED, organisations, districts, date(2024, 7, 1))
    play.merit[entered[BARRED_PROJECT].code] = 0.86
    _through_to_awards(play, jurors=30)
    _give_grants(play, "市级社会治理创新专项资金")
    with clock.frozen(datetime(2024, 12, 20, 10, tzinfo=clock.CITY_ZONE)):
        projects.impose_bar(
            actor=cast.approver,
            organisation=organisations[BARRED][1],
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


def _running_edition(
    cast: Cast,
    office: Office,
    organisations: dict[int, tuple[User, Organisation]],
    districts: dict[str, District],
) -> None:
    """2025: ten and ten winners, first instalments paid, in implementation whatever today is."""
    start = datetime(2025, 3, 3, 9, tzinfo=clock.CITY_ZONE)
    ends = (clock.now() - start).days + 200
    play = begin(
        cast=cast,
        office=office,
        year=2025,
        name="惠州市2025年社会治理创新十大项目征选活动",
        start=start,
        rng=Random(SEED + 1),  # noqa: S311
        rules=_rules(),
        plan={**PLAN, Period.IMPLEMENTATION: (122, ends), Period.CLOSING: (ends, ends + 60)},
        **_texts(),
    )
    play.open_applications()
    numbers = tuple(demo.number for demo in PROJECTS if demo.organisation != BARRED)
    _enter(play, numbers, organisations, districts, date(2025, 7, 1))
    _through_to_awards(play, jurors=50, objected=True)
    grants = _give_grants(play, "市级社会治理创新专项资金")
    _spend(play, grants)
    with play.now():
        funding.create_fund(
            actor=cast.finance,
            name="大亚湾区社会治理创新专项资金",
            year=2025,
            amount_fen=300_000_000,
            source="大亚湾区年度预算",
            district=districts["dayawan"],
        )


def _through_to_awards(play: Play, *, jurors: int, objected: bool = False) -> None:
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
    play.final(jurors)
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


def _open_edition(
    cast: Cast,
    office: Office,
    organisations: dict[int, tuple[User, Organisation]],
    districts: dict[str, District],
) -> None:
    """This year's: applications open since three weeks, with one in every state."""
    now = clock.now()
    year = max(clock.today().year, 2026)
    _know_calendar(cast.clerk, year)
    start = clock.local(now - timedelta(days=20)).replace(hour=9, minute=0, second=0, microsecond=0)
    play = begin(
        cast=cast,
        office=office,
        year=year,
        name=f"惠州市{year}年社会治理创新十大项目征选活动",
        start=start,
        rng=Random(SEED + 2),  # noqa: S311
        rules=_rules(),
        plan={**PLAN, Period.APPLICATION: (1, 32.375), Period.PRELIMINARY: (32.375, 62)},
        **_texts(),
    )
    play.open_applications()
    starts_on = date(year + 1, 3, 1)
    _enter(play, OPEN_ACCEPTED + OPEN_SUBMITTED, organisations, districts, starts_on)
    _intake_scenes(play, organisations)
    _drafts(play, organisations, districts, starts_on)
    with clock.frozen(now):
        funding.create_fund(
            actor=cast.finance,
            name="市级社会治理创新专项资金",
            year=year,
            amount_fen=100_000_000,
            source="市财政年度预算",
        )


def _intake_scenes(play: Play, organisations: dict[int, tuple[User, Organisation]]) -> None:
    """Two accepted, one returned and handed in again, one still to be corrected."""
    waiting = list(Project.objects.in_edition(play.edition).order_by("code"))
    play.pass_time(days=1)
    play.accept_all([project.code for project in waiting[: len(OPEN_ACCEPTED)]])
    again, still = waiting[-1], waiting[-2]
    for project, reason, place, note in (
        (again, "budget_unclear", "budget_lines", "宣传费测算依据不完整，请补充数量和单价的来源。"),
        (still, "not_stamped", "attachment:commitment", "承诺书未见单位公章，请补充盖章扫描件。"),
    ):
        with play.now():
            projects.decide_intake(
                actor=play.cast.clerk,
                project=project,
                outcome=Outcome.CORRECT,
                reasons=[reason],
                items=[(place, note)],
            )
    play.pass_time(hours=20)
    owner = {organisation.pk: person for person, organisation in organisations.values()}
    with play.now():
        again.refresh_from_db()
        _explain_budget(owner[again.organisation_id], again)
        applying.hand_in(actor=owner[again.organisation_id], project=again)


def _explain_budget(owner: User, project: Project) -> None:
    """The correction: every line of the budget says where its figures come from."""
    lines = [
        {name: getattr(line, name) for name in BUDGET.fields}
        | {"basis": "按三家书面报价的中间价和上年实际用量测算，附测算表"}
        for line in project.budget_lines.all()
    ]
    projects.save_section(
        actor=owner,
        project=project,
        section=Section.BUDGET,
        version=project.version,
        tables={"budget_lines": lines},
    )


def _drafts(
    play: Play,
    organisations: dict[int, tuple[User, Organisation]],
    districts: dict[str, District],
    starts_on: date,
) -> None:
    """Drafts in different states of completion, one of them a barred body's."""
    for position, number in enumerate((*OPEN_DRAFT, BARRED_PROJECT)):
        demo = _demo_project(number)
        owner, organisation = organisations[demo.organisation]
        play.pass_time(hours=2)
        with play.now():
            project = applying.start(
                actor=owner, edition=play.edition, organisation=organisation, title=demo.title
            )
            if position:
                applying.fill_in(
                    actor=owner, project=project, entry=_entry(demo, districts), starts_on=starts_on
                )


def _know_calendar(clerk: User, year: int) -> None:
    """Beyond the shipped calendar the demonstration confirms a plain one, so that it can run."""
    for unknown in (year, year + 1):
        if unknown in {day.year for day in chinese_calendar.holidays}:
            continue
        set_calendar_day(actor=clerk, day=date(unknown, 1, 1), is_workday=False, name="元旦（演示日历）")
        confirm_calendar_year(actor=clerk, year=unknown)


def _texts() -> dict[str, str]:
    return {
        "short_name": "创新大赛",
        "purpose": "为坚持和完善共建共治共享的社会治理制度，激发各级各部门和社会力量参与社会治理创新，"
        "汇聚民心民智民力，破解社会治理难题，现面向全市征选社会治理创新项目。",
        "organisers": "惠州市社会治理创新征选活动组委会（演示）",
        "hosts": "惠州市社会治理创新征选活动办公室（演示）",
        "co_organisers": "各县（区）有关单位（演示）",
        "contact": "征选活动办公室（演示），地址与电话以正式公告为准。",
    }


def _advancing(key: str, places: int) -> dict:
    """The default rules of a round with another number of places."""
    return {**default_rulebook().round(key).model_dump(mode="json"), "advance": places}
