"""Filling in and handing in applications the way an organisation does."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

from accounts.models import District, User
from contest.models import Edition
from kit import clock, pdf
from projects import actions
from projects.enums import AttachmentKind, Fees, OtherFunding, Section
from projects.models import Organisation, Project, SignOff, Submission

IMPLEMENTATION = timedelta(days=330)
#: Made-up bodies are registered long enough for any rulebook.
REGISTERED_ON = date(2016, 5, 18)


@dataclass(frozen=True)
class Entry:
    """What is told apart between made-up applications; the rest follows from it."""

    title: str
    field: str
    groups: tuple[str, ...]
    district: District
    summary: str
    fiscal_fen: int
    matching_fen: int
    lead: str = "负责人01"
    beneficiaries: int = 200


def district_named(code: str, name: str, order: int = 0) -> District:
    """The district with that code, made if missing."""
    return District.objects.get_or_create(code=code, defaults={"name": name, "order": order})[0]


def register(
    *, actor: User, code: str, name: str, kind: str, district: District, **more: Any
) -> Organisation:
    """Register an organisation with a contact that is plainly a placeholder."""
    organisation = actions.register_organisation(
        actor=actor,
        code=code,
        name=name,
        kind=kind,
        district=district,
        registered_on=REGISTERED_ON,
        legal_representative="负责人01",
        contact_name="联系人01",
        contact_phone="13800000001",
        contact_email=actor.email,
        address=f"{district.name}示例路1号",
        introduction="演示用单位，名称与代码均为虚构。",
        **more,
    )
    actor.__dict__.pop("current_grants", None)
    return organisation


def start(*, actor: User, edition: Edition, organisation: Organisation, title: str) -> Project:
    return actions.start_project(actor=actor, edition=edition, organisation=organisation, title=title)


def fill_in(*, actor: User, project: Project, entry: Entry, starts_on: date) -> Project:
    """Every section, the budget and the required papers."""
    for section, fields in _sections(entry, starts_on).items():
        project = actions.save_section(
            actor=actor, project=project, section=section, version=project.version, **fields
        )
    for kind in (AttachmentKind.COMMITMENT, AttachmentKind.CERTIFICATE):
        actions.add_attachment(
            actor=actor,
            project=project,
            kind=kind,
            stream=BytesIO(_paper(str(kind.value))),
            name=f"{kind.value}.pdf",
        )
    return project


def apply(
    *, actor: User, edition: Edition, organisation: Organisation, entry: Entry, starts_on: date
) -> Submission:
    """Start, fill in and hand in one application."""
    project = start(actor=actor, edition=edition, organisation=organisation, title=entry.title)
    project = fill_in(actor=actor, project=project, entry=entry, starts_on=starts_on)
    return hand_in(actor=actor, project=project)


def hand_in(*, actor: User, project: Project) -> Submission:
    """Print, have the stamped scan signed off where the rules ask for it, and hand in."""
    if project.edition.rules.stamp_required:
        stamp(actor=actor, project=project)
    return actions.submit_project(actor=actor, project=project, request_key=uuid.uuid4())


def stamp(*, actor: User, project: Project) -> None:
    """Print the application, upload the stamped scan and sign it off; once for the same text."""
    print_out = actions.print_application(actor=actor, project=project)
    if SignOff.objects.filter(print_out=print_out).exists():
        return
    scan = actions.add_attachment(
        actor=actor,
        project=project,
        kind=AttachmentKind.STAMPED,
        stream=BytesIO(_paper(str(AttachmentKind.STAMPED.value))),
        name="申报书（盖章扫描件）.pdf",
    )
    actions.sign_off(actor=actor, project=project, print_out=print_out.number, scan=scan.pk)


def _sections(entry: Entry, starts_on: date) -> dict[Section, dict[str, Any]]:
    place = entry.district.name
    return {
        Section.BASIC: {
            "field": entry.field,
            "governances": ["autonomy", "legal"],
            "natures": ["help", "promote"],
            "district": entry.district,
            "starts_on": starts_on,
            "ends_on": starts_on + IMPLEMENTATION,
            "tables": {"places": [{"district": entry.district, "town": "示例街道", "village": "示例社区"}]},
        },
        Section.BENEFICIARIES: {
            "group_counts": _shared_out(entry),
            "direct_beneficiaries": entry.beneficiaries,
            "indirect_beneficiaries": entry.beneficiaries * 3,
            "fees": Fees.NONE,
            "public_benefit_pledged": True,
        },
        Section.DESCRIPTION: {
            "summary": entry.summary,
            "background": f"{place}人口流动快、服务对象分散，原有做法多靠运动式走访，问题发现晚、反馈慢。",
            "publicity_plan": "社区公众号每月一篇，结项时举办一次开放日。",
        },
        Section.NEEDS: {
            "needs": "走访3个街道412户，回收有效问卷388份，六成以上受访者希望就近、定期得到服务。",
            "problem": "诉求发现不及时、各方责任不清、服务不能持续。",
            "goals": f"一年内直接服务{entry.beneficiaries}人，诉求当日登记率不低于95%，形成一套可推广做法。",
            "results": "服务记录完整率100%；满意度不低于90%；培养骨干志愿者30名。",
        },
        Section.PLAN: {
            "plan": "先摸底建档、组建队伍，再按月开展服务，最后评估总结、形成规范文本。",
            "tables": {"milestones": _milestones(starts_on)},
        },
        Section.QUALITIES: {
            "innovation": "把多方资源并入同一张服务清单，由服务对象参与排序和评价。",
            "spreadability": "流程卡、记录表和培训课件齐全，同类社区两周内可以上手。",
            "durability": "骨干由本地居民担任，项目结束后由社区继续运行。",
            "demonstration": "已在1个社区试行半年，可现场观摩。",
            "risks": "骨干流失风险，以备岗和结对方式防范；个人信息只登记必要项并专人保管。",
            "sustainability": "社区公益金与企业捐赠每年可覆盖基本运行费用。",
        },
        Section.TEAM: {
            "lead_name": entry.lead,
            "lead_phone": "13800000001",
            "participants": {"social_workers": 4, "volunteers": 30, "masses": 12},
            "experience": "近三年承接同类服务项目2个，均按期结项。",
            "tables": {
                "team": [
                    {"name": entry.lead, "role": "social_workers", "duty": "项目统筹", "commitment": "全职"}
                ]
            },
        },
        Section.PARTNERS: {
            "other_funding": OtherFunding.NONE,
            "tables": {
                "partners": [
                    {"name": f"{place}示例社区居民委员会", "gives": ["venue", "people"], "note": "场地和骨干"}
                ]
            },
        },
        Section.BUDGET: {"tables": {"budget_lines": budget(entry)}},
    }


def _shared_out(entry: Entry) -> dict[str, int]:
    """The people served, shared out evenly over the groups."""
    return {group: max(1, entry.beneficiaries // len(entry.groups)) for group in entry.groups}


def _milestones(starts_on: date) -> list[dict[str, Any]]:
    steps = (
        (0, "摸底建档、组建队伍", "服务对象台账"),
        (3, "按月开展服务", "服务记录"),
        (9, "评估总结", "规范文本"),
    )
    return [
        {
            "month": clock.add_months(starts_on.replace(day=1), later),
            "content": content,
            "output": output,
            "in_charge": "项目负责人",
        }
        for later, content, output in steps
    ]


def budget(entry: Entry) -> list[dict[str, Any]]:
    """Lines that keep every cap of the default rulebook and add up to the entry's two amounts."""
    total = entry.fiscal_fen + entry.matching_fen
    staff = total * 35 // 100 // 100 * 100
    promotion = total * 5 // 100 // 100 * 100
    management = total * 6 // 100 // 100 * 100
    activities = total - staff - promotion - management
    spending = [
        ("personnel", "专职社工与志愿者补贴", staff),
        ("publicity", "宣传折页与短视频", promotion),
        ("management", "项目管理", management),
        ("activities", "服务活动", activities),
    ]
    matching = entry.matching_fen
    lines = []
    for heading, item, amount in spending:
        own = min(matching, amount)
        matching -= own
        lines.append(
            {
                "heading": heading,
                "item": item,
                "basis": "按近两年同类服务实际支出测算",
                "unit": "项",
                "unit_price_fen": amount,
                "quantity": 1,
                "fiscal_fen": amount - own,
                "social_fen": own - own // 3,
                "own_fen": own // 3,
            }
        )
    return lines


@lru_cache(maxsize=8)
def _paper(kind: str) -> bytes:
    """A one-page stand-in for a stamped paper, marked as such."""
    names = {"commitment": "承诺书", "certificate": "登记证书", "stamped": "盖章申报书扫描件"}
    name = names.get(kind, "附件")
    return pdf.render(
        "documents/record.html",
        {
            "doc": {
                "title": f"{name}（演示）",
                "sections": [{"paragraphs": ["演示材料，不具效力。"]}],
                "demo": True,
            }
        },
    )
