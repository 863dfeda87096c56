"""Nothing typed is ever lost: a killed tab, a lost sign-in, a dead server, two tabs, the deadline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from playwright.sync_api import Browser, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError

from accounts.enums import Role, ScopeKind
from config.play.cast import person
from contest.actions import set_timetable
from contest.enums import Period, Stage
from contest.models import Edition, Event
from kit import clock
from projects.models import Project
from tests import world
from tests.factories.accounts import UserFactory, give_role
from tests.factories.contest import EditionFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory
from tests.journeys.steps import PASSWORD, Journey, Visitor
from tests.portal import Portal, eventually

pytestmark = pytest.mark.journey

ADDRESS = f"org01@{world.DOMAIN}"
FIRST = "按楼栋设议事厅，把分歧谈成约定。"
SECOND = "改：按楼栋设议事厅，由居民轮值主持。"


@pytest.fixture
def journey(portal: Portal, browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    portal.start_web()
    found = Journey(browser, portal, tmp_path)
    yield found
    found.close()


@pytest.fixture
def edition(portal: Portal) -> Edition:
    return EditionFactory(rules={"stamp_required": False})


@pytest.fixture
def draft(portal: Portal) -> Project:
    """A draft whose owner knows the password."""
    owner = person(ADDRESS, "申报人01", password=PASSWORD)
    edition = EditionFactory(stage=Stage.APPLICATION)
    return ProjectFactory(edition=edition, organisation=OrganisationFactory(owner=owner), complete=False)


@pytest.fixture
def writer(draft: Project, journey: Journey) -> Visitor:
    """The owner at the page of the summary."""
    visitor = journey.visitor("writer", email=ADDRESS)
    at_work(visitor, draft)
    return visitor


def place(draft: Project) -> str:
    return f"/apply/projects/{draft.code}/description/"


def at_work(visitor: Visitor, draft: Project) -> Visitor:
    visitor.open(place(draft))
    ready(visitor.page)
    return visitor


def ready(page: Page) -> None:
    """Script has taken hold of the form."""
    expect(page.locator("[data-autosave][data-ready]")).to_have_count(1)


def saved(draft: Project) -> Project:
    return Project.objects.get(pk=draft.pk)


def comes_to(visitor: Visitor, state: str) -> None:
    expect(visitor.page.locator(f"[data-save-status][data-state={state}]")).to_have_count(1)


def kept(visitor: Visitor) -> int:
    """How many texts this browser keeps."""
    return int(
        visitor.page.evaluate(
            "Object.keys(localStorage).filter((key) => key.startsWith('gongzhi.kept:')).length"
        )
    )


def test_writing_is_saved_in_every_pause_and_half_a_number_is_kept(
    writer: Visitor, draft: Project, journey: Journey
):
    writer.put("summary", FIRST)
    comes_to(writer, "saved")
    expect(writer.page.locator("#saved-at")).to_contain_text(f"{clock.local(saved(draft).saved_at):%H:%M:%S}")
    assert saved(draft).summary == FIRST
    assert kept(writer) == 0

    # Whoever presses on at once waits for what is on its way.
    writer.put("background", SECOND)
    writer.press("Save and continue")
    writer.page.wait_for_url("**/needs/")
    assert saved(draft).background == SECOND

    writer.open(f"/apply/projects/{draft.code}/beneficiaries/")
    ready(writer.page)
    writer.put("direct_beneficiaries", "8百")
    expect(writer.page.locator("#state-direct_beneficiaries .place__trouble")).to_be_visible()
    assert saved(draft).unfinished == {"direct_beneficiaries": "8百"}
    writer.reload()
    ready(writer.page)
    expect(writer.page.locator("[name=direct_beneficiaries]")).to_have_value("8百")
    writer.put("direct_beneficiaries", "800")
    assert eventually(lambda: saved(draft).direct_beneficiaries == 800, 10)
    assert saved(draft).unfinished == {}
    assert journey.faults == []


def test_a_killed_tab_gives_the_text_back(writer: Visitor, draft: Project, journey: Journey):
    context = writer.page.context
    # The tab dies before anything could be sent, and without a last word.
    context.set_offline(True)
    writer.put("summary", FIRST)
    assert eventually(lambda: kept(writer) == 1, 5)
    with suppress(PlaywrightError):
        writer.page.goto("chrome://crash", timeout=5000)
    writer.page.close()
    assert saved(draft).summary == ""

    writer.page = context.new_page()
    context.set_offline(False)
    at_work(writer, draft)

    expect(writer.page.locator("[name=summary]")).to_have_value(FIRST)
    expect(writer.page.locator("[data-restored]")).to_be_visible()
    comes_to(writer, "saved")
    assert saved(draft).summary == FIRST
    assert kept(writer) == 0


def test_a_lost_sign_in_keeps_the_text_and_saves_it_afterwards(
    writer: Visitor, draft: Project, journey: Journey
):
    Session.objects.all().delete()

    with writer.refused(401):
        writer.put("summary", FIRST)
        comes_to(writer, "out")
    writer.put("background", "还在写")
    assert saved(draft).summary == ""
    assert kept(writer) == 2

    writer.page.locator("[data-sign-in]").click()
    writer.page.wait_for_url("**/accounts/login/**")
    writer.fill(login=ADDRESS, password=PASSWORD)
    writer.page.locator("form[action*='/accounts/login/'] button[type=submit]").first.click()
    writer.page.wait_for_url(f"**{place(draft)}")
    ready(writer.page)

    expect(writer.page.locator("[name=summary]")).to_have_value(FIRST)
    expect(writer.page.locator("[data-restored]")).to_be_visible()
    assert eventually(lambda: saved(draft).background == "还在写", 20)
    assert saved(draft).summary == FIRST
    assert eventually(lambda: kept(writer) == 0, 5)
    assert journey.faults == []


def test_signing_in_again_in_another_tab_is_enough(writer: Visitor, draft: Project, journey: Journey):
    Session.objects.all().delete()
    with writer.refused(401):
        writer.put("summary", FIRST)
        comes_to(writer, "out")
    first = writer.page
    writer.page = first.context.new_page()
    writer.sign_in(ADDRESS)
    writer.page.close()
    writer.page = first

    first.evaluate("window.dispatchEvent(new Event('focus'))")

    comes_to(writer, "saved")
    assert saved(draft).summary == FIRST


def test_nobody_else_sees_or_saves_what_was_typed(writer: Visitor, draft: Project, journey: Journey):
    """A shared computer: the next person opens the same application of the same organisation."""
    colleague = person(f"org02@{world.DOMAIN}", "申报人02", password=PASSWORD)
    give_role(colleague, Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, draft.organisation_id)
    Session.objects.all().delete()
    with writer.refused(401):
        writer.put("summary", FIRST)
        comes_to(writer, "out")

    writer.sign_in(colleague.email)
    at_work(writer, draft)

    expect(writer.page.locator("[name=summary]")).to_have_value("")
    expect(writer.page.locator("[data-restored]")).to_be_hidden()
    assert saved(draft).summary == ""


def test_signing_out_leaves_nothing_behind(writer: Visitor, draft: Project, journey: Journey):
    writer.put("summary", FIRST)
    writer.page.evaluate("localStorage.setItem('gongzhi.kept:x', '{}')")
    writer.page.locator("details.menu summary").last.click()
    writer.page.locator("form[data-forget] button").first.click()
    writer.page.wait_for_url(lambda url: "/apply/" not in url)

    assert saved(draft).summary == FIRST
    assert kept(writer) == 0


def test_a_server_that_dies_in_mid_save_is_asked_again(
    writer: Visitor, draft: Project, journey: Journey, superuser: Any
):
    with transaction.atomic():
        # The save has reached the database and waits for this row when the server goes.
        Project.objects.select_for_update().get(pk=draft.pk)
        writer.put("summary", FIRST)
        assert eventually(lambda: is_waiting_for_a_row(superuser))
        comes_to(writer, "saving")
        journey.portal.kill("web")
    comes_to(writer, "retry")
    assert (saved(draft).summary, kept(writer)) == ("", 1)

    journey.portal.start_web()

    arrives_once(writer, draft)


def is_waiting_for_a_row(superuser: Any) -> bool:
    return bool(
        superuser.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'active' AND wait_event_type = 'Lock'"
        )
    )


def arrives_once(writer: Visitor, draft: Project) -> None:
    """The first text is saved, by one change, and nobody is asked which of two texts is meant."""
    comes_to(writer, "saved")
    assert saved(draft).summary == FIRST
    assert Event.objects.filter(verb="project.saved").count() == 1
    expect(writer.page.locator("[data-conflict]")).to_have_count(0)
    assert eventually(lambda: kept(writer) == 0, 10)


def test_a_save_whose_answer_never_arrives_is_sent_again_and_changes_nothing(writer: Visitor, draft: Project):
    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    writer.page.route("**/save/", swallow, times=1)
    writer.put("summary", FIRST)
    comes_to(writer, "retry")
    assert saved(draft).summary == FIRST

    arrives_once(writer, draft)


def test_the_deadline_passes_in_mid_sentence(journey: Journey, edition: Edition):
    """What is typed across it is saved, the page says that it has passed, and nothing is handed in."""
    body = OrganisationFactory(owner=person(ADDRESS, "申报人01", password=PASSWORD))
    entry = ProjectFactory(edition=edition, organisation=body)
    writer = at_work(journey.visitor("writer", email=ADDRESS), entry)
    deadline = closes_in(edition, seconds=10)
    summary, late = writer.control("summary"), writer.page.locator("[data-late]")

    at_work(writer, entry)
    expect(late).to_be_hidden()
    writer.put("summary", SECOND)
    comes_to(writer, "saved")
    assert saved(entry).saved_at < deadline
    way = Visitor("second tab", writer.page.context.new_page(), journey)
    way.open(f"/apply/projects/{entry.code}/submit/")
    # Still typing while it passes.
    while clock.now() <= deadline:
        summary.press_sequentially("再", delay=150)
    summary.press_sequentially("改一句")
    typed = summary.input_value()

    expect(late).to_be_visible()
    assert eventually(lambda: saved(entry).summary == typed)
    assert saved(entry).saved_at > deadline
    assert (typed[: len(SECOND)], typed[-4:]) == (SECOND, "再改一句")
    assert kept(writer) == 0
    with way.refused(422):
        way.press("Hand in")
    way.sees(f"{clock.local(deadline):%Y-%m-%d %H:%M:%S}", typed)
    assert not entry.submissions.exists()
    assert journey.faults == []


def closes_in(edition: Edition, *, seconds: int) -> datetime:
    """A clerk moves the deadline so near; the moment it holds from."""
    planned = {period: (entry.starts_at, entry.ends_at) for period, entry in edition.periods.items()}
    ends_at = clock.now() + timedelta(seconds=seconds)
    planned[Period.APPLICATION] = (planned[Period.APPLICATION][0], ends_at)
    set_timetable(actor=UserFactory(roles=[Role.CLERK]), edition=edition, periods=planned)
    return ends_at


def test_two_tabs_in_the_same_field_show_both_texts(writer: Visitor, draft: Project, journey: Journey):
    other = second_tab(writer, draft, journey)
    writer.put("summary", FIRST)
    comes_to(writer, "saved")

    with other.refused(409):
        other.put("summary", SECOND)
        comes_to(other, "conflict")
    other.sees(FIRST)
    expect(other.page.locator("[data-conflict]")).to_contain_text(SECOND)
    assert saved(draft).summary == FIRST

    other.page.locator("[data-keep-mine]").click()
    comes_to(other, "saved")
    assert saved(draft).summary == SECOND

    with writer.refused(409):
        writer.put("summary", "第三种写法")
        comes_to(writer, "conflict")
    writer.page.locator("[data-take-theirs]").click()
    expect(writer.page.locator("[name=summary]")).to_have_value(SECOND)
    assert saved(draft).summary == SECOND
    assert kept(writer) == 0


def test_two_tabs_in_different_fields_do_not_disturb_each_other(
    writer: Visitor, draft: Project, journey: Journey
):
    other = second_tab(writer, draft, journey)
    writer.put("summary", FIRST)
    other.put("background", SECOND)
    comes_to(writer, "saved")
    comes_to(other, "saved")
    assert (saved(draft).summary, saved(draft).background) == (FIRST, SECOND)
    # Each goes on, and sends the whole form in the end: still nothing is undone.
    writer.put("summary", FIRST + SECOND)
    assert eventually(lambda: saved(draft).summary == FIRST + SECOND, 10)
    other.press("Save and continue")
    other.page.wait_for_url("**/needs/")
    assert journey.faults == []
    assert (saved(draft).summary, saved(draft).background) == (FIRST + SECOND, SECOND)


def second_tab(writer: Visitor, draft: Project, journey: Journey) -> Visitor:
    other = Visitor("second tab", writer.page.context.new_page(), journey)
    return at_work(other, draft)
