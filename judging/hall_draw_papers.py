"""What the papers of the final's draws say: of its public jury and of its running order.

Chinese whatever language the screen has, as all official papers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from judging.draw_papers import ANSWERS, name_of
from judging.enums import PickStatus
from judging.papers import Block, heading, table, text
from kit import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from judging.models import Draw, JurorPick, RoundEntry

RULE_OF_DISTRICTS = (
    "同一界别内按随机顺序抽取，优先抽取当前入选人数最少的县（区）的人员，各县（区）人数尽量均衡；"
    "谢绝的由同一界别依次替补。"
)


def jury_commitment(draw: Draw) -> dict[str, Any]:
    """What is bound before anybody can know the jury. Nobody is named."""
    body = [
        text(
            f"{name_of(draw.round)}大众评审由大众评审候选名册随机抽取产生，抽取{draw.size}名。"
            "现将抽取依据公布如下，公布后不再改动。"
        ),
        heading("一、名额和规则"),
        _seats(draw),
        text(RULE_OF_DISTRICTS),
        heading("二、抽取依据"),
        *_basis(draw, f"候选人员{len(draw.pool)}名"),
    ]
    return {"layout": "letter", "paragraphs": body, "note": "（此件公开发布）"}


def order_commitment(draw: Draw) -> dict[str, Any]:
    """What is bound before anybody can know the running order."""
    numbers = "、".join(str(member["id"]) for member in draw.pool)
    body = [
        text(
            f"{name_of(draw.round)}{draw.size}个项目的出场顺序由抽签产生。"
            "现将抽签依据公布如下，公布后不再改动。"
        ),
        heading("一、参加抽签的项目"),
        text(f"项目编号：{numbers}。"),
        heading("二、抽签依据"),
        *_basis(draw, f"项目{len(draw.pool)}个"),
    ]
    return {"layout": "letter", "paragraphs": body, "note": "（此件公开发布）"}


def _basis(draw: Draw, pool: str) -> list[Block]:
    return [
        text(f"随机种子的承诺值（SHA-256）：{draw.commitment}。"),
        text(f"名单及条件的指纹（SHA-256）：{draw.pool_sha256}，{pool}。"),
        text(
            f"公开数：{draw.public_source}。公开数产生后与种子合并计算顺序，种子载入抽取记录，"
            "可据此复核与本公告承诺值是否一致。"
        ),
    ]


def _seats(draw: Draw) -> Block:
    return text("；".join(f"{trade}{count}名" for trade, count in draw.conditions["seats"]) + "。")


def jury_transcript(draw: Draw, picks: Sequence[JurorPick], ended: str) -> dict[str, Any]:
    """The whole draw of a jury, but not why somebody declined.

    ``ended`` says why nobody was seated; it is empty for a jury that sits.
    """
    rows = [
        [
            str(pick.number),
            pick.juror.name,
            pick.juror.trade,
            pick.juror.district.name if pick.juror.district else "—",
            f"替补第{pick.stands_for.number}位" if pick.stands_for else "首次抽取",
            ANSWERS[PickStatus(pick.status)],
        ]
        for pick in picks
    ]
    sitting = sum(pick.status == PickStatus.ACCEPTED for pick in picks)
    empty = f"，空缺{draw.size - sitting}名（该界别候选人员已用尽）" if sitting < draw.size else ""
    body = [
        text(_opening(draw, f"抽取{name_of(draw.round)}大众评审{draw.size}名。")),
        heading("一、名额和规则"),
        _seats(draw),
        text(RULE_OF_DISTRICTS),
        heading("二、抽取依据"),
        *_opened(draw, f"候选人员{len(draw.pool)}名"),
        heading("三、抽取结果"),
        table(
            ["顺序", "姓名", "界别", "县（区）", "产生方式", "答复"],
            rows,
            [0],
            [10, 16, 22, 18, 20, 14],
        ),
        text(
            f"本次抽取未产生大众评审团，原因：{ended}。"
            if ended
            else f"以上答复为“同意”的{sitting}名人员为大众评审{empty}。席位号另行随机编排，与本表顺序无关。"
        ),
    ]
    return {"layout": "document", "paragraphs": body}


def order_transcript(draw: Draw, entries: Sequence[RoundEntry]) -> dict[str, Any]:
    """The running order with everything it came from. ``entries`` stand in that order."""
    rows = [
        [str(place), str(entry.number), entry.project.title, entry.project.organisation.name]
        for place, entry in enumerate(entries, start=1)
    ]
    body = [
        text(_opening(draw, f"抽签确定{name_of(draw.round)}{draw.size}个项目的出场顺序。")),
        heading("一、抽签依据"),
        *_opened(draw, f"项目{len(draw.pool)}个"),
        heading("二、出场顺序"),
        table(["出场", "编号", "项目名称", "申报单位"], rows, [0, 1], [9, 9, 45, 37]),
    ]
    return {"layout": "document", "paragraphs": body}


def _opening(draw: Draw, what: str) -> str:
    return f"{clock.local(draw.drawn_at):%Y-%m-%d %H:%M}，在{draw.witnesses}见证下，{what}"


def _opened(draw: Draw, pool: str) -> list[Block]:
    return [
        text(f"承诺值公布时间：{clock.local(draw.committed_at):%Y-%m-%d %H:%M}；承诺值：{draw.commitment}。"),
        text(f"种子：{draw.seed}。"),
        text(f"公开数：{draw.public_number}（{draw.public_source}）。"),
        text(f"名单及条件的指纹：{draw.pool_sha256}，{pool}。"),
    ]
