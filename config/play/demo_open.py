"""This year's edition: applications are open, and one stands in every state."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import chinese_calendar

from accounts.models import User
from config.play import applying, demo_bodies, demo_tables
from config.play.cast import person
from config.play.demo_data import OPEN_PROJECTS, DemoProject
from config.play.demo_world import DOMAIN, SEED, World, demo_rules, edition_texts
from config.play.edition import PLAN, Play, begin
from contest.actions import confirm_calendar_year, set_calendar_day
from contest.enums import Period
from funding import actions as funding
from kit import clock
from projects import actions
from projects.enums import LinkKind, Outcome, Section, Stance
from projects.models import Project
from projects.sections import BUDGET

BARRED, RENAMED = 12, 13
#: Handed in at once after the opening, and in the last days.
EARLY = (31, 32, 33, 43, 46)
LATE = (34, 35, 36, 37, 38, 39, 40, 41, 42, 44, 45, 47, 48)
ACCEPTED = (31, 32)
OVERDUE, REFUSED = 43, 46
IN_TIME, HANDED_IN_AGAIN = 44, 45
WITHDRAWN = 47
MERGED, MERGED_INTO = 48, 34
#: What the demonstration's district officer says of four: the first two in this order.
RECOMMENDED, NOT_RECOMMENDED = (39, 40), 41
#: What another district has said already.
RECOMMENDED_ELSEWHERE = (36, 37)
MINE, COLLEAGUES = 34, 35
#: Drafts: begun, half-way, complete, printed, signed off; a barred body's and its successor's.
BEGUN, HALF_WAY, COMPLETE, PRINTED, SIGNED_OFF, BARRED_BODYS, SUCCESSORS = 51, 52, 53, 54, 55, 56, 57


def open_edition(world: World) -> None:
    """Open since three weeks; its deadline lies twelve days ahead."""
    now = clock.now()
    year = max(clock.today().year, 2026)
    _know_calendar(world.cast.clerk, year)
    start = clock.local(now - timedelta(days=20)).replace(hour=9, minute=0, second=0, microsecond=0)
    play = begin(
        cast=world.cast,
        office=world.office,
        year=year,
        name=f"惠州市{year}年社会治理创新十大项目征选活动",
        start=start,
        rng=Random(SEED + 2),  # noqa: S311
        rules=demo_rules(),
        plan={**PLAN, Period.APPLICATION: (1, 32.375), Period.PRELIMINARY: (32.375, 62)},
        **edition_texts(),
    )
    play.open_applications()
    scene = Scene(world, play, date(year + 1, 3, 1))
    scene.first_days()
    play.moment = now - timedelta(days=6)
    scene.last_days()
    scene.districts_speak()
    scene.drafts()
    with clock.frozen(now):
        demo_tables.paper_entries(world, play.edition)
        funding.create_fund(
            actor=world.cast.finance,
            name="市级社会治理创新专项资金",
            year=year,
            amount_fen=100_000_000,
            source="市财政年度预算",
        )


class Scene:
    """The open edition, played on by scenes; applications by their number in the list."""

    def __init__(self, world: World, play: Play, starts_on: date) -> None:
        self.world, self.play, self.starts_on = world, play, starts_on
        self._projects: dict[int, int] = {}

    def project(self, number: int) -> Project:
        """The application as it stands now."""
        return Project.objects.for_list().get(pk=self._projects[number])

    def owner(self, number: int) -> User:
        return self.world.owner(OPEN_PROJECTS[number].organisation)

    def _enter(self, numbers: tuple[int, ...]) -> None:
        entered = self.world.enter(self.play, [OPEN_PROJECTS[number] for number in numbers], self.starts_on)
        self._projects |= {number: project.pk for number, project in entered.items()}

    def _decide(self, number: int, outcome: Outcome, **said: Any) -> None:
        self.play.pass_time(minutes=40)
        with self.play.now():
            actions.decide_intake(
                actor=self.world.cast.clerk, project=self.project(number), outcome=outcome, **said
            )

    def first_days(self) -> None:
        """Two accepted, one refused, one returned whose applicant has let the time pass; one waits since."""
        self._enter(EARLY)
        self.play.pass_time(hours=18)
        self.play.accept_all([self.project(number).code for number in ACCEPTED])
        self._decide(
            REFUSED,
            Outcome.REFUSE,
            reasons=["outside_scope"],
            reason="项目内容为商业技能培训，不属于社会治理创新征选范围。",
        )
        self._decide(
            OVERDUE,
            Outcome.CORRECT,
            reasons=["not_stamped", "inconsistent"],
            items=[
                ("attachment:commitment", "承诺书未见单位公章，请补充盖章扫描件。"),
                ("milestones", "第三季度没有安排，请补充实施步骤。"),
            ],
        )

    def last_days(self) -> None:
        """Many at once, and the desk has begun with them."""
        self._enter(LATE)
        clerk, colleague = self.world.cast.clerk, self.world.cast.second_clerk
        with self.play.now():
            actions.assign_checkers(actor=clerk, projects=[self.project(MINE)], checker=clerk)
            actions.assign_checkers(actor=clerk, projects=[self.project(COLLEAGUES)], checker=colleague)
            actions.merge_project(
                actor=clerk,
                project=self.project(MERGED),
                into=self.project(MERGED_INTO),
                reason="两份申报书为同一项目，由两家单位分别提交，经协商由牵头单位继续申报。",
            )
            actions.withdraw_project(
                actor=self.owner(WITHDRAWN), project=self.project(WITHDRAWN), reason="预算需要重新测算"
            )
        self._extend()
        self._decide(
            IN_TIME,
            Outcome.CORRECT,
            reasons=["inconsistent"],
            items=[
                ("direct_beneficiaries", "直接受益人数与服务群体合计不一致，请核对。"),
                ("team", "团队成员缺少专业资质说明，请补充。"),
            ],
        )
        self._decide(
            HANDED_IN_AGAIN,
            Outcome.CORRECT,
            reasons=["budget_unclear"],
            items=[("budget_lines", "宣传费测算依据不完整，请补充数量和单价的来源。")],
        )
        self.play.pass_time(hours=20)
        with self.play.now():
            self._explain_budget(HANDED_IN_AGAIN)
            applying.hand_in(actor=self.owner(HANDED_IN_AGAIN), project=self.project(HANDED_IN_AGAIN))

    def _extend(self) -> None:
        """The one that took its application back gets three days more."""
        deadline = self.play.edition.application_deadline
        if deadline is None:
            raise TypeError("an open edition has a deadline")
        with self.play.now():
            actions.extend_deadline(
                actor=self.world.cast.clerk,
                edition=self.play.edition,
                organisation=self.project(WITHDRAWN).organisation,
                until=deadline + timedelta(days=3),
                reason="受台风影响，该单位办公场所停电停网三日。",
            )

    def _explain_budget(self, number: int) -> None:
        """The correction: every line of the budget says where its figures come from."""
        project = self.project(number)
        lines = [
            {name: getattr(line, name) for name in BUDGET.fields}
            | {"basis": "按三家书面报价的中间价和上年实际用量测算，附测算表"}
            for line in project.budget_lines.all()
        ]
        actions.save_section(
            actor=self.owner(number),
            project=project,
            section=Section.BUDGET,
            version=project.version,
            tables={"budget_lines": lines},
        )

    def districts_speak(self) -> None:
        """The demonstration's district has spoken of three of its four; another one of two of its own."""
        officer = person(f"district@{DOMAIN}", "")
        for number in reversed(RECOMMENDED):
            self._say(officer, number, Stance.RECOMMENDED, "符合本区治理重点，实施条件成熟。")
        with self.play.now():
            actions.rank_recommendations(
                actor=officer,
                edition=self.play.edition,
                district=self.world.districts["dayawan"],
                order=[self._projects[number] for number in RECOMMENDED],
            )
        self._say(officer, NOT_RECOMMENDED, Stance.NOT_RECOMMENDED, "安置新村已有同类项目在实施，建议合并。")
        elsewhere = self.world.officer("huicheng")
        for number in RECOMMENDED_ELSEWHERE:
            self._say(elsewhere, number, Stance.RECOMMENDED, "")

    def _say(self, officer: User, number: int, stance: Stance, comment: str) -> None:
        self.play.pass_time(minutes=20)
        with self.play.now():
            actions.recommend_project(
                actor=officer, project=self.project(number), stance=stance, comment=comment
            )

    # Drafts

    def drafts(self) -> None:
        """A draft at every step before it is handed in, and those of a barred body and its successor."""
        for number in (BEGUN, HALF_WAY, COMPLETE, PRINTED, SIGNED_OFF, BARRED_BODYS, SUCCESSORS):
            self._begin(number, OPEN_PROJECTS[number])
        with self.play.now():
            self._half_fill(HALF_WAY)
            for number in (COMPLETE, PRINTED, SIGNED_OFF, BARRED_BODYS):
                self._fill_in(number)
            actions.print_application(actor=self.owner(PRINTED), project=self.project(PRINTED))
            applying.stamp(
                actor=self.owner(SIGNED_OFF),
                project=self.project(SIGNED_OFF),
                signer=person(demo_bodies.CERTIFIER, ""),
            )
            actions.link_bodies(
                actor=self.world.cast.approver,
                code=self.world.body(BARRED).code,
                other_code=self.world.body(RENAMED).code,
                kind=LinkKind.RENAMED,
                evidence="市场监管部门变更登记通知书（演示）：法定代表人与住所相同。",
            )

    def _begin(self, number: int, demo: DemoProject) -> None:
        self.play.pass_time(minutes=30)
        with self.play.now():
            project = applying.start(
                actor=self.owner(number),
                edition=self.play.edition,
                organisation=self.world.body(demo.organisation),
                title=demo.title,
            )
        self._projects[number] = project.pk

    def _fill_in(self, number: int) -> None:
        applying.fill_in(
            actor=self.owner(number),
            project=self.project(number),
            entry=self.world.entry(OPEN_PROJECTS[number]),
            starts_on=self.starts_on,
        )

    def _half_fill(self, number: int) -> None:
        """Two sections done, a third begun with something the portal cannot take yet."""
        project = applying.save_sections(
            actor=self.owner(number),
            project=self.project(number),
            entry=self.world.entry(OPEN_PROJECTS[number]),
            starts_on=self.starts_on,
            only=(Section.BASIC, Section.DESCRIPTION),
        )
        actions.save_section(
            actor=self.owner(number),
            project=project,
            section=Section.BENEFICIARIES,
            version=project.version,
            group_counts={"residents": 300},
            unfinished={"direct_beneficiaries": "三百多人"},
        )


def _know_calendar(clerk: User, year: int) -> None:
    """Beyond the shipped calendar the demonstration confirms a plain one, so that it can run."""
    for unknown in (year - 1, year, year + 1):
        if unknown in {day.year for day in chinese_calendar.holidays}:
            continue
        set_calendar_day(actor=clerk, day=date(unknown, 1, 1), is_workday=False, name="元旦（演示日历）")
        confirm_calendar_year(actor=clerk, year=unknown)
