"""What notices, results and replies say in print.

Official papers are Chinese whatever language the reader's screen has, so the wording stands here
and not in the translations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts.enums import Role
from accounts.models import User
from contest.models import Edition, Seal
from judging.enums import ObjectionOutcome, RoundKey
from kit.money import yuan
from kit.text import chinese_date

if TYPE_CHECKING:
    from judging.models import Award, DecisionLine, Objection, Round
    from projects.models import Project

Block = dict[str, Any]
ROUND_NAMES = {RoundKey.PRELIMINARY: "初审", RoundKey.SECOND: "复审", RoundKey.FINAL: "终审"}
OUTCOMES = {
    ObjectionOutcome.UPHELD: "异议成立",
    ObjectionOutcome.PARTLY: "异议部分成立",
    ObjectionOutcome.REJECTED: "异议不成立",
}
NOTE = "（此件公开发布）"


def text(words: str) -> Block:
    return {"level": 0, "text": words}


def heading(words: str) -> Block:
    return {"level": 1, "text": words}


def table(head: list[str], rows: list[list[str]], numeric: list[int], widths: list[int]) -> Block:
    return {"table": {"head": head, "rows": rows, "numeric_cols": numeric, "widths": widths}}


def points(score: Decimal | None, decimals: int) -> str:
    """A score with the rulebook's number of decimals; a dash where there is none."""
    return "—" if score is None else f"{score:.{decimals}f}"


# Titles


def intake_title(edition: Edition) -> str:
    return f"关于{edition.name}申报受理名单的公示"


def round_title(round: Round) -> str:
    return f"关于{round.edition.name}{ROUND_NAMES[RoundKey(round.key)]}结果的公示"


def result_title(round: Round) -> str:
    return f"关于{round.edition.name}{ROUND_NAMES[RoundKey(round.key)]}结果的公告"


def reply_title(objection: Objection) -> str:
    return f"关于异议（{objection.receipt_code}）的答复"


# Notices


def intake_notice(
    edition: Edition, projects: Sequence[Project], refused: int, window: tuple[date, date, int]
) -> dict[str, Any]:
    """The list of accepted entries put before the public."""
    rows = [[project.code, project.title, project.organisation.name] for project in projects]
    body = [
        text(
            f"{edition.name}申报工作已经结束。经形式审查，予以受理的项目{len(projects)}项，"
            f"不予受理的项目{refused}项。现将受理名单予以公示。"
        ),
        *_window(edition, window),
        heading("三、受理名单"),
        table(["受理编号", "项目名称", "申报单位"], rows, [], [20, 45, 35]),
    ]
    return _notice(edition, body)


def round_notice(
    round: Round, lines: Sequence[DecisionLine], window: tuple[date, date, int]
) -> dict[str, Any]:
    """The approved list of a round, with the fingerprint of the tally it was drawn from."""
    edition = round.edition
    advancing = [line for line in lines if line.advances]
    count = len(advancing)
    body = [
        text(
            f"{edition.name}{ROUND_NAMES[RoundKey(round.key)]}工作已经结束，参加评审项目{len(lines)}项，"
            f"{'拟授奖' if round.is_final else '拟入围'}项目{count}项。现将结果予以公示。"
        ),
        *_window(edition, window),
        heading("三、公示名单"),
        _list_of(round, advancing),
    ]
    departures = _departures(round, lines)
    if departures:
        body += [heading("四、与计分名次不一致的情形"), *departures]
    body += [heading("五、计分依据" if departures else "四、计分依据"), *_experts(round), *_evidence(round)]
    return _notice(edition, body)


def _notice(edition: Edition, body: list[Block]) -> dict[str, Any]:
    return {"layout": "letter", "paragraphs": body, "note": NOTE}


def _window(edition: Edition, window: tuple[date, date, int]) -> list[Block]:
    starts_on, ends_on, working_days = window
    return [
        heading("一、公示时间"),
        text(
            f"{chinese_date(starts_on)}至{chinese_date(ends_on)}，共{working_days}个工作日，"
            "截止时间为最后一日24时。"
        ),
        heading("二、异议提出"),
        text(
            "公示期内，任何单位和个人对公示内容有异议的，可以在网上提出，也可以书面或者电话反映。"
            "提出异议应当实名并留下联系方式，写明具体事实和理由；单位提出的应当加盖公章。"
            "匿名反映的只作为线索。异议人信息依法予以保密。"
        ),
        *_channels(edition),
    ]


def _channels(edition: Edition) -> list[Block]:
    """How an objection reaches the office: on-line, by phone or letter, and past the office itself."""
    blocks = [
        text(f"网上：{settings.SITE_URL}，在本公示页面点击“提出异议”。"),
        text(f"电话、来信：{edition.contact or '见活动主页'}。"),
    ]
    if supervisors := _supervisors():
        blocks.append(text(supervisors))
    return blocks


def _supervisors() -> str:
    """Supervisors who have an office number: theirs is a public function."""
    people = User.objects.holding(Role.SUPERVISOR).exclude(phone="").order_by("pk")
    named = "、".join(f"{person.name}（{person.phone}）" for person in people)
    return f"监督联系人：{named}。" if named else ""


def _departures(round: Round, lines: Sequence[DecisionLine]) -> list[Block]:
    """Where the list says other than the ranks, with the reason: all of them, on the list or off it."""
    departing = [line for line in lines if line.override_reason]
    if not departing:
        return []
    going_on = "拟授奖" if round.is_final else "拟入围"
    rows = [
        [
            line.entry.project.code,
            line.entry.project.title,
            str(line.result.rank),
            str(line.place),
            going_on if line.advances else f"不{going_on[1:]}",
            line.override_reason,
        ]
        for line in departing
    ]
    head = ["受理编号", "项目名称", "计分名次", "名单序位", "结果", "理由"]
    return [
        text(
            f"以下{len(rows)}项与按规则计分的名次不一致，理由如下。"
            "封存的得分和名次没有改动，不一致之处由提出人以外的审批人签字同意。"
        ),
        table(head, rows, [2, 3], [16, 22, 9, 9, 12, 32]),
    ]


def _experts(round: Round) -> list[Block]:
    """The experts whose sheets the sealed tally holds, where the rules have them named; in no order
    that tells whose seat is whose."""
    tally = round.current_tally
    if tally is None or not round.rules.experts_named:
        return []
    scored = {sheet["seat"] for entry in tally.snapshot.get("entries", ()) for sheet in entry["sheets"]}
    names = sorted(seat.expert.name for seat in round.seats.for_list() if seat.code in scored)
    return [text(f"评审专家（排名不分先后）：{'、'.join(names)}。")] if names else []


def _list_of(round: Round, lines: Sequence[DecisionLine]) -> Block:
    decimals = round.rules.decimals
    rows = [
        [
            str(line.place),
            line.entry.project.code,
            line.entry.project.title,
            line.entry.project.organisation.name,
            points(line.result.score, decimals),
        ]
        for line in lines
    ]
    head = ["名次", "受理编号", "项目名称", "申报单位", "得分"]
    if not round.is_final:
        return table(head, rows, [0, 4], [9, 18, 33, 28, 12])
    for row, line in zip(rows, lines, strict=True):
        row.append(round.rulebook_doc.name_of("awards", line.award_key) if line.award_key else "—")
    return table([*head, "拟授奖项"], rows, [0, 4], [9, 16, 27, 23, 11, 14])


def _evidence(round: Round) -> list[Block]:
    tally, rulebook = round.current_tally, round.rulebook
    if tally is None or rulebook is None:
        raise TypeError("only a sealed round has a list to print")
    head = Seal.objects.order_by("-number").values_list("head", flat=True).first()
    blocks = [
        text(f"评分依据规则第{rulebook.version}版，规则指纹（SHA-256）：{rulebook.sha256}。"),
        text(f"计分结果已封存，封存指纹（SHA-256）：{tally.sha256}。"),
    ]
    if head:
        blocks.append(text(f"公示发布时操作记录链首值：{head}。"))
    return blocks


# Results


def round_result(round: Round, lines: Sequence[DecisionLine], awards: Sequence[Award]) -> dict[str, Any]:
    """The confirmed result: for the final with its awards and what they bring."""
    edition = round.edition
    name = ROUND_NAMES[RoundKey(round.key)]
    body = [text(f"{edition.name}{name}结果已经公示，公示期满，异议均已处理完毕。现将结果公告如下。")]
    if awards:
        by_project = {line.entry.project_id: line.entry.project for line in lines}
        rows = [
            [
                award.name,
                by_project[award.project_id].code,
                by_project[award.project_id].title,
                by_project[award.project_id].organisation.name,
                yuan(award.amount_fen),
            ]
            for award in awards
        ]
        total = yuan(sum(award.amount_fen for award in awards))
        body.append(
            table(
                ["奖项", "受理编号", "项目名称", "申报单位", "资助金额（元）"],
                rows,
                [4],
                [14, 17, 28, 24, 17],
            )
        )
        body.append(text(f"以上授奖项目{len(awards)}项，资助金额合计{total}元。"))
    else:
        body.append(_list_of(round, [line for line in lines if line.advances]))
    body += _departures(round, lines)
    return {"layout": "document", "paragraphs": [*body, *_evidence(round)], "note": NOTE}


# Replies


def objection_reply(objection: Objection) -> dict[str, Any]:
    """The written reply. It names the receipt and not the person, so that the paper gives nobody away."""
    about = f"涉及项目：{objection.project.code} {objection.project.title}。" if objection.project else ""
    outcome = OUTCOMES[ObjectionOutcome(objection.outcome)]
    effect = "该项目不再列入名单，名单将重新审定并公示。" if objection.excludes_entry else ""
    return {
        "layout": "letter",
        "recipients": f"异议人（回执号{objection.receipt_code}）",
        "paragraphs": [
            text(f"您对《{objection.notice.title}》提出的异议收悉。{about}经核查，现答复如下："),
            text(objection.reply),
            text(f"结论：{outcome}。{effect}"),
        ],
    }
