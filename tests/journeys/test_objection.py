"""An objection in the browser: raised on a phone with proof, checked, looked at again, concluded, told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from accounts.enums import Role
from accounts.models import User
from config.play.cast import person
from judging import actions
from judging.models import Expert, Notice
from tests.factories.judging import Stand
from tests.factories.projects import PDF
from tests.journeys.steps import PASSWORD, Journey, Visitor, words, zh
from tests.journeys.times import know_the_calendar
from tests.portal import Portal

pytestmark = pytest.mark.journey

NAME, CONTACT = "异议人甲", "13800007777"
TEXT = f"本人{NAME}，电话{CONTACT}：第1项的服务人数与事实不符，可查签到表。"
OPINION = "申报书所列人数与签到表一致，评分并无不当。"
REPLY = "经核查签到表并请评委以外的专家复核，人数属实，维持原结果。"


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    portal.start()
    journey = Journey(browser, portal, pictures)
    yield journey
    journey.close()


def somebody(name: str, role: Role) -> User:
    return person(f"{role}@objection.example", name, role, password=PASSWORD)


def a_list_under_notice() -> tuple[Stand, Notice]:
    """A preliminary of two entries, scored, sealed, approved and published by others than who act here."""
    stand = Stand(entries=2, experts=2)
    know_the_calendar(stand.clerk)
    stand.approved({1: "0.9"})
    return stand, actions.publish_notice(actor=stand.clerk, round=stand.round)


def test_objection_from_the_phone_to_the_public_digest(journey: Journey, tmp_path: Path):
    stand, notice = a_list_under_notice()
    project = stand.projects[0]
    staff = {role: somebody(f"{role.label}01", role) for role in (Role.CLERK, Role.SUPERVISOR, Role.EXPERT)}
    expert = staff[Role.EXPERT]
    Expert.objects.create(person=expert, is_theorist=True, unit="示范大学", fields=["livelihood"])
    with journey.step(1, "市民用手机提出异议，附签到表"):
        citizen = journey.visitor("citizen", phone=True)
        receipt = raise_it(citizen, notice, str(project.pk), proof(tmp_path))
    with journey.step(2, "经办看卷宗：点开才见姓名，受理，打开附件，请专家复核"):
        clerk = journey.visitor("clerk", email=staff[Role.CLERK].email)
        take_it_up(clerk, receipt, expert)
    with journey.step(3, "未参加首轮的专家：承诺、声明、复核意见"):
        reviewer = journey.visitor("expert", email=expert.email)
        give_the_opinion(reviewer, project.title, project.summary)
    with journey.step(4, "经办不能替自己结论的名单由监督作结论"):
        supervisor = journey.visitor("supervisor", email=staff[Role.SUPERVISOR].email)
        conclude(supervisor, receipt)
    with journey.step(5, "公开摘要不见姓名电话；异议人凭回执看到答复"):
        tell_the_public(clerk, receipt)
        read_it(citizen, notice, receipt)
    assert journey.faults == []


def proof(folder: Path) -> str:
    path = folder / "签到表.pdf"
    path.write_bytes(PDF)
    return str(path)


def raise_it(citizen: Visitor, notice: Notice, project: str, path: str) -> str:
    citizen.open("/announcements/").find(notice.title).press("Raise an objection")
    assert citizen.is_within_the_screen
    citizen.fill(project=project, text=TEXT, objector_name=NAME, objector_contact=CONTACT)
    citizen.put("file", path).sees("签到表.pdf").press("Send the objection")
    citizen.sees(zh("Your objection has been received"))
    assert citizen.is_within_the_screen
    return citizen.page.locator(".receipt__code").inner_text()


def take_it_up(clerk: Visitor, receipt: str, expert: User) -> None:
    clerk.open("/desk/objections/").find(receipt)
    clerk.sees("138****7777").sees_not(NAME, CONTACT)
    clerk.press("Show name and contact").sees(NAME, CONTACT)
    with clerk.page.expect_download() as handed:
        clerk.page.get_by_role("button", name="签到表.pdf").click()
    assert handed.value.path().read_bytes() == PDF
    clerk.open("/desk/objections/").find(receipt)
    clerk.press("Take up").press("Note findings").fill(findings="已调阅签到表。").press("Keep the findings")
    clerk.press("Ask an expert").put("expert", expert.pk).press("Ask for an opinion")
    clerk.sees(expert.name, "已调阅签到表。")


def give_the_opinion(reviewer: Visitor, title: str, summary: str) -> None:
    reviewer.open("/review/").put("agreed", True).press("Pledge and enter")
    reviewer.find(title).sees_not(summary, NAME)
    reviewer.put("has_conflict", "no").press("Declare")
    reviewer.sees(summary, "服务人数与事实不符").sees_not(NAME, CONTACT)
    reviewer.fill(finds_ground="no", opinion=OPINION).press("Give the opinion")
    reviewer.sees(OPINION)


def conclude(supervisor: Visitor, receipt: str) -> None:
    supervisor.open("/desk/objections/").find(receipt).sees(OPINION).sees_not(NAME)
    supervisor.press("Conclude").fill(outcome="rejected", reply=REPLY)
    supervisor.press("Conclude and send the reply").sees(REPLY)


def tell_the_public(clerk: Visitor, receipt: str) -> None:
    clerk.open("/desk/objections/").find(receipt).press("Write the digest")
    clerk.fill(digest=f"{NAME}（{CONTACT}）质疑第1项的服务人数；经查签到表，人数属实。")
    clerk.press("Publish the digest").sees("***（***）质疑第1项的服务人数")


def read_it(citizen: Visitor, notice: Notice, receipt: str) -> None:
    for address in (notice.announcement.get_absolute_url(), "/objections/"):
        citizen.open(address)
        citizen.sees("经查签到表，人数属实").sees_not(NAME, CONTACT, REPLY)
        assert citizen.is_within_the_screen
    citizen.open(f"/objections/{receipt}/").sees(REPLY, *words("Not upheld")[:1])
