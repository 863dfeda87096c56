"""Filling in and handing in applications the way an organisation does."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

from accounts.models import District, User
from config.play.texts import HABITS, TOWNS, VILLAGES, Story, pick, story_of
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
    actor.forget_grants()
    return organisation


def start(*, actor: User, edition: Edition, organisation: Organisation, title: str) -> Project:
    return actions.start_project(actor=actor, edition=edition, organisation=organisation, title=title)


def fill_in(*, actor: User, project: Project, entry: Entry, starts_on: date) -> Project:
    """Every section, the budget and the required papers."""
    project = save_sections(actor=actor, project=project, entry=entry, starts_on=starts_on)
    for kind in (AttachmentKind.COMMITMENT, AttachmentKind.CERTIFICATE):
        actions.add_attachment(
            actor=actor,
            project=project,
            kind=kind,
            stream=BytesIO(paper(str(kind.value))),
            name=f"{PAPER_NAMES[kind]}（演示）.pdf",
        )
    return project


def save_sections(
    *,
    actor: User,
    project: Project,
    entry: Entry,
    starts_on: date,
    only: Collection[Section] = tuple(Section),
) -> Project:
    """Fill in what is typed, of these sections."""
    for section, fields in _sections(entry, starts_on).items():
        if section in only:
            project = actions.save_section(
                actor=actor, project=project, section=section, version=project.version, **fields
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


def stamp(*, actor: User, project: Project, signer: User | None = None) -> None:
    """Print the application, upload the stamped scan and sign it off; once for the same text."""
    print_out = actions.print_application(actor=actor, project=project)
    if SignOff.objects.filter(print_out=print_out).exists():
        return
    scan = actions.add_attachment(
        actor=actor,
        project=project,
        kind=AttachmentKind.STAMPED,
        stream=BytesIO(paper(str(AttachmentKind.STAMPED.value))),
        name="申报书（盖章扫描件）.pdf",
    )
    actions.sign_off(actor=signer or actor, project=project, print_out=print_out.number, scan=scan.pk)


def _sections(entry: Entry, starts_on: date) -> dict[Section, dict[str, Any]]:
    """Every section of an application, in the order in which it is filled in."""
    story = story_of(entry.field)
    return {
        Section.BASIC: _basics(entry, story, starts_on),
        Section.BENEFICIARIES: {
            "group_counts": _shared_out(entry),
            "direct_beneficiaries": entry.beneficiaries,
            "indirect_beneficiaries": entry.beneficiaries * 3,
            "fees": Fees.NONE,
            "public_benefit_pledged": True,
        },
        **_texts(entry, story),
        Section.PLAN: {
            "plan": f"分{len(story.steps)}个阶段推进：{'；'.join(story.steps)}。"
            f"服务时间为{HABITS[pick(entry.title, 'habit', len(HABITS))]}，每月末核对进度，落后的次月补上。",
            "tables": {"milestones": _milestones(entry, story, starts_on)},
        },
        Section.TEAM: _team(entry, story),
        Section.PARTNERS: _partners(entry, story),
        Section.BUDGET: {"tables": {"budget_lines": budget(entry)}},
    }


def _basics(entry: Entry, story: Story, starts_on: date) -> dict[str, Any]:
    town = TOWNS[pick(entry.title, "town", len(TOWNS))]
    first = VILLAGES.index(_village(entry))
    places = [
        {
            "district": entry.district,
            "town": town,
            "village": VILLAGES[(first + number) % len(VILLAGES)],
            "note": "党群服务中心" if number == 0 else "",
        }
        for number in range(1 + pick(entry.title, "places", 3))
    ]
    return {
        "field": entry.field,
        "governances": list(story.governances),
        "natures": ["help", "promote"] if pick(entry.title, "nature", 2) else ["assist", "advocate"],
        "district": entry.district,
        "starts_on": starts_on,
        "ends_on": starts_on + IMPLEMENTATION,
        "recommended_by": f"{entry.district.name}{town}办事处" if town.endswith("街道") else "",
        "tables": {"places": places},
    }


def _village(entry: Entry) -> str:
    return VILLAGES[pick(entry.title, "village", len(VILLAGES))]


def _texts(entry: Entry, story: Story) -> dict[Section, dict[str, Any]]:
    place, people = entry.district.name, entry.beneficiaries
    homes = 180 + pick(entry.title, "homes", 300)
    return {
        Section.DESCRIPTION: {
            "summary": entry.summary,
            "background": f"{place}近年人口结构变化快，服务对象分散。项目团队此前在当地做过为期半年的走访，"
            f"了解到{story.need}。现有做法以集中活动为主，覆盖面有限，效果难以持续，需要一套日常运行的办法。",
            "publicity_plan": "社区公众号每月发布一篇服务记录，每季度在公告栏张贴一次进度图，"
            "结项时举办开放日，邀请周边社区观摩；涉及服务对象的图片一律征得同意并作遮挡。",
        },
        Section.NEEDS: {
            "needs": f"采用入户问卷和座谈两种方式，走访{homes}户，回收有效问卷{homes * 9 // 10}份，"
            f"召开座谈会4场。结果显示，{story.need}；62%的受访者表示愿意参与。",
            "problem": story.problem,
            "goals": f"总目标：{story.method}，一年内直接服务{people}人。\n"
            f"数量目标：开展服务不少于{people // 4 + 20}次，培养骨干30名。\n"
            "质量目标：服务记录完整率100%。\n时效目标：诉求当日登记，五个工作日内答复。",
            "results": f"{story.result}；服务对象满意度不低于90%；形成操作手册1册、案例10个。"
            "以服务台账、满意度问卷和第三方抽查为衡量依据。",
        },
        Section.QUALITIES: {
            "innovation": story.novelty,
            "spreadability": "流程卡、记录表和培训课件齐全，不依赖专门场地和设备，同类社区两周内可以上手。",
            "durability": "骨干由本地居民担任，制度写入社区公约，资助结束后由社区和骨干队伍继续运行。",
            "demonstration": f"已在{_village(entry)}试行半年，记录完整，可现场观摩。",
            "risks": "骨干流失的风险，以备岗和结对方式防范；活动安全以购买保险和现场两人值守防范；"
            "个人信息只登记必要项，专人保管，对外只公布人数。",
            "sustainability": "社区公益金和企业捐赠每年可覆盖基本运行费用，第二年起财政资金只用于新增点位。",
        },
    }


def _team(entry: Entry, story: Story) -> dict[str, Any]:
    members = (
        (entry.lead, "social_workers", "本科 社会工作", "中级社会工作师", "项目统筹", "全职"),
        (
            f"社工{pick(entry.title, 'worker', 20) + 1:02}",
            "social_workers",
            "大专 社会工作",
            "助理社会工作师",
            "日常服务",
            "全职",
        ),
        (f"骨干{pick(entry.title, 'helper', 30) + 1:02}", story.role, "", "", "专业支持", "每周两天"),
    )
    fields = ("name", "role", "education", "qualification", "duty", "commitment")
    return {
        "lead_name": entry.lead,
        "lead_phone": "13800000001",
        "participants": {"social_workers": 4, "volunteers": 24 + pick(entry.title, "volunteers", 20)}
        | ({} if story.role == "social_workers" else {story.role: 6}),
        "experience": f"近三年承接社会服务类项目{2 + pick(entry.title, 'past', 3)}个，均按期结项，"
        "其中1个获评区级优秀项目；未发生资金违规和安全事故。",
        "tables": {"team": [dict(zip(fields, member, strict=True)) for member in members]},
    }


def _partners(entry: Entry, story: Story) -> dict[str, Any]:
    """Bodies without a code: no demonstration uses up what another body may enter."""
    partners = [
        {
            "name": f"{entry.district.name}示例{story.partner}",
            "gives": ["venue", "people"],
            "note": "提供场地，协助组织居民",
        }
    ]
    if entry.matching_fen:
        partners.append(
            {
                "name": "示例爱心企业",
                "gives": ["money"],
                "value_fen": entry.matching_fen - entry.matching_fen // 3,
                "note": "配套资金，分两次到位",
            }
        )
    if not entry.matching_fen:
        return {"other_funding": OtherFunding.NONE, "tables": {"partners": partners}}
    return {
        "other_funding": OtherFunding.SOCIAL,
        "other_funding_note": "企业捐赠，已列入预算的社会资金",
        "tables": {"partners": partners},
    }


def _shared_out(entry: Entry) -> dict[str, int]:
    """The people served, shared out evenly over the groups."""
    return {group: max(1, entry.beneficiaries // len(entry.groups)) for group in entry.groups}


def _milestones(entry: Entry, story: Story, starts_on: date) -> list[dict[str, Any]]:
    """The steps of the story, spread over the time of the project."""
    outputs = ("服务台账和公示", "签到表和课件", "每月服务记录", "中期小结", "总结报告和操作手册")
    return [
        {
            "month": clock.add_months(starts_on.replace(day=1), later),
            "content": content,
            "output": output,
            "in_charge": entry.lead if number % 2 == 0 else "项目社工",
        }
        for number, (later, content, output) in enumerate(
            zip((0, 1, 2, 6, 10), story.steps, outputs, strict=True)
        )
    ]


def budget(entry: Entry) -> list[dict[str, Any]]:
    """Lines that keep every cap of the default rulebook and add up to the entry's two amounts.

    Whatever the pieces leave over is in the last line, so that the sum is right to the fen.
    """
    total = entry.fiscal_fen + entry.matching_fen
    matching = entry.matching_fen
    lines, left = [], total
    for heading, item, basis, unit, percent, pieces in SPENDING:
        price = total * percent // 100 // pieces // 100 * 100
        lines.append(_line(heading, item, basis, unit, price, pieces))
        left -= price * pieces
    lines.append(_line("activities", "服务活动", "场地、交通和活动用品", "项", left, 1))
    for line in lines:
        own = min(matching, line["unit_price_fen"] * line["quantity"])
        matching -= own
        line["social_fen"], line["own_fen"] = own - own // 3, own // 3
        line["fiscal_fen"] = line["unit_price_fen"] * line["quantity"] - own
    return [line for line in lines if line["unit_price_fen"]]


#: heading, item, basis, unit, share of the whole in percent, pieces
SPENDING = (
    ("personnel", "专职社工补贴", "2名社工，按12个月计", "人月", 24, 24),
    ("personnel", "志愿者交通误餐补贴", "按服务人次计", "人次", 8, 400),
    ("publicity", "宣传折页与短视频", "折页印制和短视频制作", "批", 5, 2),
    ("experts", "专家授课与督导", "按次支付，含税", "次", 6, 8),
    ("materials", "服务物资", "工具、标识和耗材", "批", 9, 4),
    ("audit", "第三方评估", "末期评估一次", "次", 3, 1),
    ("management", "项目管理费", "办公和财务管理", "月", 6, 12),
)


def _line(heading: str, item: str, basis: str, unit: str, price: int, pieces: int) -> dict[str, Any]:
    return {
        "heading": heading,
        "item": item,
        "basis": basis,
        "unit": unit,
        "unit_price_fen": price,
        "quantity": pieces,
    }


PAPER_NAMES = {"commitment": "承诺书", "certificate": "登记证书", "stamped": "盖章申报书扫描件"}


@lru_cache(maxsize=8)
def paper(kind: str) -> bytes:
    """A one-page stand-in for a stamped paper, marked as such."""
    name = PAPER_NAMES.get(kind, "附件")
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
