"""Editions held before the portal: recorded without a call, filled by import, shown to the public."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.models import District
from contest import actions
from contest.enums import CallStatus, Stage
from contest.models import Edition, Event
from kit import clock
from kit.errors import RuleBroken
from projects import actions as projects
from projects.enums import Origin, ProjectStatus
from projects.models import Project
from publicity.enums import StatisticKey
from publicity.models import Statistic
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory, OfficeFactory
from tests.pages import queries_of
from tests.projects.tables import a_row, filled, work

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PasswordBackend"


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


def recorded(clerk, year=2019, **changes) -> Edition:
    District.objects.get_or_create(code="first", defaults={"name": "示范一区", "order": 1})
    texts = {
        "office": OfficeFactory(),
        "name": f"示范市{year}年社会治理创新十大项目征选活动",
        "short_name": f"{year}年征选",
        "organisers": "示范市委政法委",
    }
    return actions.record_past_edition(actor=clerk, year=year, **{**texts, **changes})


def with_projects(clerk, edition, rows) -> None:
    table = io.BytesIO(filled(edition, rows))
    batch = projects.receive_import(actor=clerk, edition=edition, file=table, name="往届.xlsx")
    work()
    projects.confirm_import(actor=clerk, batch=batch)
    work()


def test_recorded_by_the_page_and_shown_at_the_desk_and_to_the_public(client, clerk):
    client.force_login(clerk, backend=BACKEND)
    sent = client.post(
        reverse("contest:past_edition"),
        {
            "year": 2019,
            "office": OfficeFactory().pk,
            "name": "2019年社会治理创新大赛",
            "short_name": "2019年大赛",
            "organisers": "示范市委政法委",
        },
    )

    edition = Edition.objects.get(year=2019)
    assert sent.url == reverse("contest:desk_edition", args=[2019])
    assert (edition.stage, edition.call_status, edition.is_published) == (
        Stage.ARCHIVED,
        CallStatus.PAST,
        False,
    )
    desk = client.get(sent.url).content.decode()
    assert reverse("projects:import_new") in desk
    assert reverse("contest:desk_timetable", args=[2019]) not in desk
    client.logout()
    public = client.get(edition.get_absolute_url())
    assert public.status_code == 200
    assert reverse("publicity:rules", args=[2019]) not in public.content.decode()
    assert Event.objects.filter(verb="edition.recorded", object_id=edition.pk).count() == 1


def test_only_the_clerk_records_and_only_what_has_been(clerk):
    EditionFactory(year=2026)
    with pytest.raises(PermissionDenied):
        recorded(UserFactory(roles=[Role.APPROVER]))

    for year, code in ((2026, "year_taken"), (2012, "year_absurd"), (clock.today().year + 1, "year_absurd")):
        with pytest.raises(RuleBroken) as refused:
            recorded(clerk, year)
        assert refused.value.code == code
    assert recorded(clerk, 2014).year == 2014


def test_nothing_of_a_running_edition_can_be_done_with_it(clerk):
    """No call, no timetable, no stage: there is no way back from the archive."""
    edition = recorded(clerk)
    approver = UserFactory(roles=[Role.APPROVER])
    moment = clock.now()

    for act in (
        lambda: actions.propose_call(actor=clerk, edition=edition),
        lambda: actions.sign_call(actor=approver, edition=edition),
        lambda: actions.set_timetable(
            actor=clerk, edition=edition, periods={"application": (moment, moment)}
        ),
        lambda: actions.advance(actor=clerk, edition=edition, target=Stage.APPLICATION),
        lambda: actions.propose_amendment(actor=clerk, edition=edition, document={}, reason="x"),
    ):
        with pytest.raises(RuleBroken):
            act()
    with pytest.raises(PermissionDenied):
        actions.update_edition(actor=clerk, edition=edition, name="别的名字")


def test_the_database_keeps_it_archived(clerk):
    edition = recorded(clerk)

    with pytest.raises(IntegrityError, match="edition_past_is_archived"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(stage=Stage.APPLICATION)


def test_a_recorded_edition_is_not_taken_for_the_present_one(client, clerk):
    running = EditionFactory(year=2025, stage=Stage.APPLICATION)
    recorded(clerk, 2026)

    assert client.get(reverse("publicity:home")).context["edition"] == running


def test_imported_projects_and_awards_are_public(client, clerk):
    edition = recorded(clerk)
    rows = [
        a_row(1, title="楼栋议事厅", honour="十大项目"),
        a_row(2, title="渔村说事角", honour="优秀项目"),
        a_row(3, title="出租屋门牌"),
        a_row(4, title="没有受理的", is_accepted="未受理"),
        {**a_row(5, title="只有名字的"), **dict.fromkeys(("town", "village", "summary", "lead_name"), "")},
    ]
    with_projects(clerk, edition, rows)

    states = dict(Project.objects.values_list("title", "status"))
    assert states["没有受理的"] == ProjectStatus.REFUSED
    assert states["楼栋议事厅"] == ProjectStatus.ACCEPTED
    assert set(Project.objects.values_list("origin", flat=True)) == {Origin.HISTORY}
    for page in (reverse("publicity:history"), edition.get_absolute_url()):
        shown = client.get(page).content.decode()
        assert "楼栋议事厅" in shown
        assert "十大项目" in shown
        assert "没有受理的" not in shown
        assert "某负责人" not in shown
    library = client.get(reverse("publicity:project_list"), {"edition": 2019})
    assert {project.title for project in library.context["projects"]} == set(states) - {"没有受理的"}
    ten = client.get(reverse("publicity:project_list"), {"award": "top_ten"})
    assert [project.title for project in ten.context["projects"]] == ["楼栋议事厅"]
    none = client.get(reverse("publicity:project_list"), {"award": "none"})
    assert {project.title for project in none.context["projects"]} == {"出租屋门牌", "只有名字的"}
    for project in Project.objects.accepted():
        page = client.get(reverse("publicity:project_detail", args=[project.code]))
        assert page.status_code == 200
        assert "13800000001" not in page.content.decode()


def test_figures_of_years_that_are_there_are_counted_not_quoted(client, clerk):
    for key, first, last in (
        (StatisticKey.ENTRIES, 2019, 2019),
        (StatisticKey.ENTRIES, 2013, 2020),
        (StatisticKey.LEVERAGED, 2019, 2019),
    ):
        Statistic.objects.create(
            key=key, first_year=first, last_year=last, value=700, source="来源", as_of=date(2021, 1, 1)
        )
    with_projects(clerk, recorded(clerk), [a_row(1), a_row(2, is_accepted="未受理")])

    page = client.get(reverse("publicity:history"))

    kept = {(row.key, row.first_year) for row in page.context["rows"]}
    assert kept == {(StatisticKey.ENTRIES, 2013), (StatisticKey.LEVERAGED, 2019)}
    assert [edition.entry_count for edition in page.context["editions"]] == [2]


def test_history_and_edition_cost_the_same_for_one_and_thirty_projects(client, clerk):
    edition = recorded(clerk)
    with_projects(clerk, edition, [a_row(1, honour="优秀项目")])
    pages = [reverse("publicity:history"), edition.get_absolute_url()]
    costs = [queries_of(client, page) for page in pages]
    with_projects(clerk, edition, [a_row(number, honour="优秀项目") for number in range(2, 32)])

    assert [queries_of(client, page) for page in pages] == costs
