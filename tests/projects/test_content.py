"""An application as it is frozen, blinded, printed and compared with another version of itself."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest

from kit import clock
from kit.hashing import canonical
from projects import actions
from projects.content import (
    core,
    core_fingerprint,
    differences,
    sections,
    snapshot,
    with_masked_phones,
    without_identity,
)
from projects.content.show import NAMED
from projects.enums import AttachmentKind, Section
from projects.models import AnnualCheck, Organisation, Project
from projects.sections import CODED, PARTS, TABLES
from tests.factories.projects import PDF, ProjectFactory, line, owner_of

pytestmark = pytest.mark.django_db


EVERYTHING: dict[Section, dict[str, Any]] = {
    Section.BASIC: {
        "title": "楼栋议事厅",
        "field": "community_autonomy",
        "governances": ["autonomy", "legal"],
        "natures": ["help", "promote"],
        "starts_on": date(2026, 7, 1),
        "ends_on": date(2027, 6, 30),
        "recommended_by": "示范街道办事处",
    },
    Section.BENEFICIARIES: {
        "group_counts": {"residents": 800, "elderly": 120},
        "direct_beneficiaries": 900,
        "indirect_beneficiaries": 2700,
        "fees": "at_cost",
        "fee_note": "材料工本费",
        "public_benefit_pledged": True,
    },
    Section.DESCRIPTION: {"summary": "概述文字", "background": "背景文字", "publicity_plan": "宣传文字"},
    Section.NEEDS: {"needs": "需求文字", "problem": "问题文字", "goals": "目标文字", "results": "成效文字"},
    Section.PLAN: {
        "plan": "计划文字",
        "tables": {
            "milestones": [
                {"month": date(2026, 7, 1), "content": "启动", "output": "台账", "in_charge": "甲某"},
                {"month": date(2027, 5, 1), "content": "总结", "output": "报告", "in_charge": "乙某"},
            ]
        },
    },
    Section.QUALITIES: {
        "innovation": "创新文字",
        "spreadability": "推广文字",
        "durability": "长效文字",
        "demonstration": "示范文字",
        "risks": "风险文字",
        "sustainability": "持续文字",
    },
    Section.TEAM: {
        "lead_name": "甲某",
        "lead_phone": "13800001234",
        "participants": {"lawyers": 2, "volunteers": 30},
        "experience": "经验文字",
        "tables": {
            "team": [
                {
                    "name": "丙某",
                    "role": "lawyers",
                    "education": "本科法学",
                    "qualification": "律师",
                    "duty": "调解",
                    "commitment": "每周两天",
                    "phone": "13900005678",
                }
            ]
        },
    },
    Section.PARTNERS: {
        "other_funding": "social",
        "other_funding_note": "某企业三万元",
        "tables": {
            "partners": [
                {
                    "name": "示范物业公司",
                    "code": "91441302DEM000081M",
                    "gives": ["venue", "money"],
                    "value_fen": 300_000,
                    "note": "议事场地",
                }
            ]
        },
    },
    Section.BUDGET: {"tables": {"budget_lines": [line(1000, 200), line(300, item="海报", basis="三百张")]}},
}


def everything(section: Section, district: Any) -> dict[str, Any]:
    """What is saved in a section so that none of its fields and tables stays empty."""
    if section != Section.BASIC:
        return EVERYTHING[section]
    place = {"district": district, "town": "示范街道", "village": "示范社区", "note": "议事厅"}
    return {**EVERYTHING[section], "district": district, "tables": {"places": [place]}}


@pytest.fixture
def project() -> Project:
    """An application in which every field and table says something."""
    project = ProjectFactory(complete=False)
    return save(project, *EVERYTHING)


def save(project: Project, *sections: Section, **fields: Any) -> Project:
    for section in sections:
        saved = fields or everything(section, project.district)
        project = actions.save_section(
            actor=owner_of(project.organisation),
            project=project,
            section=section,
            version=project.version,
            **saved,
        )
    return Project.objects.for_list().get(pk=project.pk)


def attach(project: Project, kind: AttachmentKind, name: str, data: bytes = PDF) -> None:
    actions.add_attachment(
        actor=owner_of(project.organisation),
        project=project,
        kind=kind,
        stream=BytesIO(data),
        name=name,
    )


def version_of(project: Project, number: int = 1) -> dict[str, Any]:
    project = Project.objects.for_list().get(pk=project.pk)
    return snapshot(project, version=number, submitted_at=clock.now())


def text_of(content: dict[str, Any]) -> str:
    """All a reader is shown of a version."""
    shown = [
        [str(label), str(value)]
        for part in sections(content)
        for label, value in (*part["facts"], *part["texts"])
    ]
    return str([shown, [part["tables"] for part in sections(content)]])


def test_every_field_and_table_is_filled_in_here(project):
    empty = [
        name
        for part in PARTS
        for name in part.names
        if not (getattr(project, name).all() if name in TABLES else getattr(project, name))
    ]
    assert empty == []


def test_a_version_keeps_and_shows_every_field(project):
    content = version_of(project)
    assert set(content["application"]) == {name for part in PARTS for name in part.fields}
    assert canonical(content)
    shown = text_of(content)
    for section, fields in EVERYTHING.items():
        for name, value in fields.items():
            if isinstance(value, str) and name not in (*CODED, *NAMED):
                assert value in shown, (section, name)
    for words in (
        "社区自治共治",
        "自治强基",
        "帮助、促进",
        "居民 800、老年人 120",
        "律师 2、志愿者 30",
        "2026-07-01",
        "示范街道",
        "总结",
        "每周两天",
        "示范物业公司",
        "3,000.00",
    ):
        assert words in shown, words


def test_the_parts_of_a_version_stand_in_the_order_of_the_form(project):
    keys = [part["key"] for part in sections(version_of(project))]
    assert keys == [
        "organisation",
        *(part.section for part in PARTS if part.section not in (Section.BUDGET, Section.ATTACHMENTS)),
    ]


def test_the_organisation_is_kept_as_its_file_stood(project):
    Organisation.objects.filter(pk=project.organisation_id).update(
        registered_on=date(2015, 6, 1),
        assessment_level="4A",
        staff_count=9,
        pays_insurance=True,
        won_before=False,
    )
    AnnualCheck.objects.create(organisation=project.organisation, year=2025, conclusion="passed")
    organisation = version_of(project)["organisation"]
    assert (organisation["registered_on"], organisation["assessment_name"]) == ("2015-06-01", "4A")
    assert (organisation["staff_count"], organisation["pays_insurance"]) == (9, True)
    assert organisation["won_before"] is False
    assert [check["year"] for check in organisation["annual_checks"]] == [2025]


def test_a_stamp_holds_until_something_that_was_printed_changes(project):
    before = core_fingerprint(project)
    attach(project, AttachmentKind.STAMPED, "盖章.pdf")
    project = Project.objects.for_list().get(pk=project.pk)
    with clock.frozen(clock.now() + timedelta(hours=5)):
        assert core_fingerprint(project) == before
    assert "version" not in core(project)
    changes = (
        lambda: save(project, Section.DESCRIPTION, summary="另一段概述"),
        lambda: save(project, Section.BASIC, tables={"places": []}),
        lambda: save(project, Section.PARTNERS, tables={"partners": [{"name": "另一家"}]}),
        lambda: attach(project, AttachmentKind.AWARD, "证书.pdf"),
        lambda: Organisation.objects.filter(pk=project.organisation_id).update(address="别处"),
    )
    for change in changes:
        change()
        project = Project.objects.for_list().get(pk=project.pk)
        assert core_fingerprint(project) != before
        before = core_fingerprint(project)


def test_two_versions_alike_differ_in_nothing(project):
    assert differences(version_of(project), version_of(project, 2)) == []


def test_versions_are_compared_field_by_field(project):
    attach(project, AttachmentKind.AWARD, "证书.pdf")
    before = version_of(project)
    save(project, Section.DESCRIPTION, summary="另一段概述")
    save(project, Section.BENEFICIARIES, group_counts={"residents": 700})
    save(project, Section.PARTNERS, other_funding="none", other_funding_note="")
    attach(project, AttachmentKind.OTHER, "说明.pdf")
    found = {one.place: (one.before, one.after) for one in differences(before, version_of(project, 2))}
    assert found.pop("attachment:other")[0] == ""
    assert found == {
        "summary": ("概述文字", "另一段概述"),
        "group_counts": ("居民 800、老年人 120", "居民 700"),
        "other_funding": (before["names"]["other_funding"], version_of(project)["names"]["other_funding"]),
        "other_funding_note": ("某企业三万元", ""),
    }


def test_tables_are_compared_line_by_line(project):
    before = version_of(project)
    steps = EVERYTHING[Section.PLAN]["tables"]["milestones"]
    new = {"month": date(2026, 9, 1), "content": "开展"}
    save(project, Section.PLAN, tables={"milestones": [steps[0], new, {**steps[1], "output": "规范"}]})
    save(project, Section.BUDGET, tables={"budget_lines": [line(1000, 200)]})
    found = differences(before, version_of(project, 2))
    assert [(one.place, bool(one.before), bool(one.after)) for one in found] == [
        ("milestones", True, True),
        ("milestones", False, True),
        ("budget_lines", True, False),
    ]
    assert found[1].after == "2027-05，总结，规范，乙某"
    assert "海报（三百张）" in found[2].before


def test_the_same_name_may_be_another_file(project):
    attach(project, AttachmentKind.AWARD, "证书.pdf")
    before = version_of(project)
    after = {**before, "attachments": [{**before["attachments"][0], "sha256": "0" * 64}]}
    (found,) = differences(before, after)
    assert (found.place, found.after) == ("attachment:award", "证书.pdf（00000000）")


def test_a_blind_version_names_nobody(project):
    content = version_of(project)
    names = [
        "甲某",
        "乙某",
        "丙某",
        "示范物业公司",
        "91441302DEM000081M",
        "13800001234",
        "13900005678",
        project.organisation.name,
        project.organisation.code,
        "示范街道办事处",
    ]
    assert all(name in text_of(content) for name in names)
    blind = without_identity(content)
    assert [name for name in names if name in str(blind)] == []
    assert "议事场地" in text_of(blind)
    assert blind["partners"][0]["gives"] == ["venue", "money"]


def test_phones_are_masked_for_readers_who_need_not_ring(project):
    masked = text_of(with_masked_phones(version_of(project)))
    assert "138****1234" in masked
    assert "139****5678" in masked
    assert "13800001234" not in masked
    assert "contact@example.org" not in masked


def test_a_version_of_before_has_no_tables_and_is_shown_all_the_same(project):
    """Versions are frozen: what later forms ask is not in them."""
    content = version_of(project)
    older = {key: value for key, value in content.items() if key not in ("places", "milestones", "partners")}
    older["names"] = {"field": "社区自治共治", "governances": [], "groups": ["居民"], "district": "示范区"}
    older["organisation"] = {
        key: content["organisation"][key] for key in ("code", "name", "kind_name", "district", "introduction")
    }
    assert "社区自治共治" in text_of(older)
    assert differences(older, older) == []
