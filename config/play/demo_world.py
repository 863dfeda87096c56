"""What every part of the demonstration plays with: its people, bodies and districts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.actions import grant_role
from accounts.actors import SYSTEM
from accounts.enums import Role, ScopeKind
from accounts.models import District, User
from config.play import applying
from config.play.cast import Cast, person
from config.play.demo_data import DemoProject
from config.play.edition import Play
from contest.models import Office
from contest.rulebook import RulebookDoc, default_rulebook
from projects.models import Organisation, Project

PASSWORD = "gongzhi-demo"  # noqa: S105  made-up people of a demonstration on loopback
DOMAIN = "demo.example"
SEED = 2013


@dataclass
class World:
    """The made-up city."""

    cast: Cast
    office: Office
    districts: dict[str, District]
    organisations: dict[int, tuple[User, Organisation]]

    def owner(self, number: int) -> User:
        return self.organisations[number][0]

    def body(self, number: int) -> Organisation:
        """The organisation as it stands now."""
        return Organisation.objects.for_list().get(pk=self.organisations[number][1].pk)

    def entry(self, demo: DemoProject) -> applying.Entry:
        return applying.Entry(
            title=demo.title,
            field=demo.field,
            groups=demo.groups,
            district=self.districts[demo.district],
            summary=demo.summary,
            fiscal_fen=demo.fiscal_yuan * 100,
            matching_fen=demo.matching_yuan * 100,
            lead=f"负责人{(demo.number - 1) % 12 + 1:02}",
            beneficiaries=80 + 37 * demo.number % 400,
        )

    def enter(self, play: Play, demos: Iterable[DemoProject], starts_on: date) -> dict[int, Project]:
        """Apply with these projects, a few hours apart; returns them by their number."""
        entered = {}
        for demo in demos:
            owner, entry = self.owner(demo.organisation), self.entry(demo)
            play.pass_time(hours=1)
            with play.now():
                project = applying.start(
                    actor=owner,
                    edition=play.edition,
                    organisation=self.body(demo.organisation),
                    title=demo.title,
                )
            play.pass_time(hours=4)
            with play.now():
                project = applying.fill_in(actor=owner, project=project, entry=entry, starts_on=starts_on)
            play.pass_time(hours=2)
            with play.now():
                entered[demo.number] = applying.hand_in(actor=owner, project=project).project
        return entered

    def officer(self, district: str) -> User:
        """The officer of a district, made if missing."""
        made = person(f"{district}@{DOMAIN}", f"{self.districts[district].name}管理员01", password=PASSWORD)
        return appoint_officer(made, self.districts[district])


def appoint_officer(user: User, district: District) -> User:
    grant_role(
        actor=SYSTEM,
        user=user,
        role=Role.DISTRICT_OFFICER,
        scope_kind=ScopeKind.DISTRICT,
        scope_id=district.pk,
    )
    return User.objects.get(pk=user.pk)


def demo_rules(**changes: Any) -> RulebookDoc:
    """The default rules with the demonstration's changes: bodies enter several projects here."""
    document = default_rulebook().model_dump(mode="json")
    document |= {"entries_as_lead": 4, "fiscal_share_min_percent": 30, **changes}
    return RulebookDoc.model_validate(document)


def edition_texts() -> dict[str, str]:
    return {
        "short_name": "创新大赛",
        "purpose": "为坚持和完善共建共治共享的社会治理制度，激发各级各部门和社会力量参与社会治理创新，"
        "汇聚民心民智民力，破解社会治理难题，现面向全市征选社会治理创新项目。",
        "organisers": "惠州市社会治理创新征选活动组委会（演示）",
        "hosts": "惠州市社会治理创新征选活动办公室（演示）",
        "co_organisers": "各县（区）有关单位（演示）",
        "contact": "征选活动办公室（演示），地址与电话以正式公告为准。",
    }
