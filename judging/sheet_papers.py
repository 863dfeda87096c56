"""An expert's signed sheets in print: Chinese whatever language the screen has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from judging.enums import RoundKey
from judging.papers import ROUND_NAMES, Block, heading, table, text
from kit import clock

if TYPE_CHECKING:
    from judging.models import Assignment, PanelSeat, Round


def title(round: Round) -> str:
    return f"{round.edition.name}{ROUND_NAMES[RoundKey(round.key)]}评分表（专家签署件）"


def signed_sheets(
    seat: PanelSeat,
    work: Sequence[Assignment],
    points: Mapping[int, Mapping[str, Decimal | None]],
    sha256: str,
    moment: datetime,
) -> dict[str, Any]:
    """The copy for the expert: every sheet with its points, comment and fingerprint."""
    criteria = seat.round.rules.criteria
    rows = [
        [
            str(row.entry.number),
            row.entry.project.title,
            *(str(points[row.sheet.pk].get(criterion.key)) for criterion in criteria),
            str(row.sheet.total),
        ]
        for row in work
    ]
    numeric = [0, *range(2, len(criteria) + 3)]
    narrow = 58 // (len(criteria) + 1)
    head = ["编号", "项目名称", *(f"{c.name}（{c.points}）" for c in criteria), "总分"]
    widths = [8, 34, *[narrow] * (len(criteria) + 1)]
    body: list[Block] = [
        text(
            f"{seat.code}于{clock.local(moment):%Y-%m-%d %H:%M:%S}签署本轮评分表{len(work)}份，签署后锁定。"
        ),
        heading("一、评分"),
        table(head, rows, numeric, widths),
        heading("二、评语"),
        *(text(f"{row.entry.number}. {row.sheet.comment or '（无）'}") for row in work),
        heading("三、指纹（SHA-256）"),
        *(text(f"{row.entry.number}. {row.sheet.sha256}") for row in work),
        text(f"以上合并指纹：{sha256}。"),
    ]
    return {"layout": "document", "paragraphs": body, "signature": seat.expert.name}
