"""The columns of the table: one list makes the template, its explanations and the reader."""

from __future__ import annotations

from dataclasses import dataclass

from projects.enums import Origin
from projects.importing import cells
from projects.importing.cells import Understand
from projects.importing.lists import HISTORY, PAPER
from projects.models import Place, Project
from projects.models.organisations import Organisation


@dataclass(frozen=True)
class Column:
    """One column. ``origins``: in which tables it stands; ``required``: in which it must be filled.

    ``choices`` names the list of ``Lists`` the template offers in its cells.
    """

    key: str
    heading: str
    help: str
    understand: Understand
    width: int = 16
    required: tuple[Origin, ...] = ()
    origins: tuple[Origin, ...] = (PAPER, HISTORY)
    choices: str = ""


BOTH = (PAPER, HISTORY)

COLUMNS = (
    Column("title", "项目名称", "最多60字。", cells.text(Project, "title"), 34, BOTH),
    Column(
        "organisation",
        "申报单位",
        "单位全称，与登记证书一致。",
        cells.text(Organisation, "name"),
        34,
        BOTH,
    ),
    Column(
        "code",
        "统一社会信用代码",
        "18位，该列为文本格式。2015年以前的届次，填写该单位现在的代码。",
        cells.code,
        24,
        BOTH,
    ),
    Column(
        "kind",
        "单位类型",
        "从下拉列表中选择；须与代码的前两位相符。",
        cells.chosen("kinds"),
        18,
        BOTH,
        choices="kinds",
    ),
    Column(
        "district",
        "县（区）",
        "项目实施地，从下拉列表中选择。",
        cells.chosen("districts"),
        12,
        BOTH,
        choices="districts",
    ),
    Column("town", "镇（街道）", "项目实施的镇或街道。", cells.text(Place, "town"), 16, (PAPER,)),
    Column("village", "村（社区）", "项目实施的村或社区，可不填。", cells.text(Place, "village"), 16),
    Column("field", "主要领域", "从下拉列表中选择一个。", cells.chosen("fields"), 20, BOTH, choices="fields"),
    Column(
        "groups",
        "服务群体",
        "名称见“选项”页，用顿号隔开，可附人数：居民800、老年人200。",
        cells.groups,
        24,
        (PAPER,),
    ),
    Column("summary", "项目概述", "最多500字。", cells.text(Project, "summary"), 40, (PAPER,)),
    Column(
        "problem",
        "拟解决的突出问题",
        "最多800字。",
        cells.text(Project, "problem"),
        40,
        (PAPER,),
    ),
    Column("starts_on", "开始日期", "如 2026-07-01。", cells.day, 13, (PAPER,)),
    Column("ends_on", "结束日期", "如 2027-06-30，须晚于开始日期。", cells.day, 13, (PAPER,)),
    Column("direct_beneficiaries", "直接受益人数", "整数，单位：人。", cells.count, 13, (PAPER,)),
    Column(
        "fiscal_fen",
        "财政资金（元）",
        "单位为元，不是万元，如 60000 或 60000.50。没有则不填。",
        cells.fen,
        15,
    ),
    Column("social_fen", "社会资金（元）", "单位为元，不是万元。没有则不填。", cells.fen, 15),
    Column("own_fen", "自筹资金（元）", "单位为元，不是万元。没有则不填。", cells.fen, 15),
    Column("lead_name", "项目负责人", "姓名。", cells.text(Project, "lead_name"), 12, (PAPER,)),
    Column("lead_phone", "联系电话", "只供工作人员联系，不公开。", cells.phone, 16, (PAPER,)),
    Column(
        "received_on", "收到日期", "收到盖章纸质材料的日期，须在申报期内。", cells.day, 13, (PAPER,), (PAPER,)
    ),
    Column(
        "is_accepted",
        "受理结果",
        "受理或未受理，从下拉列表中选择。",
        cells.chosen("outcomes"),
        12,
        (HISTORY,),
        (HISTORY,),
        "outcomes",
    ),
    Column(
        "honour",
        "获奖情况",
        "如：十大项目、一等奖、优秀项目。未获奖不填。",
        cells.text(Project, "honour"),
        18,
        (),
        (HISTORY,),
    ),
)

HEADINGS = {column.key: column.heading for column in COLUMNS}


def columns_of(origin: Origin) -> list[Column]:
    """The columns of the table for entries of this origin, in order."""
    return [column for column in COLUMNS if origin in column.origins]
