"""One edition in the browser, from the call to the first payment and the auditor's tables."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from accounts.enums import Role
from accounts.models import District, User
from config.play import applying
from config.play.cast import Cast, make_cast, person
from config.play.edition import look_into_flags
from contest.models import Edition, Office
from judging import actions as judging
from judging.models import Assignment, JurorCard, Notice, Round
from kit import clock
from kit.codes import made_up_code
from kit.hashing import fingerprint, sha256_hex
from tests.journeys import filling
from tests.journeys.live_hall import Console
from tests.journeys.steps import PASSWORD, Journey, Visitor, reading, words, zh
from tests.journeys.times import know_the_calendar, moment
from tests.portal import Portal, eventually

pytestmark = pytest.mark.journey

DOMAIN = "journey.example"
TITLE = "邻里守望：独居老人日间照护"
OTHERS = ("青少年课后驿站", "新市民融入计划", "流动摊点共管")
#: What experts and jurors think of a project: a share of the full points.
MERIT = {TITLE: Decimal("0.92"), OTHERS[0]: Decimal("0.84"), OTHERS[1]: Decimal("0.68")}
JURORS = 2


@dataclass
class Stage:
    """What the steps hand on to each other."""

    journey: Journey
    superuser: Any
    cast: Cast
    reader: User
    districts: list[District]
    year: int
    people: dict[str, Visitor] = field(default_factory=dict)
    #: Acceptance numbers by title.
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def edition(self) -> Edition:
        return Edition.objects.get(year=self.year)

    def __getattr__(self, name: str) -> Visitor:
        """``stage.clerk``: that person's browser, opened and signed in when first needed."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.people:
            user = self.reader if name == "auditor" else getattr(self.cast, name, None)
            self.people[name] = self.journey.visitor(name, email=user.email if user else "")
        return self.people[name]

    def let_time_pass(self, notice: Notice) -> None:
        """The notice was published weeks ago: what a test cannot wait for, a superuser dates back."""
        days = (notice.ends_on - clock.today()).days + 1
        self.superuser.execute(
            "SET session_replication_role = replica;"
            " UPDATE judging_notice SET starts_on = starts_on - %s, ends_on = ends_on - %s,"
            " published_at = published_at - make_interval(days => %s) WHERE id = %s;"
            " SET session_replication_role = origin",
            (days, days, days, notice.pk),
        )

    def round(self, key: str) -> Round:
        return Round.objects.for_list().get(edition__year=self.year, key=key)


@pytest.fixture
def stage(portal: Portal, browser: Browser, superuser: Any, tmp_path: Path) -> Iterator[Stage]:
    """A running portal with its staff and experts, and nothing else in it."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    portal.start()
    Office.objects.get_or_create(mark="示治", defaults={"name": "示范市社会治理办公室"})
    journey = Journey(browser, portal, pictures)
    cast = make_cast(experts=3, domain=DOMAIN, password=PASSWORD)
    know_the_calendar(cast.clerk)
    yield Stage(
        journey=journey,
        superuser=superuser,
        cast=cast,
        reader=person(f"auditor@{DOMAIN}", "审计01", Role.AUDITOR, password=PASSWORD),
        districts=[applying.district_named(f"d{n}", f"示范{n}区", n) for n in (1, 2)],
        year=clock.today().year,
    )
    journey.close()


def test_one_edition_from_call_to_first_payment(stage: Stage):
    step = stage.journey.step
    with step(1, "开启届次，审批人签发，征选公告公开"):
        draft_the_edition(stage)
        sign_the_call(stage)
        read_the_call(stage)
    with step(2, "单位注册、填报、提交，得到受理编号和 PDF"):
        register_an_organisation(stage)
        fill_in_an_application(stage)
        hand_it_in(stage)
        others_apply(stage)
    with step(3, "形式审查：受理、补正、不予受理；公示受理名单"):
        check_intake(stage)
        correct_the_application(stage)
        publish_the_intake_list(stage)
    with step(4, "初审、复审：评委、回避、打分、封存、公示、异议"):
        hold_the_preliminary(stage)
        object_and_decide(stage)
        hold_the_second(stage)
    with step(5, "终审：专家评分，大众评审扫码打分，授奖"):
        issue_the_cards(stage)
        vote(stage)
        give_the_awards(stage)
    with step(6, "资助：协议、首期款四人四步、凭证、公开"):
        draw_up_the_grants(stage)
        pay_the_first_instalment(stage)
        read_the_open_books(stage)
    with step(7, "公告与 PDF，验证码核验"):
        verify_the_papers(stage)
    with step(8, "审计：只读，导出 xlsx 和 csv"):
        change_nothing(stage)
        take_the_tables_away(stage)
    assert stage.journey.faults == []


# 1. The call


def draft_the_edition(stage: Stage) -> None:
    clerk = stage.clerk
    clerk.open("/desk/editions/").press("Open an edition")
    clerk.fill(
        year=stage.year,
        name=f"示范市{stage.year}年社会治理创新项目征选活动",
        short_name=f"{stage.year}年创新大赛",
        purpose="为创新社会治理，汇聚民心民智民力，开展本次征选活动。",
        organisers="示范市社会治理办公室、示范市财政局",
        hosts="示范市社会工作联合会",
        contact="咨询电话：000-00000000",
    ).press("Open")
    periods = ("application", "preliminary", "second", "final", "implementation", "closing")
    for number, period in enumerate(periods):
        clerk.put(f"{period}_starts_at", moment(30 * number, -2))
        clerk.put(f"{period}_ends_at", moment(30 * number + 30, -2))
    clerk.send()
    clerk.sees(zh("The timetable is set."), zh("Being drafted")).follow(r"/desk/editions/\d+/rulebook/")
    set_the_rules(clerk)
    clerk.press("Put forward for signature").press("Put forward")
    clerk.sees(zh("Awaiting signature"))


def set_the_rules(clerk: Visitor) -> None:
    """The defaults, with fewer sheets and awards; what does not add up comes back with a reason."""
    for key, sheets, advance in (("preliminary", 2, 2), ("second", 3, 2), ("final", 2, 2)):
        clerk.put(f"{key}-sheets_per_entry", sheets)
        clerk.put(f"{key}-quorum_sheets", 2)
        clerk.put(f"{key}-drop_extremes_from", 3 if key == "second" else "")
        clerk.put(f"{key}-advance", advance)
    clerk.put("awards-1-places", 1).put("awards-2-DELETE", True).put("awards-3-DELETE", True)
    clerk.put("preliminary_criteria-0-points", 30)
    with clerk.refused(422):
        clerk.press("Save")
    clerk.sees("105")
    clerk.put("preliminary_criteria-0-points", 25).press("Save")
    clerk.sees(zh("The rules are saved."))


def sign_the_call(stage: Stage) -> None:
    address = f"/desk/editions/{stage.year}/sign/"
    with stage.clerk.refused(403):
        stage.clerk.open(address)
    approver = stage.approver
    approver.open("/desk/").follow(rf"/desk/editions/{stage.year}/(sign/)?")
    if approver.path != address:
        approver.press("Examine and sign")
    approver.sees("每个项目由2名专家独立评分", "征选范围").press("Sign and publish")
    approver.sees(zh("The call is published."), "已发布")


def read_the_call(stage: Stage) -> None:
    """A citizen finds the call, its rules and its paper; the beat opens applications by itself."""
    citizen = stage.citizen
    citizen.open("/").sees(f"示范市{stage.year}年社会治理创新项目征选活动")
    citizen.open(f"/editions/{stage.year}/").sees("示范市财政局", zh("Timetable"))
    citizen.press("Contest rules")
    assert citizen.path == f"/editions/{stage.year}/rules/"
    citizen.sees("按得分由高到低取2项", "100,000.00", "大众评审")
    citizen.until(zh("Download PDF"))
    text = reading(citizen.download(zh("Download PDF")))
    assert f"示范市{stage.year}年社会治理创新项目征选活动征选公告" in text
    assert "示治" in text
    citizen.open(f"/editions/{stage.year}/").until(zh("Apply now"))


# 2. Applications


def register_an_organisation(stage: Stage) -> None:
    applicant = stage.applicant
    filling.sign_up(applicant, name="申报人01", email=f"applicant@{DOMAIN}")
    filling.register(
        applicant,
        code=made_up_code("52441302", "J0000001"),
        name="示范邻里社会工作服务中心",
        district=stage.districts[0],
        email=f"applicant@{DOMAIN}",
    )


def fill_in_an_application(stage: Stage) -> None:
    """Every section by hand; a budget that does not add up and a file that is none are refused."""
    applicant = stage.applicant
    code = stage.codes[TITLE] = filling.begin(applicant, TITLE)
    for section in filling.go_through(applicant, code, filling.sections(stage.districts[0])):
        if section == "budget":
            expect(applicant.page.locator("[data-sum-of=total]")).to_have_text("100,000.00")
            applicant.put("budget_lines-1-own_fen", 4000)
            with applicant.refused(422):
                applicant.press("Save and continue")
            applicant.put("budget_lines-1-own_fen", 5000)
    folder = stage.journey.pictures.parent
    disguised = folder / "章程.pdf"
    disguised.write_bytes(b"MZ\x90\x00 not a document at all")
    with applicant.refused(422):
        filling.send_file(applicant, "certificate", disguised, ends="is-refused")
    filling.attach_papers(applicant, folder)


def hand_it_in(stage: Stage) -> None:
    applicant, code = stage.applicant, stage.codes[TITLE]
    applicant.open(f"/apply/projects/{code}/").press("Check and hand in")
    applicant.sees(zh("Complete. Please read everything once more."), "80,000.00")
    applicant.press("Make the print-out").until(zh("Download PDF"))
    (print_out,) = applicant.downloads(zh("Download PDF"))
    assert code in reading(print_out)
    filling.stamp(applicant, stage.journey.pictures.parent)
    applicant.press("Hand in").sees("受理编号", code)
    applicant.until(zh("Download PDF"), count=2)
    papers = [reading(data) for data in applicant.downloads(zh("Download PDF"))]
    assert any(TITLE in text and "社工补贴" in text for text in papers)
    assert all(code in text for text in papers)


def others_apply(stage: Stage) -> None:
    """Three more, handed in by their own people without clicking through all of it again."""
    for number, title in enumerate(OTHERS, 2):
        owner = person(f"applicant{number}@{DOMAIN}", f"申报人{number:02}", password=PASSWORD)
        district = stage.districts[number % 2]
        organisation = applying.register(
            actor=owner,
            code=made_up_code("52441302", f"J{number:07}"),
            name=f"示范服务中心{number:02}",
            kind="private_nonprofit",
            district=district,
        )
        entry = applying.Entry(
            title=title,
            field="community_autonomy",
            groups=("residents",),
            district=district,
            summary="多方共商，问题就地解决。",
            fiscal_fen=8_000_000,
            matching_fen=2_000_000,
        )
        starts_on = clock.today() + timedelta(days=60)
        submission = applying.apply(
            actor=owner, edition=stage.edition, organisation=organisation, entry=entry, starts_on=starts_on
        )
        stage.codes[title] = submission.project.code


# 3. Intake


def check_intake(stage: Stage) -> None:
    clerk = stage.clerk
    clerk.open("/desk/intake/").sees(TITLE, *OTHERS)
    decide(
        clerk,
        stage.codes[TITLE],
        "Return for correction",
        but="stamped",
        reason="承诺书缺少盖章，请补正。",
        place="attachment:commitment",
    )
    decide(clerk, stage.codes[OTHERS[0]], "Accept")
    decide(clerk, stage.codes[OTHERS[1]], "Accept")
    clerk.open(f"/desk/intake/{stage.codes[OTHERS[2]]}/")
    with clerk.refused(422):
        clerk.press("Refuse")
    assert clerk.error_beside("reason")
    decide(clerk, stage.codes[OTHERS[2]], "Refuse", but="public_benefit", reason="项目收取营利性费用。")


def decide(
    clerk: Visitor, code: str, outcome: str, *, but: str = "", reason: str = "", place: str = ""
) -> None:
    """Tick what is in order, everything but one, say why and where, and press one of the buttons."""
    clerk.open(f"/desk/intake/{code}/").sees(code)
    for box in clerk.page.locator("main [name=ticks]").all():
        box.set_checked(box.get_attribute("value") != but)
    if reason:
        clerk.page.locator("main [data-return-part] summary").click()
        clerk.fill(reason=reason)
    if place:
        clerk.fill(place=place, note=reason)
    clerk.press(outcome).open(f"/desk/intake/{code}/")
    expect(clerk.page.locator("main .note__title").first).to_contain_text(
        re.compile("|".join(words(outcome)))
    )


def correct_the_application(stage: Stage) -> None:
    applicant, code = stage.applicant, stage.codes[TITLE]
    applicant.open("/me/").sees("补正")
    applicant.open(f"/apply/projects/{code}/").sees("承诺书缺少盖章，请补正。", "补正")
    paper = filling.a_paper(stage.journey.pictures.parent, "承诺书（盖章）")
    filling.send_file(applicant.open(f"/apply/projects/{code}/attachments/"), "commitment", paper)
    applicant.open(f"/apply/projects/{code}/submit/").sees(zh("Make a new print-out"))
    applicant.press("Make a new print-out")
    filling.stamp(applicant, stage.journey.pictures.parent)
    applicant.press("Hand in").sees("受理编号", code)
    decide(stage.clerk, code, "Accept")


def publish_the_intake_list(stage: Stage) -> None:
    stage.approver.open(f"/desk/editions/{stage.year}/").press("Start the preliminary review")
    stage.approver.send()
    clerk = stage.clerk
    clerk.open("/desk/intake/").press("Publish the list")
    clerk.follow(r"/desk/notices/intake/\d+/").press("Publish")
    clerk.sees("受理")
    citizen = stage.citizen
    citizen.open("/announcements/").find("受理")
    citizen.sees(TITLE, *OTHERS[:2]).sees_not(OTHERS[2])


# 4. Preliminary and second review


def prepare_round(stage: Stage, key: str) -> Round:
    """A new round with everybody on its panel."""
    clerk = stage.clerk
    clerk.open("/desk/rounds/").press("New round")
    clerk.fill(edition=stage.edition.pk, key=key).press("Create round")
    clerk.fill(experts=[expert.pk for expert in stage.cast.experts]).press("Set the panel")
    clerk.sees(zh("The panel has been set."))
    return stage.round(key)


def open_round(stage: Stage, round: Round) -> None:
    clerk = stage.clerk
    clerk.open(f"/desk/rounds/{round.pk}/").press("Open for scoring").fill(scoring_ends_at=moment(7))
    clerk.press("Open").sees(zh("The round is open; the experts have been told."))


def hold_the_preliminary(stage: Stage) -> None:
    round = prepare_round(stage, "preliminary")
    refuse_to_open_early(stage, round)
    stage.let_time_pass(Notice.objects.get(edition__year=stage.year, kind="intake"))
    open_round(stage, round)
    score_in_the_browser(stage, round)
    score_the_rest(round)
    seal_the_round(stage, round)
    decide_the_round(stage, round)


def refuse_to_open_early(stage: Stage, round: Round) -> None:
    """While the list of accepted entries is under notice no round opens."""
    clerk = stage.clerk
    clerk.open(f"/desk/rounds/{round.pk}/").press("Open for scoring").fill(scoring_ends_at=moment(7))
    with clerk.refused(422):
        clerk.press("Open")
    clerk.sees(f"{Notice.objects.get(edition__year=stage.year).ends_on}")


def points_of(assignment: Assignment) -> dict[str, Decimal | None]:
    """Whole points by merit; every seat is a little stricter than the one before."""
    share = MERIT[assignment.entry.project.title] - Decimal("0.02") * assignment.seat.number
    return {c.key: Decimal(int(c.points * share)) for c in assignment.entry.round.rules.criteria}


def work_of(round: Round) -> Any:
    return Assignment.objects.filter(entry__round=round, status="offered").select_related(
        "entry__project", "entry__round__edition", "entry__round__rulebook", "seat__expert"
    )


def score_in_the_browser(stage: Stage, round: Round) -> None:
    """The first expert reads, declares, scores with keyboard and mouse, and locks every sheet."""
    expert = stage.journey.visitor("expert01", email=stage.cast.experts[0].email)
    stage.people["expert"] = expert
    expert.open("/review/").sees(zh("Before you review: your pledge"))
    expert.fill(agreed=True).press("Pledge and enter")
    for assignment in work_of(round).filter(seat__expert=stage.cast.experts[0]):
        expert.open("/review/").follow(rf"/review/{assignment.pk}/(declare/)?")
        expert.fill(has_conflict="no").press("Declare")
        expert.sees(assignment.entry.project.title, zh("Budget"))
        points = points_of(assignment)
        for key, given in points.items():
            expert.put(f"points_{key}", given)
        expert.put("comment", "材料扎实，做法清楚。")
        expect(expert.page.locator("[data-total]")).to_have_text(f"{sum(points.values()):.1f}")
        expert.press("Submit and lock").press("Submit and lock", within="dialog")
        expert.sees(zh("Sheet submitted and locked."))
        expert.open(f"/review/{assignment.pk}/").sees(zh("Fingerprint"))
        assert expert.page.locator("main input[name^=points_]").count() == 0
    expert.open("/review/").sees(zh("Submitted"))


def score_the_rest(round: Round) -> None:
    """The other experts at their own desks."""
    for assignment in work_of(round):
        actor = assignment.seat.expert
        judging.make_pledge(actor=actor, edition=round.edition)
        judging.declare(actor=actor, assignment=assignment, has_conflict=False)
        assignment.refresh_from_db()
        judging.submit_sheet(
            actor=actor,
            assignment=assignment,
            version=assignment.sheet.version,
            scores=points_of(assignment),
            comment="材料扎实，做法清楚。",
        )


def seal_the_round(stage: Stage, round: Round) -> None:
    """What is odd looked into by the supervisor; sealed by the clerk."""
    look_into_flags(stage.cast.supervisor, round)
    stage.clerk.open(f"/desk/rounds/{round.pk}/").press("Seal the tally").press("Seal")
    stage.clerk.sees(zh("The tally is sealed."))


def decide_the_round(stage: Stage, round: Round) -> None:
    """Proposed by the clerk, approved by the approver, published by the clerk."""
    clerk, address = stage.clerk, f"/desk/rounds/{round.pk}/"
    clerk.open(address)
    tally = stage.round(round.key).current_tally
    clerk.sees(tally.sha256).press("Propose the list").press("Propose")
    with clerk.refused(403):
        clerk.open(f"{address}approve/")
    stage.approver.open(address).press("Approve the list").press("Approve")
    stage.approver.sees(zh("The list is approved and can be published."))
    clerk.open(address).press("Publish the notice").press("Publish")
    clerk.sees("公示")


def notice_of(round: Round) -> Notice:
    return Notice.objects.in_force().get(round=round)


def object_and_decide(stage: Stage) -> None:
    """A citizen objects; nothing moves on before it is decided and the window is over."""
    round = stage.round("preliminary")
    receipt = raise_an_objection(stage)
    refuse_to_move_on(stage, round)
    clerk = stage.clerk
    clerk.open("/desk/objections/").find(receipt)
    clerk.sees("139****0002").sees_not("王某", "13900000002")
    clerk.press("Show name and contact").sees("王某", "13900000002").press("Take up")
    supervisor = stage.supervisor
    supervisor.open("/desk/objections/").find(receipt)
    supervisor.press("Conclude").fill(outcome="rejected", reply="经核查，该项目评分程序合规，维持原结果。")
    supervisor.press("Conclude and send the reply")
    supervisor.sees("维持原结果")
    stage.citizen.open(f"/objections/{receipt}/").sees("经核查，该项目评分程序合规，维持原结果。")
    refuse_to_move_on(stage, round)
    stage.let_time_pass(notice_of(round))
    confirm(stage, round)
    move_on(stage, "Start the second review")


def raise_an_objection(stage: Stage) -> str:
    citizen = stage.citizen
    citizen.open("/announcements/").find("初审").sees(TITLE, "公示").press("Raise an objection")
    citizen.fill(text="第二名项目的服务人数与实际不符，可向社区核实。")
    with citizen.refused(422):
        citizen.press("Send the objection")
    citizen.fill(objector_name="王某", objector_contact="13900000002").press("Send the objection")
    citizen.sees(zh("Your objection has been received"))
    return citizen.page.locator(".receipt__code").inner_text()


def refuse_to_move_on(stage: Stage, round: Round) -> None:
    """Neither the round can be confirmed nor the edition moved."""
    approver = stage.approver
    approver.open(f"/desk/rounds/{round.pk}/confirm/").sees(zh("Still in the way:"))
    with approver.refused(422):
        approver.press("Confirm")
    approver.open(f"/desk/editions/{stage.year}/").sees(zh("The round of this stage is not confirmed yet."))


def confirm(stage: Stage, round: Round) -> None:
    approver = stage.approver
    approver.open(f"/desk/rounds/{round.pk}/").press("Confirm the result").press("Confirm")
    assert approver.path == f"/desk/rounds/{round.pk}/"
    assert stage.round(round.key).status == "confirmed"


def move_on(stage: Stage, label: str) -> None:
    stage.approver.open(f"/desk/editions/{stage.year}/").press(label).send()
    stage.approver.sees(zh("What happened last"))


def hold_the_second(stage: Stage) -> None:
    """Three sheets an entry: the highest and the lowest are dropped."""
    round = prepare_round(stage, "second")
    open_round(stage, round)
    score_the_rest(round)
    seal_the_round(stage, round)
    decide_the_round(stage, round)
    stage.citizen.open(f"/editions/{stage.year}/results/second/").sees(TITLE, OTHERS[0]).sees_not(OTHERS[1])
    stage.let_time_pass(notice_of(round))
    confirm(stage, round)
    move_on(stage, "Start the final review")


# 5. The final


def issue_the_cards(stage: Stage) -> None:
    round = prepare_round(stage, "final")
    open_round(stage, round)
    score_the_rest(round)
    clerk = stage.clerk
    clerk.open(f"/desk/live/{stage.year}/cards/")
    clerk.fill(trade="社区居民", count=JURORS).press("Issue cards")
    with clerk.page.expect_download() as waiting:
        clerk.press("Print all cards (PDF)")
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")


def vote(stage: Stage) -> None:
    """Jurors scan their cards; the console calls, opens and closes; their phones follow by themselves."""
    phones = [take_a_seat(stage, card) for card in JurorCard.objects.filter(round=stage.round("final"))]
    refuse_a_second_phone(stage)
    director = Visitor("director", stage.clerk.page.context.new_page(), stage.journey)
    console = Console(director, stage.year)
    director.press("Prepare the live final")
    console.stands("welcome")
    for entry in stage.round("final").entries.select_related("project").order_by("number"):
        console.press("n", "talk")
        director.sees(entry.project.title)
        console.press("s", "scoring")
        for number, phone in enumerate(phones):
            give_points(phone, entry.project.title, int(MERIT[entry.project.title] * 100) - number)
        console.press("x", "counting")
        phones[0].sees(zh("Scoring of this project is closed."))
    look_into_flags(stage.cast.supervisor, stage.round("final"))
    console.press("n", "closed", asks=True)
    ask_and_confirm(stage, console, "Seal the final")
    ask_and_confirm(stage, console, "Begin the reveal")
    console.stands("reveal")
    for place in range(1, stage.round("final").entries.count() + 1):
        console.press("ArrowRight", "reveal")
        assert eventually(lambda place=place: stage.round("final").show.revealed == place)
    console.press("w", "winners")
    director.page.close()


def ask_and_confirm(stage: Stage, console: Console, button: str) -> None:
    """The clerk asks from the console, the supervisor reads what it is about and confirms."""
    console.press("n", "closed", asks=True)
    expect(console.page.locator(".alarm--asked")).to_be_visible()
    supervisor = stage.supervisor.open(f"/desk/live/{stage.year}/confirm/")
    supervisor.press(button)
    expect(console.page.locator(".alarm--asked")).to_have_count(0)


def take_a_seat(stage: Stage, card: JurorCard) -> Visitor:
    phone = stage.journey.visitor(f"juror{card.seat}", phone=True)
    phone.open(f"/jury/c/{judging.card_token(card)}/").press("Take this seat")
    phone.sees(zh("You are checked in"))
    return phone


def refuse_a_second_phone(stage: Stage) -> None:
    card = JurorCard.objects.filter(round=stage.round("final")).first()
    assert card
    stranger = stage.journey.visitor("stranger", phone=True)
    stranger.open(f"/jury/c/{judging.card_token(card)}/")
    with stranger.refused(409):
        stranger.press("Take this seat")
    stranger.sees(zh("This card does not open"))
    stranger.leave()


def give_points(phone: Visitor, title: str, points: int) -> None:
    """Tap the digits and the big button; the server's echo is the receipt."""
    phone.sees(title)
    for digit in str(points):
        phone.page.locator(f"button[data-digit='{digit}']").tap()
    phone.page.locator("button[data-send]").tap()
    expect(phone.page.locator("[data-receipt]")).to_be_visible()
    expect(phone.page.locator("[data-receipt-score]")).to_have_text(str(points))
    assert phone.is_within_the_screen


def give_the_awards(stage: Stage) -> None:
    round = stage.round("final")
    decide_the_round(stage, round)
    citizen = stage.citizen
    citizen.open(f"/editions/{stage.year}/results/final/").sees(TITLE, "80%", "20%", "一等奖")
    bundle = json.loads(citizen.fetch(f"/editions/{stage.year}/results/final/bundle.json"))
    tally = stage.round("final").current_tally
    assert fingerprint(bundle["tally"]) == bundle["tally_sha256"] == tally.sha256
    stage.let_time_pass(notice_of(round))
    confirm(stage, round)
    move_on(stage, "Start implementation")
    citizen.open(f"/editions/{stage.year}/").until(TITLE).sees("一等奖", "二等奖")


# 6. Money


def draw_up_the_grants(stage: Stage) -> None:
    finance, clerk = stage.finance, stage.clerk
    finance.open("/desk/funding/").press("Set up a fund")
    finance.fill(name="社会治理创新专项资金", amount_fen="1000000", source="市级财政预算").press("Set up")
    finance.sees("1,000,000.00")
    clerk.open("/desk/funding/").follow(r"/desk/funding/funds/\d+/").follow(
        r"/desk/funding/funds/\d+/draw-up/"
    )
    clerk.sees(TITLE, OTHERS[0], "170,000.00").press("Draw up grants")
    for title in (TITLE, OTHERS[0]):
        approver = stage.approver
        approver.open(f"/desk/funding/grants/{stage.codes[title]}/")
        approver.press("Examine and sign the agreement").sees("首期款").press("Sign")
        approver.sees(zh("The agreement has been signed and issued."))


def name_the_account(stage: Stage) -> None:
    """The organisation says to where it is paid, once its file has been compared with the certificate; a
    slip of the finger is told, the number never again."""
    applicant = stage.applicant
    stage.clerk.open(f"/desk/intake/{stage.codes[TITLE]}/").follow(r"/desk/organisations/\d+/")
    stage.clerk.press("Verified with the certificate")
    applicant.open(f"/grants/{stage.codes[TITLE]}/").press("Name the account")
    applicant.fill(bank="示范银行示范支行", number="6222000011112222333", number_again="6222000011112222334")
    with applicant.refused(422):
        applicant.press("Keep this account")
    applicant.sees(zh("The two numbers differ. Please compare both with the paper of your bank."))
    applicant.fill(number_again="6222000011112222333").press("Keep this account").sees("**** 2333")


def pay_the_first_instalment(stage: Stage) -> None:
    """Prepared, reviewed and approved by three people, paid by a fourth; nobody takes two steps."""
    address = f"/desk/funding/grants/{stage.codes[TITLE]}/"
    clerk, finance, approver, payer = stage.clerk, stage.finance, stage.approver, stage.second_clerk
    name_the_account(stage)
    clerk.open(address).sees("**** 2333").follow(r"/desk/funding/payments/\d+/prepare/")
    payment = clerk.path.removesuffix("prepare/")
    clerk.sees("50,000.00", "伍万元整").press("Prepare payment")
    finance.open(address).follow(r"/desk/funding/payments/\d+/review/").press("Confirm review")
    with clerk.refused(403):
        clerk.open(f"{payment}approve/")
    approver.open(address).follow(r"/desk/funding/payments/\d+/approve/").press("Approve payment")
    with clerk.refused(403):
        clerk.open(f"{payment}pay/")
    payer.open(address).follow(r"/desk/funding/payments/\d+/pay/")
    payer.follow(r"/desk/funding/payments/\d+/account/").press("Show the number").sees("6222000011112222333")
    payer.press("On to the payment")
    payer.fill(treasury_number=f"GK{stage.year}000001").press("Record payment")
    payer.sees(zh("The payment is booked."), f"GK{stage.year}000001")
    payer.press("Special account").sees("50,000.00")


def read_the_open_books(stage: Stage) -> None:
    citizen = stage.citizen
    citizen.open("/disclosure/").sees("1,000,000.00", "50,000.00", TITLE)
    citizen.open(f"/disclosure/{stage.codes[TITLE]}/").sees("首期款", "50,000.00", "100,000.00")
    applicant = stage.applicant
    applicant.open(f"/grants/{stage.codes[TITLE]}/").sees("50,000.00")


# 7. Papers


def verify_the_papers(stage: Stage) -> None:
    """Every announcement of the edition has its paper, and its code confirms it."""
    citizen = stage.citizen
    citizen.open("/announcements/")
    links = citizen.page.locator("main a[href^='/announcements/']").evaluate_all(
        "all => all.map(a => a.pathname)"
    )
    papers = sorted({path for path in links if re.fullmatch(r"/announcements/\d+/", path)})
    assert len(papers) >= 8
    for path in papers:
        citizen.open(path)
        title = citizen.page.locator("h1").inner_text()
        text = reading(citizen.fetch(path.rstrip("/") + ".pdf"))
        assert "".join(title.split()) in text
        code = citizen.page.locator("main a[href^='/verify/']").first.inner_text()
        assert code in text
    citizen.open("/verify/").fill(code=code).press("Verify")
    citizen.sees(zh("This document is genuine"), title, code)
    with citizen.refused(404):
        citizen.open("/verify/AAAAAAAAAAAA/")


# 8. The auditor


def change_nothing(stage: Stage) -> None:
    """Everything can be read; no page of the desk offers the auditor an act, and none is taken."""
    auditor, year = stage.auditor, stage.year
    round = stage.round("final")
    for path in (
        "/audit/", "/audit/record/", f"/desk/editions/{year}/", "/desk/intake/",
        f"/desk/intake/{stage.codes[TITLE]}/", f"/desk/rounds/{round.pk}/", "/desk/notices/",
        "/desk/objections/", "/desk/funding/", "/desk/funding/payments/",
        f"/desk/funding/grants/{stage.codes[TITLE]}/",
    ):  # fmt: skip
        auditor.open(path)
        posts = auditor.page.locator("main form[method=post]:not([action*='/site/'])")
        assert posts.count() == 0, f"{path} offers the auditor an act"
    for path in (
        "/desk/editions/new/", f"/desk/editions/{year}/timetable/", "/desk/rounds/new/",
        "/desk/funding/funds/new/", f"/desk/live/{year}/",
    ):  # fmt: skip
        with auditor.refused(403):
            auditor.open(path)


def take_the_tables_away(stage: Stage) -> None:
    auditor = stage.auditor
    for kind in ("entries", "scores", "results", "ledger", "record"):
        rows = {form: export(auditor, kind, form) for form in ("xlsx", "csv")}
        cover, head, body = sheets_of(rows["xlsx"])
        table = list(csv.reader(io.StringIO(rows["csv"].decode("utf-8-sig"))))
        assert table[0] == head
        assert str(len(body)) in cover
        if kind == "record":  # asking for the second table is in the record as well
            assert len(table) - 1 > len(body) > 0
        else:
            assert len(table) - 1 == len(body) > 0
            assert sha256_hex(rows["csv"]) in cover


def export(auditor: Visitor, kind: str, form: str) -> bytes:
    """Ask for a table, watch it being made, fetch it."""
    auditor.open("/audit/").follow(rf"/desk/exports/{kind}/")
    auditor.fill(format=form).press("Export")
    link = auditor.page.locator("#job a[href$='/download/']")
    expect(link).to_be_visible(timeout=90_000)
    return auditor.fetch(link.get_attribute("href") or "")


def sheets_of(book: bytes) -> tuple[list[str], list[str], list[tuple]]:
    """The cover's values as text, the heading and the rows of a workbook."""
    sheets = load_workbook(io.BytesIO(book)).worksheets
    cover = [str(cell) for row in sheets[0].iter_rows(values_only=True) for cell in row if cell is not None]
    rows = list(sheets[1].iter_rows(values_only=True))
    return cover, [str(cell) for cell in rows[0]], rows[1:]
