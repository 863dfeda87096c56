"""The sections of an application as pages: what they ask, offer and check while one types."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kit.text import count_chars
from projects.actions import save_section
from projects.enums import Section
from projects.forms import section_form
from projects.models import Project
from projects.queries import budget_checks
from projects.sections import BY_SECTION, PARTS
from tests.factories.projects import ProjectFactory, line, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return ProjectFactory(complete=False)


@pytest.fixture
def own(project, client: Client) -> Client:
    client.force_login(owner_of(project.organisation))
    return client


def address(project: Project, section: Section) -> str:
    return reverse("projects:project_section", args=[project.code, section.value])


def typed(project: Project, section: Section, **values: object) -> dict[str, object]:
    """A section as the browser sends it with nothing but these values in it."""
    tables = {
        f"{table.name}-{name}": 0
        for table in BY_SECTION[section].tables
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return {"version": project.version, **tables, **values}


@pytest.mark.parametrize("part", [part for part in PARTS if part.section != Section.ATTACHMENTS])
def test_a_section_asks_for_each_of_its_fields(own, project, part):
    page = own.get(address(project, part.section)).content.decode()
    for name in part.fields:
        assert f'name="{name}"' in page or f'name="{name}_' in page, name
    for table in part.tables:
        assert f'name="{table.name}-TOTAL_FORMS"' in page
        assert f'name="add_row" value="{table.name}"' in page


def test_long_texts_are_counted_alike_on_both_sides(project):
    """The counter in the browser is told the limit by which the server judges."""
    form = section_form(BY_SECTION[Section.QUALITIES])(instance=project, part=BY_SECTION[Section.QUALITIES])
    assert form.fields["innovation"].widget.attrs["data-max-chars"] == 300


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("字" * 300, True),
        ("字" * 301, False),
        ("字" * 299 + " innovation", True),  # one Latin word counts as one
        ("\r\n".join("字" * 100 for _n in range(3)), True),  # line ends count nothing
        ("。" * 301, False),
    ],
)
def test_a_long_text_is_judged_in_characters(project, text, fits):
    part = BY_SECTION[Section.QUALITIES]
    form = section_form(part)({"version": project.version, "innovation": text}, instance=project, part=part)
    assert form.is_valid() is fits
    assert (count_chars(text) <= 300) is fits


def test_an_endless_word_is_refused_all_the_same(project):
    part = BY_SECTION[Section.QUALITIES]
    data = {"version": project.version, "innovation": "a" * 2401}
    assert not section_form(part)(data, instance=project, part=part).is_valid()


def test_head_counts_are_kept_by_group_and_named_when_wrong(own, project):
    values = {"group_counts_residents": "800", "group_counts_elderly": " 120 ", "group_counts_women": ""}
    own.post(address(project, Section.BENEFICIARIES), typed(project, Section.BENEFICIARIES, **values))
    project.refresh_from_db()
    assert (project.group_counts, project.groups) == (
        {"residents": 800, "elderly": 120},
        ["elderly", "residents"],
    )
    bad = typed(project, Section.BENEFICIARIES, group_counts_elderly="许多")
    answer = own.post(address(project, Section.BENEFICIARIES), bad)
    assert answer.status_code == 422
    assert "老年人" in answer.content.decode().split("invalid-feedback")[1][:200]


def test_sensitive_groups_are_named_beside_the_numbers(own, project):
    page = own.get(address(project, Section.BENEFICIARIES)).content.decode()
    note = page.split('class="counts__note"')[1].split("</p>")[0]
    assert "吸毒人员（社区康复）" in note
    assert "残疾人" in note
    assert "居民" not in note


def test_answers_can_be_chosen_and_a_project_for_profit_is_told_at_once(own, project):
    url = address(project, Section.BENEFICIARIES)
    own.post(url, typed(project, Section.BENEFICIARIES, fees="for_profit", stay="1"))
    project.refresh_from_db()
    assert project.fees == "for_profit"
    page = own.get(url, headers={"Accept-Language": "en"}).content.decode()
    assert 'type="radio" name="fees" value="for_profit"' in page
    assert "charges its beneficiaries for profit cannot be entered" in page


@pytest.mark.parametrize("month", ["2026-09", "2026/9", "2026年9月", "2026-09-17"])
def test_a_month_is_understood_as_people_write_it(own, project, month):
    values = {
        "milestones-TOTAL_FORMS": 1,
        "milestones-0-month": month,
        "milestones-0-content": "启动",
    }
    own.post(address(project, Section.PLAN), typed(project, Section.PLAN, **values))
    assert [f"{step.month:%Y-%m-%d}" for step in project.milestones.all()] == ["2026-09-01"]


# The budget and the rules


def checks_of(project: Project, *lines: dict[str, object]) -> dict[str, bool]:
    save_section(
        actor=owner_of(project.organisation),
        project=project,
        section=Section.BUDGET,
        version=project.version,
        tables={"budget_lines": list(lines)},
    )
    project.refresh_from_db()
    return {answer.check.name: answer.passed for answer in budget_checks(project).answers}


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([line(60_000, 40_000)], set()),
        ([line(40_000, 60_000)], {"SHARE"}),
        ([line(200_001)], {"CEILING"}),
        ([line(80_000), line(20_000, heading="management")], {"CAPS"}),
        ([line(80_000, item="公务接待")], {"SPENDING"}),
        ([line(0, 500)], {"BUDGET", "SHARE"}),
    ],
)
def test_a_budget_is_held_against_the_rules(project, lines, wrong):
    answers = checks_of(project, *lines)
    assert {name for name, passed in answers.items() if not passed} == wrong
    assert len(answers) == 5


def test_nothing_is_asked_of_a_budget_without_lines(project):
    assert budget_checks(project).answers == []


def test_a_heading_shows_what_it_has_and_what_it_may_have(project):
    checks_of(project, line(80_000), line(20_000, heading="management"))
    rows = {
        row.heading.key: (row.spent_fen, row.cap_fen, row.is_over) for row in budget_checks(project).headings
    }
    assert rows["management"] == (2_000_000, 1_000_000, True)
    assert rows["publicity"] == (0, 800_000, False)
    assert rows["activities"] == (8_000_000, None, False)
    assert "materials" not in rows


@pytest.mark.parametrize("spent", [9_999, 10_000, 10_001])
def test_a_heading_is_over_its_cap_exactly_when_the_budget_is(project, spent):
    answers = checks_of(project, line(100_000 - spent), line(spent, heading="management"))
    management = next(row for row in budget_checks(project).headings if row.heading.key == "management")
    assert management.heading.cap_percent == 10
    assert management.is_over is not answers["CAPS"]


def budget_row(**values: object) -> dict[str, object]:
    row = {
        "heading": "activities",
        "item": "活动",
        "unit_price_fen": "100",
        "quantity": "2",
        "fiscal_fen": "200",
    }
    return {f"budget_lines-0-{name}": value for name, value in {**row, **values}.items()}


def test_the_page_shows_the_checks_as_typed_even_if_they_cannot_be_saved(own, project):
    url = address(project, Section.BUDGET)
    assert 'id="budget-checks"' in own.get(url).content.decode()
    rows = {**budget_row(item="公务接待", social_fen="5"), "budget_lines-TOTAL_FORMS": 1}
    answer = own.post(url, typed(project, Section.BUDGET, **rows))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not project.budget_lines.exists()
    assert page.count("budget-checks__item--bad") == 2  # adds up, forbidden word
    assert "公务接待" in page


def test_a_save_while_typing_brings_the_checks_along(own, project):
    url = reverse("projects:project_autosave", args=[project.code, "budget"])
    page = own.get(address(project, Section.BUDGET))
    data = typed(project, Section.BUDGET, **budget_row(), **{"budget_lines-TOTAL_FORMS": 1})
    answer = own.post(url, {**data, "place": "budget_lines", "tab": "t1", "person": page.context["person"]})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'id="budget-checks" class="budget-checks" hx-swap-oob="true"' in text
    assert project.budget_lines.count() == 1
