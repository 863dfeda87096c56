"""An expert review in the browser, from the drawing of the panel to the file the public checks it with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum
from playwright.sync_api import Browser, expect

from accounts.enums import Role
from accounts.models import User
from config.play.cast import person
from judging import actions, drawing
from judging.enums import AssignmentStatus, DrawStatus, FlagKind
from judging.models import Assignment, Draw, Expert, Notice, ReviewNote, RoundEntry, Sheet
from tests.factories.judging import Stand
from tests.journeys.steps import PASSWORD, Journey, Visitor, reading, zh
from tests.journeys.times import know_the_calendar, moment
from tests.portal import Portal, eventually

pytestmark = pytest.mark.journey

TABLET = {"width": 1024, "height": 768}
#: The interpreter of the machine, which knows nothing of the portal and its packages.
SYSTEM_PYTHON = shutil.which("python3", path=f"{os.defpath}:{sys.base_prefix}/bin")
#: What everybody thinks of an entry, by its number: a share of the full points.
MERIT = {1: "0.9", 2: "0.8", 3: "0.7"}
NOTE = "到访时可问骨干居民的轮值安排。"
WHY_OPEN = "评委来函：需求一项误多记1分，申请更正。"
LOOKED_INTO = "已向评委了解，各项均按档次评定，比例相同属巧合。"
DEPARTS = "该项目与已立项项目实施地点重复，按程序由下一名递补。"


@dataclass
class Scene:
    """A round that waits for its panel, four experts in the pool, and the staff at their browsers."""

    journey: Journey
    stand: Stand
    clerk: Visitor
    folder: Path
    assignments: tuple[Assignment, ...] = ()

    @property
    def desk(self) -> str:
        return f"/desk/rounds/{self.stand.round.pk}/"

    def visitor(self, role: Role) -> Visitor:
        return self.journey.visitor(role, email=somebody(f"{role.label}01", role).email)


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    portal.start()
    journey = Journey(browser, portal, pictures)
    yield journey
    journey.close()


@pytest.fixture
def scene(journey: Journey, tmp_path: Path) -> Scene:
    stand = Stand(entries=3, experts=2, opened=False, advance=2)
    know_the_calendar(stand.clerk)
    for number in range(1, 5):
        is_odd = bool(number % 2)
        Expert.objects.create(
            person=somebody(f"专家{number:02}", Role.EXPERT, f"expert{number}"),
            is_theorist=is_odd,
            is_practitioner=not is_odd,
            unit=f"示范大学第{number}学院",
            fields=["community_autonomy"],
        )
    clerk = journey.visitor("clerk", email=somebody("经办01", Role.CLERK).email)
    return Scene(journey, stand, clerk, tmp_path)


def somebody(name: str, role: Role, account: str = "") -> User:
    return person(f"{account or role}@review.example", name, role, password=PASSWORD)


def test_a_review_from_the_draw_to_the_verified_bundle(scene: Scene):
    step, stand = scene.journey.step, scene.stand
    with step(1, "经办先公布承诺，再用公开数字抽取专家，一人婉拒由下一名递补，就座"):
        commit(scene)
        draw(scene)
        seat(scene)
    with step(2, "开启评审，系统分派"):
        open_the_round(scene)
    with step(3, "专家在平板上承诺、声明、跳过、记笔记，用键盘打分"):
        expert = at_a_tablet(scene)
        first, second = scene.assignments
        read_and_skip(expert, first)
        score_with_a_note(expert, second, stand)
        score_what_was_skipped(expert, first, stand)
    with step(4, "专家比较自己的评分，全部签名，得到副本"):
        sign_all(expert, copies=1)
        others_sign(scene)
    with step(5, "监督说明理由解锁一份，专家更正后再次签名；疑点逐项核查"):
        supervisor = scene.visitor(Role.SUPERVISOR)
        unlock(supervisor, scene, first)
        correct(expert, first)
        sign_all(expert, copies=2)
        look_into_the_flag(scene, supervisor)
    with step(6, "经办封存，附理由调整名单；审批人签名；公示"):
        seal(scene)
        compare_versions(supervisor, scene, first)
        propose_with_a_departure(scene)
        approve(scene)
        notice = publish(scene)
    with step(7, "任何人下载数据和程序，自行核算；改动一个数字即被发现"):
        check_it_oneself(scene, notice)
    assert scene.journey.faults == []


# 1. The draw


def commit(scene: Scene) -> None:
    clerk = scene.clerk
    clerk.open(scene.desk).press("Draw the panel").press("New draw")
    clerk.fill(size=3, theorists=1, practitioners=1, public_source="福彩双色球第2026060期")
    clerk.press("Publish the commitment")
    draw = Draw.objects.get()
    clerk.sees(draw.commitment).sees_not(draw.seed)


def draw(scene: Scene) -> None:
    clerk = scene.clerk
    clerk.press("Draw now").fill(public_number="01 09 17 21 26 30 + 08", witnesses="监督01").press("Draw")
    clerk.sees(Draw.objects.get().seed)
    for number, answer, reason in (
        (1, "accepted", ""),
        (2, "declined", "评审期间出差。"),
        (3, "accepted", ""),
        (4, "accepted", ""),
    ):
        clerk.follow(rf"/desk/rounds/draws/\d+/picks/{number}/").fill(status=answer, reason=reason)
        clerk.press("Note the answer")
    clerk.sees("评审期间出差。")


def seat(scene: Scene) -> None:
    """The panel sits as drawn; the transcript repeats the draw."""
    clerk = scene.clerk
    clerk.press("Seat the panel").press("Seat the panel")
    clerk.sees(zh("The drawn panel sits. The transcript is among the papers."))
    drawn = Draw.objects.get()
    assert drawn.status == DrawStatus.CLOSED
    transcript = json.loads(clerk.download(zh("Data to repeat the draw (JSON)")))
    assert drawing.differences(transcript) == []
    # The seats are numbered by lot.
    seated = set(scene.stand.round.seats.sitting().values_list("expert", flat=True))
    picks = drawn.picks.exclude(number=2)
    assert seated == set(picks.values_list("expert__person", flat=True))


# 2. The opening


def open_the_round(scene: Scene) -> None:
    """Two sheets for each entry, two entries for each expert."""
    clerk = scene.clerk
    clerk.open(scene.desk).press("Open for scoring").fill(scoring_ends_at=moment(7)).press("Open")
    clerk.sees(zh("The round is open; the experts have been told.")).press("Who reads what")
    clerk.sees(*(project.title for project in scene.stand.projects))
    given = Assignment.objects.filter(entry__round=scene.stand.round)
    assert {row.grounds["by"] for row in given} == {"solver"}
    loads = sorted(given.filter(seat__number=number).count() for number in (1, 2, 3))
    assert loads == [2, 2, 2]
    scene.stand.reload()


# 3. The scoring desk


def at_a_tablet(scene: Scene) -> Visitor:
    """The first of the panel; nothing is shown before the pledge."""
    seat = scene.stand.round.seats.sitting().select_related("expert").order_by("number")[0]
    scene.assignments = tuple(Assignment.objects.for_desk().filter(seat=seat).order_by("entry__number"))
    expert = scene.journey.visitor("expert", email=seat.expert.email)
    expert.page.set_viewport_size(TABLET)
    expert.open("/review/").sees_not(scene.assignments[0].entry.project.title)
    expert.put("agreed", True).press("Pledge and enter")
    return expert


def declare(expert: Visitor, assignment: Assignment) -> None:
    """Title and applicant, and nothing more, until the declaration is made."""
    project = assignment.entry.project
    expert.page.wait_for_url(f"**/review/{assignment.pk}/declare/")
    expert.sees(project.title, project.organisation.name).sees_not(project.summary)
    expert.put("has_conflict", "no").press("Declare").sees(project.summary)
    assert expert.is_within_the_screen


def read_and_skip(expert: Visitor, assignment: Assignment) -> None:
    expert.press("Next entry")
    declare(expert, assignment)
    expert.press("Skip for now")
    expert.sees(zh("Put aside: the entry comes last in your list. It is not scored."))


def score_with_a_note(expert: Visitor, assignment: Assignment, stand: Stand) -> None:
    declare(expert, assignment)
    page = expert.page
    expect(page.locator("[data-highlight]")).to_be_visible()
    page.locator("[data-part]").first.click(click_count=3)
    page.keyboard.press("h")
    expect(page.locator("[data-part] mark").first).to_be_visible()
    page.locator("#id_text").fill(NOTE)
    page.keyboard.press("Tab")
    assert eventually(lambda: page.wait_for_timeout(50) or is_noted(assignment))
    type_points(expert, points_of(assignment, stand))
    expert.put("comment", "材料扎实，做法清楚。")
    save_and_go_on(expert)
    expert.open("/review/").sees(zh("Skipped for now"), zh("Scored, not signed")).press("Next entry")


def is_noted(assignment: Assignment) -> bool:
    """Whether note and highlight are both kept."""
    return ReviewNote.objects.filter(assignment=assignment, text=NOTE).exclude(highlights=[]).exists()


def score_what_was_skipped(expert: Visitor, assignment: Assignment, stand: Stand) -> None:
    expert.page.wait_for_url(f"**/review/{assignment.pk}/")
    type_points(expert, points_of(assignment, stand))
    save_and_go_on(expert)
    assert expert.path == f"/review/rounds/{stand.round.pk}/"


def points_of(assignment: Assignment, stand: Stand) -> dict[str, Decimal]:
    return stand.points(MERIT[assignment.entry.number])


def type_points(expert: Visitor, points: Mapping[str, Decimal]) -> None:
    """Digits go to the criterion in hand, Enter takes the next one, the arrow gives half a point more."""
    keys = at_the_keys(expert).page.keyboard
    for number, given in enumerate(points.values()):
        if number:
            keys.press("Enter")
        keys.type(str(int(given)))
        if given % 1:
            keys.press("ArrowUp")
    expect(expert.page.locator("[data-total]")).to_have_text(f"{sum(points.values()):.1f}")


def at_the_keys(expert: Visitor) -> Visitor:
    """Script has taken hold of the sheet."""
    expect(expert.page.locator("[data-score-sheet][data-ready]")).to_have_count(1)
    return expert


def save_and_go_on(expert: Visitor) -> None:
    here = expert.page.url
    expert.page.keyboard.press("Control+Enter")
    expert.page.wait_for_url(lambda url: url != here)


# 4. The signature


def sign_all(expert: Visitor, *, copies: int) -> None:
    """All own sheets beside each other, signed in one go; the copy tells their totals."""
    expert.open("/review/").press("Compare and sign all").sees(*own_totals())
    assert expert.is_within_the_screen
    expert.put("agreed", True).press("Sign all").sees(zh("Signed and locked. Your copy is below."))
    papers = [reading(paper) for paper in expert.downloads(zh("My copy (PDF)"))]
    assert len(papers) == copies
    assert all(total in papers[0] for total in own_totals())


def own_totals() -> list[str]:
    """Of both sheets of the first seat, as they are kept."""
    sheets = Sheet.objects.filter(assignment__seat__number=1)
    totals = sheets.annotate(sum=Sum("scores__points")).order_by("pk").values_list("sum", flat=True)
    return [f"{total:.1f}" for total in totals]


def others_sign(scene: Scene) -> None:
    """The rest of the panel at their own desks; in the first of their sheets no criterion stands out."""
    stand = scene.stand
    rows = [row for row in stand.assignments() if row.status == AssignmentStatus.OFFERED]
    for place, row in enumerate(rows):
        own = stand.declared(row.entry.number, row.seat.number)
        share = Decimal(MERIT[row.entry.number])
        even = {criterion.key: criterion.points * share for criterion in stand.round.rules.criteria}
        actions.submit_sheet(
            actor=own.seat.expert,
            assignment=own,
            version=own.sheet.version,
            scores=points_of(own, stand) if place else even,
        )


# 5. The supervisor


def unlock(supervisor: Visitor, scene: Scene, assignment: Assignment) -> None:
    """Opened again without a number before the supervisor's eyes."""
    supervisor.open(scene.desk).press("Sheets and their locks").sees_not(*own_totals())
    supervisor.follow(rf"/desk/rounds/sheets/{assignment.pk}/unlock/")
    supervisor.fill(reason=WHY_OPEN).press("Unlock")
    supervisor.sees(zh("The sheet is open again; the expert has been told."))


def correct(expert: Visitor, assignment: Assignment) -> None:
    """What was typed is still there; two presses take a point from the first criterion."""
    page = at_the_keys(expert.open(f"/review/{assignment.pk}/")).page
    page.locator("details.note--warn summary").click()
    expert.sees(WHY_OPEN)
    before = Decimal(page.locator("[data-total]").inner_text())
    for key in ("j", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("[data-total]")).to_have_text(f"{before - 1:.1f}")
    save_and_go_on(expert)


def look_into_the_flag(scene: Scene, supervisor: Visitor) -> None:
    """Nothing is sealed while an oddity waits."""
    clerk = scene.clerk
    clerk.open(scene.desk).press("Seal the tally")
    with clerk.refused(422):
        clerk.press("Seal")
    supervisor.open(f"{scene.desk}flags/").press("Look through the sheets now")
    supervisor.sees(str(FlagKind.ALL_EQUAL.label)).press("Look into it")
    supervisor.fill(outcome="explained", note=LOOKED_INTO).press("Note it").sees(LOOKED_INTO)


# 6. The list


def seal(scene: Scene) -> None:
    scene.clerk.open(scene.desk).press("Seal the tally").press("Seal").sees(zh("The tally is sealed."))
    tally = scene.stand.reload().current_tally
    assert tally is not None
    scene.clerk.sees(tally.sha256)


def compare_versions(supervisor: Visitor, scene: Scene, assignment: Assignment) -> None:
    """Once sealed, both versions of the unlocked sheet stand beside each other."""
    now = Sheet.objects.get(assignment=assignment)
    supervisor.open(f"{scene.desk}sheets/").press("Compare versions").sees(
        WHY_OPEN, f"{now.total + 1}", f"{now.total}", now.sha256
    )


def propose_with_a_departure(scene: Scene) -> None:
    """The second by rank does not go on; without a reason nobody can say so."""
    clerk, entry = scene.clerk, RoundEntry.objects.get(round=scene.stand.round, number=2)
    clerk.open(scene.desk).press("Propose the list")
    clerk.page.locator("details.departures summary").click()
    clerk.put("departure1-entry", entry.pk).put("departure1-kind", "out")
    with clerk.refused(422):
        clerk.press("Propose")
    assert clerk.error_beside("departure1-reason")
    clerk.put("departure1-reason", DEPARTS).press("Propose")
    clerk.sees(zh("The list is before the approver."), DEPARTS)


def approve(scene: Scene) -> None:
    """The second signature is for the departure too."""
    approver = scene.visitor(Role.APPROVER)
    approver.open(scene.desk).press("Approve the list").sees(DEPARTS)
    with approver.refused(422):
        approver.press("Approve")
    approver.put("accept_departures", True).press("Approve")
    approver.sees(zh("The list is approved and can be published."))


def publish(scene: Scene) -> Notice:
    scene.clerk.open(scene.desk).press("Publish the notice").press("Publish")
    scene.clerk.sees("公示")
    return Notice.objects.get(round=scene.stand.round)


# 7. The public


def check_it_oneself(scene: Scene, notice: Notice) -> None:
    """Nothing but what the page offers, and the machine's own Python."""
    citizen = scene.journey.visitor("citizen")
    citizen.open("/announcements/").find(notice.title).sees(DEPARTS)
    citizen.open(f"/editions/{scene.stand.edition.year}/results/preliminary/").sees(DEPARTS)
    bundle = take(citizen, "Download the file (bundle.json)", scene.folder)
    program = take(citizen, "Download the program (verify_tally.py)", scene.folder)
    assert (bundle.name, program.name) == ("bundle.json", "verify_tally.py")
    code, told = run(program, bundle)
    assert code == 0, told
    assert DEPARTS in told
    assert notice.round is not None
    assert notice.round.current_tally.sha256 in told
    code, told = run(program, with_another_digit(bundle))
    assert code == 1, told
    assert told.startswith("不一致。")


def take(citizen: Visitor, text: str, folder: Path) -> Path:
    """A file as the browser stores it, under the name it is offered with."""
    with citizen.page.expect_download() as waiting:
        citizen.press(text)
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def run(program: Path, bundle: Path) -> tuple[int, str]:
    assert SYSTEM_PYTHON
    done = subprocess.run(
        [SYSTEM_PYTHON, "-I", "-X", "utf8", program.name, bundle.name],
        cwd=program.parent,
        capture_output=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


def with_another_digit(bundle: Path) -> Path:
    """The same file with one digit of one sheet's points increased by one."""
    text = bundle.read_text(encoding="utf-8")
    digit = re.search(r'"points": ?{"[a-z]+": ?"(\d)', text)
    assert digit
    at, other = digit.start(1), (int(digit[1]) + 1) % 10
    changed = bundle.with_name("changed.json")
    changed.write_text(f"{text[:at]}{other}{text[at + 1 :]}", encoding="utf-8")
    return changed
