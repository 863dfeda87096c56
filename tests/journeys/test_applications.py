"""Applications in the browser: from nothing to the receipt on a phone, returned and corrected, the
district's word, and bodies that may not apply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from accounts.enums import Role, ScopeKind
from accounts.models import User
from contest.models import Edition
from kit import clock
from projects import actions
from projects.enums import ProjectStatus
from projects.models import MembershipRequest, Organisation, Project, Recommendation, Submission
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, code_number, owner_of
from tests.journeys import filling
from tests.journeys.steps import PASSWORD, Journey, Visitor, reading, zh
from tests.portal import Portal

pytestmark = pytest.mark.journey

FULL_WIDTH = {sign: sign + 0xFEE0 for sign in range(0x21, 0x7F)}
CAUSE = "整改仍不合格"


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    portal.start_web()
    found = Journey(browser, portal, tmp_path)
    yield found
    found.close()


@pytest.fixture
def edition(portal: Portal) -> Edition:
    return EditionFactory(year=clock.today().year)


def somebody(*roles: object, **shape: str) -> User:
    """A person who knows the journeys' password."""
    return UserFactory(password=PASSWORD, roles=roles, **shape)


def handed_in(edition: Edition, **organisation: object) -> Project:
    body = OrganisationFactory(owner=somebody(), **organisation)
    return ProjectFactory(edition=edition, organisation=body, status=ProjectStatus.SUBMITTED)


def looks_right(visitor: Visitor, name: str) -> None:
    """The page is no wider than the screen; a picture of it is left."""
    visitor.page.screenshot(path=visitor.journey.pictures / f"{name}.png", full_page=True)
    assert visitor.is_within_the_screen, f"{name} is wider than the screen"


def test_a_newcomer_comes_to_a_receipt_on_a_phone(journey: Journey, edition: Edition, tmp_path: Path):
    journey.portal.start_worker()
    district, email = DistrictFactory(), "newcomer@example.org"
    phone = journey.visitor("phone", phone=True)

    with journey.step(1, "注册账号，确认邮箱，登记单位"):
        filling.sign_up(phone, name="申报人01", email=email)
        looks_right(phone, "signed-up")
        filling.register(
            phone, code=code_number(7001), name="示范邻里服务中心", district=district, email=email
        )
        looks_right(phone, "home")

    with journey.step(2, "逐节填写，边填边存"):
        code = filling.begin(phone, "邻里守望")
        for section in filling.go_through(phone, code, filling.sections(district)):
            is_saved(phone)
            looks_right(phone, section)
        project = Project.objects.get(code=code)
        assert project.summary == "两日一声问候，守护空巢老人。"
        assert [project.places.count(), project.milestones.count(), project.budget_lines.count()] == [2, 2, 2]

    with journey.step(3, "上传附件"):
        filling.attach_papers(phone, tmp_path)
        looks_right(phone, "attachments")

    with journey.step(4, "打印、盖章、确认"):
        looks_right(phone.open(f"/apply/projects/{code}/"), "tasks")
        phone.press("Check and hand in").press("Make the print-out").until(zh("Download PDF"))
        assert code in reading(phone.download(zh("Download PDF")))
        looks_right(phone, "print")
        filling.stamp(phone, tmp_path)
        looks_right(phone, "signed")

    with journey.step(5, "提交一次，得到回执"):
        hand_in_over_and_over(phone, code)
        looks_right(phone, "receipt")
        phone.until(zh("Download PDF"), count=2)
        assert all(code in reading(paper) for paper in phone.downloads(zh("Download PDF")))


def is_saved(visitor: Visitor) -> None:
    """What was typed has arrived, and the page says when."""
    expect(visitor.page.locator("[data-save-status][data-state=saved]")).to_have_count(1)
    expect(visitor.page.locator("#saved-at")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))


def hand_in_over_and_over(visitor: Visitor, code: str) -> None:
    """Pressed twice, gone back, loaded again: it is handed in once."""
    visitor.page.get_by_role("button", name=zh("Hand in"), exact=True).dblclick()
    visitor.page.wait_for_url(f"**/{code}/receipt/")
    visitor.sees(code)
    visitor.page.go_back()
    visitor.reload()
    visitor.page.wait_for_url(f"**/{code}/receipt/")
    visitor.reload().sees(code)
    assert Submission.objects.get().project.code == code
    assert Project.objects.get().status == ProjectStatus.SUBMITTED


def test_what_was_returned_is_corrected_and_accepted(journey: Journey, edition: Edition, tmp_path: Path):
    project = handed_in(edition)
    desk, tasks = f"/desk/intake/{project.code}/", f"/apply/projects/{project.code}/"
    clerk = journey.visitor("clerk", email=somebody(Role.CLERK).email)
    phone = journey.visitor("phone", email=owner_of(project.organisation).email, phone=True)
    findings = {"summary": "请写明频次", "places": "请写全村居"}

    with journey.step(1, "经办退回，逐处写明"):
        clerk.open(desk).press("Tick everything")
        clerk.page.locator("main [name=ticks]").last.uncheck()
        clerk.page.locator("main [data-return-part] summary").click()
        clerk.fill(reason="简介与地点请核实。")
        for number, (place, note) in enumerate(findings.items()):
            if number:
                clerk.press("Another place")
            clerk.page.locator("[name=place]").nth(number).select_option(place)
            clerk.page.locator("[name=note]").nth(number).fill(note)
        clerk.press("Return for correction").page.wait_for_url("**/desk/intake/")
        items = project.submissions.get().decisions.get().items
        assert dict(items.values_list("place", "note")) == findings

    with journey.step(2, "申报单位只能改这几处"):
        looks_right(phone.open(tasks).sees("简介与地点请核实。", *findings.values()), "returned")
        looks_right(phone.open(f"{tasks}description/").sees(findings["summary"]), "to-correct")
        expect(phone.control("background")).to_be_disabled()
        phone.put("summary", "每两日上门问候一次。")
        is_saved(phone)
        phone.open(f"{tasks}basic/").sees(findings["places"])
        expect(phone.control("title")).to_be_disabled()
        phone.put("places-0-village", "示例社区").press("Save and continue")
        phone.page.wait_for_url("**/beneficiaries/")

    with journey.step(3, "重新打印、盖章、提交"):
        phone.open(f"{tasks}submit/").press("Make a new print-out")
        filling.stamp(phone, tmp_path)
        phone.press("Hand in")
        phone.page.wait_for_url("**/receipt/")
        assert project.submissions.count() == 2

    with journey.step(4, "经办对照前后，受理"):
        clerk.open(desk).sees(zh("Points to be corrected, before and after"), project.summary, "示例社区")
        looks_right(clerk.sees("每两日上门问候一次。"), "before-and-after")
        clerk.press("Tick everything").press("Accept").page.wait_for_url("**/desk/intake/")
        project.refresh_from_db()
        assert project.status == ProjectStatus.ACCEPTED


def test_a_district_speaks_for_its_own_entries_alone(journey: Journey, edition: Edition):
    here, elsewhere = DistrictFactory(), DistrictFactory()
    first, second = (handed_in(edition, district=here) for _ in range(2))
    other = handed_in(edition, district=elsewhere)
    user = somebody((Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, here.pk))
    officer = journey.visitor("officer", email=user.email)

    with journey.step(1, "只见本县（区）的申报"):
        officer.open("/desk/intake/recommend/").sees(first.title, second.title).sees_not(other.title)
        for path in ("", "recommend/"):
            with officer.refused(404):
                officer.open(f"/desk/intake/{other.code}/{path}")

    with journey.step(2, "推荐并排序"):
        for project in (first, second):
            officer.open("/desk/intake/recommend/").follow(f"/desk/intake/{project.code}/recommend/")
            officer.fill(stance="recommend", comment=f"{project.code}基础扎实").send()
        looks_right(officer, "district")
        officer.page.locator(f"button[name=up][value='{second.code}']").click()
        officer.sees(zh("The order is saved."))
        words = Recommendation.objects.order_by("rank").values_list("project__code", "rank")
        assert list(words) == [(second.code, 1), (first.code, 2)]

    with journey.step(3, "经办在受理列表中看到"):
        clerk = journey.visitor("clerk", email=somebody(Role.CLERK).email)
        clerk.open("/desk/intake/").sees(first.title, other.title)
        clerk.open("/desk/intake/?stance=recommend").sees(first.title, second.title).sees_not(other.title)
        looks_right(clerk, "queue")
        clerk.open(f"/desk/intake/{second.code}/").sees(f"{second.code}基础扎实", "第1位")


def test_a_barred_body_gets_in_by_no_way(journey: Journey, edition: Edition):
    body = OrganisationFactory(owner=somebody(), code=code_number(6601), name="示范市旧营服务中心")
    own = ProjectFactory(edition=edition, organisation=body)
    draft = ProjectFactory(edition=edition, organisation=OrganisationFactory(owner=somebody()))
    approver = UserFactory(roles=[Role.APPROVER])
    bar = actions.impose_bar(
        actor=approver, organisation=body, cause=CAUSE, starts_on=clock.today(), months=36
    )
    why = (CAUSE, f"{bar.ends_on}")

    with journey.step(1, "本单位账号：写明原因和期限"):
        owner = journey.visitor("owner", email=owner_of(body).email, phone=True)
        looks_right(owner.open("/apply/").sees(*why), "barred")
        cannot_go_on(owner, own, *why)

    with journey.step(2, "另一账号用小写、全角填写代码：只能申请加入"):
        stranger = journey.visitor("stranger", email=somebody().email, phone=True)
        stranger.open("/apply/organisation/new/").fill(
            code=body.code.lower().translate(FULL_WIDTH),
            name="示范市新营服务中心",
            kind="private_nonprofit",
            district=body.district_id,
            registered_on="2015-06-01",
            legal_representative="负责人02",
            contact_name="联系人02",
            contact_phone="13800000002",
        )
        with stranger.refused(422):
            stranger.press("Register")
        assert stranger.error_beside("code")
        looks_right(stranger, "claimed")
        stranger.press("Ask its owners to let you in")
        looks_right(stranger, "ask")
        stranger.fill(note="社工02，请向负责人核实。").press("Ask the owners")
        stranger.sees(zh("Your request is with the owners; you will be told their answer."), body.name)
        assert MembershipRequest.objects.get().organisation == body
        assert not Organisation.objects.filter(name="示范市新营服务中心").exists()

    with journey.step(3, "作为别人的合作单位：打印之前就指出"):
        friend = journey.visitor("friend", email=owner_of(draft.organisation).email, phone=True)
        friend.open(f"/apply/projects/{draft.code}/partners/")
        partner = {"name": "示例合作单位", "code": f" {body.code.lower()} ", "gives": ["venue"]}
        filling.type_rows(friend, "partners", [partner])
        friend.press("Save and continue")
        friend.page.wait_for_url("**/budget/")
        cannot_go_on(friend, draft, *why)


def cannot_go_on(visitor: Visitor, project: Project, *why: str) -> None:
    """The way to the desk is shut before its first step, and the page says why."""
    visitor.open(f"/apply/projects/{project.code}/submit/").sees(*why)
    looks_right(visitor, f"shut-to-{visitor.name}")
    for button in ("Make the print-out", "Hand in"):
        assert visitor.page.get_by_role("button", name=zh(button)).count() == 0
    assert not project.submissions.exists()
