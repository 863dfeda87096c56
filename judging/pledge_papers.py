"""The pledge of an expert in print: Chinese whatever language the screen has."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from judging.papers import text
from kit import clock

if TYPE_CHECKING:
    from accounts.models import User
    from contest.models import Edition

#: What is pledged, as it is shown before and printed after.
PROMISES = (
    "严格保密。不向任何单位和个人泄露申报材料、评审内容、评分情况和其他专家的意见；"
    "不复制、不留存、不使用申报材料。",
    "主动回避。与申报单位、项目及其负责人有任职、顾问、指导、合作、亲属、诉讼或者其他利害关系的，"
    "如实申报并回避。",
    "独立公正。按照公布的评审规则独立评分，不受任何单位和个人干预，不与其他专家串通。",
    "廉洁自律。不接受申报单位及其人员的礼品、礼金、宴请和其他好处；遇有请托、说情的，及时报告现场监督人员。",
    "本人账号由本人使用，不交他人代评。",
    "违反以上承诺的，接受退出评审、移出专家库、通报所在单位等处理，并承担相应责任。",
)


def title(edition: Edition) -> str:
    return f"{edition.name}评审专家保密与廉洁承诺书"


def pledge(edition: Edition, person: User, moment: datetime) -> dict[str, Any]:
    """The paper, with who pledged and when to the minute."""
    body = [text(f"本人受聘担任{edition.name}评审专家，郑重承诺：")]
    body += [text(f"{number}. {words}") for number, words in enumerate(PROMISES, 1)]
    body.append(text(f"承诺人：{person.name}。承诺时间：{clock.local(moment):%Y-%m-%d %H:%M}。"))
    return {"layout": "document", "paragraphs": body, "signature": person.name}
