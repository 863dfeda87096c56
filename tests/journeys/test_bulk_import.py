"""A clerk brings in what came on paper, and an edition held before the portal, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Browser

from accounts.enums import Role
from accounts.models import District, User
from contest.enums import Stage
from contest.models import Edition
from projects.models import Project
from tests.factories.accounts import give_role
from tests.factories.contest import EditionFactory, OfficeFactory
from tests.journeys.steps import PASSWORD, Journey, Visitor
from tests.portal import Portal
from tests.projects.tables import a_row, filled

pytestmark = pytest.mark.journey


@pytest.fixture
def journey(browser: Browser, portal: Portal, tmp_path: Path) -> Iterator[Journey]:
    journey = Journey(browser, portal, tmp_path)
    portal.start()
    yield journey
    journey.close()


@pytest.fixture
def clerk(journey: Journey) -> Visitor:
    person = User.objects.create_user("clerk@example.org", PASSWORD, name="经办01")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    give_role(person, Role.CLERK)
    District.objects.get_or_create(code="first", defaults={"name": "示范一区", "order": 1})
    return journey.visitor("clerk", email=person.email)


def table(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_table_with_errors_is_corrected_and_imported(journey: Journey, clerk: Visitor, tmp_path: Path):
    edition = EditionFactory(stage=Stage.APPLICATION)
    rows = [a_row(number) for number in range(1, 41)]
    wrong = [*rows[:2], {**rows[2], "district": "火星区", "fiscal_fen": "六万"}, *rows[3:]]

    with journey.step(1, "take the template"):
        clerk.open("/desk/imports/").press("Import a table")
        template = clerk.fetch(f"/desk/imports/template/{edition.year}/")
        assert template.startswith(b"PK")
        assert clerk.is_within_the_screen

    with journey.step(2, "send in a table with errors, and read them"):
        clerk.fill(file=table(tmp_path, "线下.xlsx", filled(edition, wrong))).send()
        clerk.page.locator("main .note--bad").wait_for()
        clerk.sees("财政资金（元）", "县（区）", "火星区", rows[2]["title"])
        assert clerk.is_within_the_screen
        clerk.page.screenshot(path=journey.pictures / "errors.png", full_page=True)
        report = clerk.page.locator("main a[href$='/report/']").get_attribute("href") or ""
        assert clerk.fetch(report).startswith(b"PK")
        assert not Project.objects.exists()

    with journey.step(3, "send in the corrected table and import it on a second word"):
        clerk.press("Send in the corrected table")
        clerk.fill(file=table(tmp_path, "线下改.xlsx", filled(edition, rows))).send()
        clerk.page.locator("main a[href$='/confirm/']").click()
        clerk.sees("40", edition.short_name).send()

    with journey.step(4, "watch it and see the result"):
        clerk.page.locator("main .note--good").wait_for()
        clerk.sees("40", f"{edition.year}-0001")
        assert Project.objects.count() == 40
        clerk.page.screenshot(path=journey.pictures / "done.png", full_page=True)

    with journey.step(5, "the entries wait for the formal check"):
        clerk.open(f"/desk/intake/{edition.year}-0001/").sees(rows[0]["title"], "按楼栋设议事厅。")

    with journey.step(6, "the same table again imports nothing again"):
        clerk.open("/desk/imports/new/")
        clerk.fill(file=tmp_path / "线下改.xlsx").send()
        clerk.sees("40", f"{edition.year}-0001")
        assert Project.objects.count() == 40


def test_an_edition_held_before_is_recorded_and_shown(journey: Journey, clerk: Visitor, tmp_path: Path):
    OfficeFactory()

    with journey.step(1, "record the edition"):
        clerk.open("/desk/editions/").press("Record an edition held before")
        clerk.fill(
            year=2016, name="2016年社会治理创新大赛", short_name="2016年大赛", organisers="示范市委政法委"
        ).send()
        clerk.press("Import its projects")

    with journey.step(2, "import its projects and awards"):
        edition = Edition.objects.for_list().get(year=2016)
        rows = [a_row(number, honour="十大项目" if number < 4 else "") for number in range(1, 13)]
        clerk.fill(edition=2016, file=table(tmp_path, "往届.xlsx", filled(edition, rows))).send()
        clerk.page.locator("main a[href$='/confirm/']").click()
        clerk.send()
        clerk.page.locator("main .note--good").wait_for()

    with journey.step(3, "the public sees them, on a phone too"):
        visitor = journey.visitor("public", phone=True)
        for page in ("/history/", "/editions/2016/"):
            visitor.open(page).sees("十大项目", rows[0]["title"]).sees_not("某负责人", "13800000001")
            assert visitor.is_within_the_screen
