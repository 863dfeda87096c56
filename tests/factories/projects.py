"""Organisations and applications of the tests, made by the same actions as in the portal."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import factory
from pypdf import PdfWriter
from stdnum.cn import uscc

from accounts.enums import Role
from accounts.models import User
from kit import clock
from projects import actions
from projects.enums import AttachmentKind, Outcome, ProjectStatus, Section
from projects.models import Organisation, Project, SignOff
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory


def blank_pdf() -> bytes:
    """A PDF of one empty page."""
    writer, stream = PdfWriter(), BytesIO()
    writer.add_blank_page(width=72, height=72)
    writer.write(stream)
    return stream.getvalue()


PDF = blank_pdf()

FIELDS: dict[Section, dict[str, Any]] = {
    Section.BASIC: {
        "field": "community_autonomy",
        "governances": ["autonomy"],
        "starts_on": date(2026, 7, 1),
        "ends_on": date(2027, 6, 30),
    },
    Section.BENEFICIARIES: {
        "group_counts": {"residents": 800},
        "direct_beneficiaries": 800,
        "fees": "none",
        "public_benefit_pledged": True,
    },
    Section.DESCRIPTION: {
        "summary": "按楼栋设议事厅，把分歧谈成约定。",
        "background": "老旧小区议事难。",
    },
    Section.NEEDS: {
        "needs": "走访三百户，八成希望有地方议事。",
        "problem": "停车与公共维修的分歧。",
        "goals": "一年议成二十件事。",
        "results": "满意度九成。",
    },
    Section.QUALITIES: {
        "innovation": "按楼栋议事。",
        "spreadability": "不需要场地。",
        "durability": "居民轮值。",
        "demonstration": "已有三个小区来学。",
        "risks": "意见不合时由社区主持。",
    },
    Section.PLAN: {
        "plan": "七月启动，次年六月总结。",
        "tables": {"milestones": [{"month": date(2026, 7, 1), "content": "启动议事厅"}]},
    },
    Section.TEAM: {
        "lead_name": "某负责人",
        "lead_phone": "13800000001",
        "participants": {"social_workers": 3, "volunteers": 12},
    },
    Section.PARTNERS: {"other_funding": "none"},
}


def code_number(number: int, prefix: str = "52") -> str:
    """A made-up credit code whose last character is right."""
    body = f"{prefix}441300DEM{number:05}0"
    return body + uscc.calc_check_digit(body)


class OrganisationFactory(factory.django.DjangoModelFactory):
    """Registered by ``owner``, a person who then holds its owner role."""

    class Meta:
        model = Organisation

    owner = factory.SubFactory(UserFactory)
    code = factory.Sequence(code_number)
    name = factory.Sequence(lambda n: f"示范市第{n}社会工作服务中心")
    kind = "private_nonprofit"
    district = factory.SubFactory(DistrictFactory)
    registered_on = date(2015, 6, 1)
    legal_representative = "某法人"
    contact_name = "某联系人"
    contact_phone = "07520000001"
    contact_email = "contact@example.org"

    @classmethod
    def _create(cls, model_class: type[Organisation], *args: Any, **kwargs: Any) -> Organisation:
        owner = kwargs.pop("owner")
        organisation = actions.register_organisation(actor=owner, **kwargs)
        owner.forget_grants()
        return organisation


def owner_of(organisation: Organisation) -> User:
    owner = organisation.registered_by
    assert owner is not None
    return owner


def line(fiscal_yuan: int, social_yuan: int = 0, **changes: Any) -> dict[str, Any]:
    """A budget line of one piece."""
    total = (fiscal_yuan + social_yuan) * 100
    return {
        "heading": "activities",
        "item": "议事活动",
        "unit": "场",
        "unit_price_fen": total,
        "quantity": 1,
        "fiscal_fen": fiscal_yuan * 100,
        "social_fen": social_yuan * 100,
        "own_fen": 0,
        **changes,
    }


def complete(project: Project, *, lines: list[dict[str, Any]] | None = None) -> Project:
    """Fill in everything that is needed to hand the application in."""
    owner = owner_of(project.organisation)
    for section, fields in FIELDS.items():
        project = actions.save_section(
            actor=owner, project=project, section=section, version=project.version, **fields
        )
    project = actions.save_section(
        actor=owner,
        project=project,
        section=Section.BASIC,
        version=project.version,
        tables={"places": [{"district": project.district, "town": "示范街道", "village": "一社区"}]},
    )
    project = actions.save_section(
        actor=owner,
        project=project,
        section=Section.BUDGET,
        version=project.version,
        tables={"budget_lines": lines or [line(60_000, 40_000)]},
    )
    for kind in (AttachmentKind.COMMITMENT, AttachmentKind.CERTIFICATE):
        actions.add_attachment(
            actor=owner, project=project, kind=kind, stream=BytesIO(PDF), name=f"{kind}.pdf"
        )
    return Project.objects.for_list().get(pk=project.pk)


def stamp(project: Project) -> SignOff | None:
    """Print the application, upload a scan of it and sign that off; nothing where no stamp is asked
    for or where nothing has changed since."""
    owner = owner_of(project.organisation)
    if not project.edition.rules.stamp_required:
        return None
    print_out = actions.print_application(actor=owner, project=project)
    if signed := SignOff.objects.filter(print_out=print_out).first():
        return signed
    scan = actions.add_attachment(
        actor=owner, project=project, kind=AttachmentKind.STAMPED, stream=BytesIO(PDF), name="盖章页.pdf"
    )
    return actions.sign_off(actor=owner, project=project, print_out=print_out.number, scan=scan.pk)


def submit(project: Project) -> Project:
    """Stamp a complete application and hand it in."""
    stamp(project)
    actions.submit_project(actor=owner_of(project.organisation), project=project, request_key=uuid.uuid4())
    return Project.objects.for_list().get(pk=project.pk)


#: What a return of the tests asks to correct, unless told otherwise.
ITEMS = tuple((place, "请核对并补充") for place in ("title", "summary", "problem", "budget_lines"))


def decide(
    project: Project,
    clerk: User,
    outcome: Outcome = Outcome.ACCEPT,
    reason: str = "",
    items: Sequence[tuple[str, str]] = ITEMS,
) -> Project:
    """Decide the formal check of a submitted application."""
    keys = [check.key for check in project.edition.rules.formal_checks]
    is_clean = outcome == Outcome.ACCEPT
    ticks = dict.fromkeys(keys, True) if is_clean else {keys[0]: False}
    actions.decide_intake(
        actor=clerk,
        project=project,
        outcome=outcome,
        ticks=ticks,
        reason=reason or ("" if is_clean else "材料不全"),
        items=items if outcome == Outcome.CORRECT else (),
    )
    return Project.objects.for_list().get(pk=project.pk)


class ProjectFactory(factory.django.DjangoModelFactory):
    """``ProjectFactory(status=ProjectStatus.ACCEPTED)``: started, filled in, handed in, decided by
    actions. Give ``edition`` to have several in one; ``complete=False`` leaves a draft empty.
    """

    class Meta:
        model = Project

    edition = factory.SubFactory(EditionFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"楼栋议事厅之{n}")
    status = ProjectStatus.DRAFT
    complete = True
    lines = None
    clerk = None

    @classmethod
    def _create(cls, model_class: type[Project], *args: Any, **kwargs: Any) -> Project:
        status, is_complete = ProjectStatus(kwargs.pop("status")), kwargs.pop("complete")
        lines, clerk = kwargs.pop("lines"), kwargs.pop("clerk")
        owner = owner_of(kwargs["organisation"])
        with clock.frozen(clock.now()):
            project = actions.start_project(actor=owner, **kwargs)
            if is_complete:
                project = complete(project, lines=lines)
        if status == ProjectStatus.DRAFT:
            return Project.objects.for_list().get(pk=project.pk)
        project = submit(project)
        if status == ProjectStatus.WITHDRAWN:
            actions.withdraw_project(actor=owner, project=project)
        elif status == ProjectStatus.MERGED:
            other = ProjectFactory(edition=project.edition, status=ProjectStatus.SUBMITTED)
            actions.merge_project(actor=clerk or _clerk(), project=project, into=other, reason="重复申报")
        elif status != ProjectStatus.SUBMITTED:
            decide(project, clerk or _clerk(), _OUTCOMES[status])
        return Project.objects.for_list().get(pk=project.pk)


_OUTCOMES = {
    ProjectStatus.ACCEPTED: Outcome.ACCEPT,
    ProjectStatus.CORRECTING: Outcome.CORRECT,
    ProjectStatus.REFUSED: Outcome.REFUSE,
}


def _clerk() -> User:
    return UserFactory(roles=[Role.CLERK])
