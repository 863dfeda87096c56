"""The tables of an application: rows are added, taken out, judged beside the cell, never lost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from projects.enums import Section
from projects.models import Project
from projects.sections import BY_SECTION, PARTS
from tests.factories.projects import ProjectFactory, owner_of

pytestmark = pytest.mark.django_db

TABLES = [(part.section, table) for part in PARTS for table in part.tables]


@pytest.fixture
def project() -> Project:
    return ProjectFactory(complete=False)


@pytest.fixture
def own(project, client):
    client.force_login(owner_of(project.organisation))
    return client


def address(project: Project, section: Section) -> str:
    return reverse("projects:project_section", args=[project.code, section.value])


def sent(
    project: Project, section: Section, table: str, *rows: dict[str, object], **more: object
) -> dict[str, object]:
    data: dict[str, object] = {"version": project.version, "title": project.title, **more}
    for other in BY_SECTION[section].tables:
        data |= {f"{other.name}-TOTAL_FORMS": 0, f"{other.name}-INITIAL_FORMS": 0}
    data[f"{table}-TOTAL_FORMS"] = len(rows)
    for number, row in enumerate(rows):
        data |= {f"{table}-{number}-{name}": value for name, value in row.items()}
    return data


@pytest.mark.parametrize(("section", "table"), TABLES)
def test_a_row_is_added_without_script_and_nothing_is_lost_or_saved(own, project, section, table):
    name = next(field for field in table.fields if field not in ("district", "month", "heading"))
    rows = [{name: "写了一半"}, {}]
    answer = own.post(
        address(project, section), sent(project, section, table.name, *rows, add_row=table.name)
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.context["form"].tables[table.name].total_form_count() == 3
    assert f'name="{table.name}-TOTAL_FORMS" value="3"' in page
    assert 'value="写了一半"' in page
    assert "invalid-feedback" not in page
    fresh = Project.objects.get(pk=project.pk)
    assert (fresh.version, fresh.unfinished) == (project.version, {})


def test_adding_a_row_keeps_the_fields_above_the_table(own, project):
    data = sent(project, Section.PLAN, "milestones", {}, plan="先摸底", add_row="milestones")
    assert "先摸底" in own.post(address(project, Section.PLAN), data).content.decode()


def test_there_is_an_end_to_adding_rows(own, project):
    most = BY_SECTION[Section.PARTNERS].tables[0].most
    data = sent(project, Section.PARTNERS, "partners", *[{}] * (most + 1), add_row="partners")
    rows = own.post(address(project, Section.PARTNERS), data).context["form"].tables["partners"]
    assert rows.total_form_count() == most + 1


def test_a_row_that_is_not_of_this_section_is_not_added(own, project):
    data = sent(project, Section.PLAN, "milestones", plan="先摸底", add_row="partners")
    assert own.post(address(project, Section.PLAN), data).status_code == 302
    project.refresh_from_db()
    assert project.plan == "先摸底"


def test_a_table_comes_back_as_it_was_typed(own, project):
    values = {
        "name": "甲某",
        "role": "lawyers",
        "education": "本科法学",
        "qualification": "律师",
        "duty": "调解",
        "commitment": "每周两天",
        "phone": "13900005678",
    }
    own.post(address(project, Section.TEAM), sent(project, Section.TEAM, "team", values))
    member = project.team.get()
    assert {name: getattr(member, name) for name in values} == values
    page = own.get(address(project, Section.TEAM)).content.decode()
    for value in values.values():
        assert f'value="{value}"' in page


def test_a_partner_says_what_it_gives(own, project):
    row = {
        "name": "示范物业公司",
        "code": "91441302dem000081m",
        "gives": ["money", "venue"],
        "value_fen": "3,000",
    }
    own.post(address(project, Section.PARTNERS), sent(project, Section.PARTNERS, "partners", row))
    partner = project.partners.get()
    assert (partner.code, partner.gives, partner.value_fen) == (
        "91441302DEM000081M",
        ["money", "venue"],
        300_000,
    )


def test_a_row_is_taken_out(own, project):
    steps = [
        {"month": "2026-07", "content": "启动"},
        {"month": "2026-08", "content": "开展"},
    ]
    own.post(address(project, Section.PLAN), sent(project, Section.PLAN, "milestones", *steps))
    project.refresh_from_db()
    steps[0]["DELETE"] = "on"
    own.post(address(project, Section.PLAN), sent(project, Section.PLAN, "milestones", *steps))
    assert [step.content for step in project.milestones.all()] == ["开展"]


def test_what_is_wrong_stands_beside_its_cell(own, project):
    rows = [{"month": "2026-07", "content": "启动"}, {"month": "何时", "content": ""}]
    answer = own.post(address(project, Section.PLAN), sent(project, Section.PLAN, "milestones", *rows))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_milestones-1-month_error"' in page
    assert 'id="id_milestones-0-month_error"' not in page
    assert 'value="何时"' in page


def test_a_code_that_is_none_is_refused_beside_it(own, project):
    row = {"name": "示范物业公司", "code": "91441302DEM0000810"}
    answer = own.post(address(project, Section.PARTNERS), sent(project, Section.PARTNERS, "partners", row))
    assert 'id="id_partners-0-code_error"' in answer.content.decode()
    assert not project.partners.exists()
