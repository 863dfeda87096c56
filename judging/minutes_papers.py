"""The minutes of the final in print: Chinese whatever language the screen has, as all papers.

Numbers come from the sealed tally and the record; only where it was held and who else was there is
typed in. No expert and no juror is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from judging.enums import BallotChannel
from judging.papers import Block, heading, table, text
from kit import clock
from kit.text import chinese_date

if TYPE_CHECKING:
    from judging.models import Round, Tally, WallSnapshot
    from judging.queries.minutes import Attendance, Course, Window

INTERNAL = "（内部资料，结果公示前不得公开）"
HELD = {"sheets_below_quorum": "专家评分份数不足", "ballots_below_quorum": "大众评审票数不足"}
TIES = {
    "expert_score": "专家评分",
    "public_score": "大众评分",
    "previous_round": "上一轮得分",
    "criterion": "单项得分",
    "shared": "并列",
}


@dataclass(frozen=True)
class Typed:
    """What no table knows."""

    place: str
    host: str
    present: str = ""
    remarks: str = ""


@dataclass(frozen=True)
class Proofs:
    """Fingerprints, and who sealed and confirmed."""

    tally: Tally
    sealed_by: str
    confirmed_by: str
    picture: WallSnapshot | None
    record_head: str


def minutes_title(round: Round) -> str:
    return f"{round.edition.name}终审会议纪要"


def minutes(
    round: Round, typed: Typed, course: Course, there: Attendance, ruled: int, proofs: Proofs
) -> dict[str, Any]:
    """The whole course of a sealed final, from the running order to the fingerprints."""
    sealed = proofs.tally.snapshot
    lines = {line["number"]: line for line in sealed["entries"]}
    body = [
        heading("一、时间和地点"),
        text(f"时间：{_period(course.began_at, proofs.tally.sealed_at)}。"),
        text(f"地点：{typed.place}。主持：{typed.host}。"),
        heading("二、到会情况"),
        text(
            f"评审专家{there.experts}名，其中{there.scored}名提交了评分表。"
            f"大众评审发出有效评审卡{there.cards}张，签到{there.checked_in}名"
            f"{f'，作废评审卡{there.voided}张' if there.voided else ''}。"
        ),
        *([text(f"其他到会人员：{typed.present}。")] if typed.present else []),
        heading("三、出场顺序"),
        _order(course),
        heading("四、大众评审评分时段和票数"),
        _windows(course, lines),
        text(f"纸质评分票由两人分别录入，经监督人员裁定的{ruled}张。"),
        heading("五、评分结果"),
        *_rules(sealed),
        _results(sealed),
        *_drops(sealed),
        heading("六、重新开放评分的情形"),
        *_reopened(course),
        heading("七、封存和核验"),
        *_proofs(sealed, proofs),
    ]
    if typed.remarks:
        body += [heading("八、其他事项"), text(typed.remarks)]
    return {"layout": "document", "paragraphs": body, "note": INTERNAL}


def _period(began_at: datetime | None, sealed_at: datetime) -> str:
    end = clock.local(sealed_at)
    start = clock.local(began_at) if began_at else end
    if start.date() == end.date():
        return f"{chinese_date(start.date())}{start:%H:%M}开始评分，{end:%H:%M}封存"
    return f"{chinese_date(start.date())}{start:%H:%M}开始评分，{chinese_date(end.date())}{end:%H:%M}封存"


def _order(course: Course) -> Block:
    rows = [
        [str(place), entry.project.code, entry.project.title, entry.project.organisation.name]
        for place, entry in enumerate(course.entries, start=1)
    ]
    return table(["序号", "受理编号", "项目名称", "申报单位"], rows, [0], [10, 18, 40, 32])


def _windows(course: Course, lines: dict[int, dict[str, Any]]) -> Block:
    rows = []
    for place, entry in enumerate(course.entries, start=1):
        public = lines.get(entry.number, {}).get("public") or {"ballots": [], "channels": {}}
        channels = public.get("channels", {})
        rows.append(
            [
                str(place),
                entry.project.code,
                "；".join(map(_span, course.windows.get(entry.pk, ()))) or "未开放",
                str(channels.get(BallotChannel.PHONE, 0)),
                str(channels.get(BallotChannel.PAPER, 0)),
                str(len(public["ballots"])),
            ]
        )
    head = ["序号", "受理编号", "评分时段", "手机", "纸质", "合计"]
    return table(head, rows, [0, 3, 4, 5], [9, 18, 43, 10, 10, 10])


def _span(window: Window) -> str:
    return f"{_time(window.opens_at)}至{_time(window.closes_at) if window.closes_at else '封存'}"


def _time(moment: datetime) -> str:
    return f"{clock.local(moment):%H:%M:%S}"


def _rules(sealed: dict[str, Any]) -> list[Block]:
    vote, rules = sealed["public_vote"], sealed["rules"]
    drop = rules["drop_extremes_from"]
    words = (
        f"得分由专家评分{vote['expert_percent']}%、大众评分{vote['public_percent']}%组成。" if vote else ""
    )
    if drop is not None:
        words += f"评分表达到{drop}份的，去掉一个最高分和一个最低分后取平均分。"
    if vote and vote["trim_percent"]:
        words += f"大众评审票按分值排列，两端各去掉{vote['trim_percent']}%。"
    return [text(words)] if words else []


def _results(sealed: dict[str, Any]) -> Block:
    awards = {award["key"]: award["name"] for award in sealed["awards"]}
    rows = [
        [
            str(line["rank"] or "—"),
            line["project"],
            line["title"],
            (line["expert"] or {}).get("score") or "—",
            (line["public"] or {}).get("score") or "—",
            line["score"] or "—",
            _outcome(line, awards),
        ]
        for line in sealed["entries"]
    ]
    head = ["名次", "受理编号", "项目名称", "专家评分", "大众评分", "得分", "按规则的奖项"]
    return table(head, rows, [0, 3, 4, 5], [8, 16, 26, 12, 12, 11, 15])


def _outcome(line: dict[str, Any], awards: dict[str, str]) -> str:
    if line["held"]:
        return f"暂不排名（{HELD[line['held']]}）"
    award = awards.get(line["award"], "—")
    return f"{award}（同分按{TIES[line['tie']]}）" if line["tie"] in TIES else award


def _drops(sealed: dict[str, Any]) -> list[Block]:
    """Which sheets and how many ballots were left out of the means, by seat and number."""
    rows = []
    for line in sealed["entries"]:
        dropped = {sheet["counts"]: sheet for sheet in line["sheets"]}
        trimmed = (line["public"] or {}).get("trimmed_each_end", 0)
        rows.append(
            [
                line["project"],
                _dropped(dropped.get("dropped_high")),
                _dropped(dropped.get("dropped_low")),
                str(trimmed),
            ]
        )
    head = ["受理编号", "去掉的最高分", "去掉的最低分", "大众评审票两端各去掉（张）"]
    return [text("未计入平均分的评分如下："), table(head, rows, [3], [20, 27, 27, 26])]


def _dropped(sheet: dict[str, Any] | None) -> str:
    return f"{sheet['seat']} {sheet.get('standard', sheet['total'])}" if sheet else "—"


def _reopened(course: Course) -> list[Block]:
    return [
        text(
            f"第{place}个项目（{entry.project.code}）于{_time(window.opens_at)}重新开放评分，"
            f"理由：{window.reason.rstrip('。')}。"
        )
        for place, entry, window in course.reopened
    ] or [text("无。")]


def _proofs(sealed: dict[str, Any], proofs: Proofs) -> list[Block]:
    by = f"由{proofs.sealed_by}提出、{proofs.confirmed_by}确认" if proofs.confirmed_by else ""
    blocks = [
        text(f"计分结果于{_time(proofs.tally.sealed_at)}{by or f'由{proofs.sealed_by}'}封存。"),
        text(f"封存指纹（SHA-256）：{proofs.tally.sha256}。"),
        text(
            f"评分依据规则第{sealed['rulebook']['version']}版，规则指纹（SHA-256）：{sealed['rulebook']['sha256']}。"
        ),
    ]
    if proofs.picture:
        blocks.append(
            text(
                f"现场大屏画面共存档{proofs.picture.number}幅，"
                f"最后一幅的指纹（SHA-256）：{proofs.picture.sha256}。"
            )
        )
    if proofs.record_head:
        blocks.append(text(f"操作记录链首值：{proofs.record_head}。"))
    return blocks
