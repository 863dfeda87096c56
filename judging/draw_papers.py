"""What the papers of a draw say: the commitment made public before, the transcript after.

Chinese whatever language the screen has, as all official papers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from judging.enums import DrawKind, PickStatus, RoundKey
from judging.papers import ROUND_NAMES, Block, heading, table, text
from kit import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from judging.models import Draw, DrawPick, Round

ANSWERS = {
    PickStatus.ASKED: "未答复",
    PickStatus.ACCEPTED: "同意",
    PickStatus.DECLINED: "谢绝",
    PickStatus.CONFLICTED: "回避",
}


#: What is drawn, as titles and sentences name it.
DRAWN = {DrawKind.PANEL: "评审专家", DrawKind.JURY: "大众评审", DrawKind.ORDER: "出场顺序"}


def commitment_title(draw: Draw) -> str:
    return f"{name_of(draw.round)}{DRAWN[DrawKind(draw.kind)]}抽取公告"


def transcript_title(draw: Draw) -> str:
    return f"{name_of(draw.round)}{DRAWN[DrawKind(draw.kind)]}抽取记录"


def name_of(round: Round) -> str:
    """The round with its edition."""
    return f"{round.edition.name}{ROUND_NAMES[RoundKey(round.key)]}"


def commitment(draw: Draw) -> dict[str, Any]:
    """What is bound before anybody can know the outcome. Nobody is named."""
    body = [
        text(
            f"{name_of(draw.round)}评审专家由专家库随机抽取产生，抽取{draw.size}名。"
            "现将抽取依据公布如下，公布后不再改动。"
        ),
        heading("一、抽取条件"),
        *_conditions(draw),
        heading("二、抽取依据"),
        text(f"随机种子的承诺值（SHA-256）：{draw.commitment}。"),
        text(f"专家库及抽取条件的指纹（SHA-256）：{draw.pool_sha256}，入库可抽取专家{len(draw.pool)}名。"),
        text(
            f"公开数：{draw.public_source}。公开数产生后与种子合并计算抽取顺序，种子载入抽取记录，"
            "可据此复核与本公告承诺值是否一致。"
        ),
    ]
    return {"layout": "letter", "paragraphs": body, "note": "（此件公开发布）"}


def _conditions(draw: Draw) -> list[Block]:
    asked = draw.conditions
    said = []
    if asked.get("theorists"):
        said.append(f"理论类专家不少于{asked['theorists']}名")
    if asked.get("practitioners"):
        said.append(f"实务类专家不少于{asked['practitioners']}名")
    for key, least in sorted(asked.get("fields", {}).items()):
        said.append(f"熟悉“{draw.round.rulebook_doc.name_of('fields', key)}”领域的专家不少于{least}名")
    if asked.get("units_once"):
        said.append("同一单位不超过1名")
    if asked.get("avoid_applicants"):
        said.append("申报单位人员回避")
    return [text("；".join(said) + "。" if said else "除人数外不设其他条件。")]


def transcript(draw: Draw, picks: Sequence[DrawPick], ended: str) -> dict[str, Any]:
    """The whole draw: who took part, what was mixed, who was drawn in which order, who answered what.

    ``ended`` says why nobody was seated; empty for a panel that sits.
    """
    rows = [
        [
            str(pick.number),
            pick.expert.person.name,
            pick.expert.unit,
            f"替补第{pick.stands_for.number}位" if pick.stands_for else "首次抽取",
            ANSWERS[PickStatus(pick.status)],
            pick.reason or "—",
        ]
        for pick in picks
    ]
    body = [
        text(
            f"{clock.local(draw.drawn_at):%Y-%m-%d %H:%M}，在{draw.witnesses}见证下，"
            f"抽取{name_of(draw.round)}评审专家{draw.size}名。"
        ),
        heading("一、抽取条件"),
        *_conditions(draw),
        heading("二、抽取依据"),
        text(f"承诺值公布时间：{clock.local(draw.committed_at):%Y-%m-%d %H:%M}；承诺值：{draw.commitment}。"),
        text(f"种子：{draw.seed}。"),
        text(f"公开数：{draw.public_number}（{draw.public_source}）。"),
        text(f"专家库及抽取条件的指纹：{draw.pool_sha256}，入库可抽取专家{len(draw.pool)}名。"),
        heading("三、抽取结果"),
        table(["顺序", "姓名", "单位", "产生方式", "答复", "原因"], rows, [0], [8, 13, 29, 16, 10, 24]),
        text(f"本次抽取未产生评审组，原因：{ended}。" if ended else "以上答复为“同意”的专家组成评审组。"),
    ]
    return {"layout": "document", "paragraphs": body}
