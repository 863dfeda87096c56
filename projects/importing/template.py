"""The empty table for an edition: the sheet to fill in, what each column means, the lists."""

from __future__ import annotations

from typing import Any

import xlsxwriter

from contest.models import Edition
from projects.enums import Origin
from projects.importing.columns import Column, columns_of
from projects.importing.limits import MAX_ROWS
from projects.importing.lists import Lists, lists_of, origin_of

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPLANATION = (
    "请在第一个工作表中填写，一行一个项目；不要改动第一行的表头，不要合并单元格，不要使用公式。",
    "标有“*”的列必填。灰色提示在选中单元格时显示。",
    f"一个文件最多{MAX_ROWS}行。上传后先逐行核对，有一处错误则整份不导入；改正后重新上传即可。",
    "同一份文件、同一个项目（单位代码和项目名称相同）重复上传，不会重复导入。",
)


def template_name(edition: Edition) -> str:
    return f"{edition.year}年项目导入模板.xlsx"


def write_template(path: str, edition: Edition) -> None:
    """Write the empty table for an edition: the sheet to fill in, what each column means, the lists."""
    lists, columns = lists_of(edition), columns_of(origin_of(edition))
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(f"{edition.year}年申报项目")
    help_sheet, list_sheet = book.add_worksheet("填表说明"), book.add_worksheet("选项")
    ranges = _write_lists(book, list_sheet, lists)
    _write_columns(book, sheet, columns, origin_of(edition), ranges)
    _write_help(book, help_sheet, edition, columns)
    book.close()


def _write_lists(book: Any, sheet: Any, lists: Lists) -> dict[str, str]:
    """Each list in a column of its own; returns where the cells of the table find it."""
    bold = book.add_format({"bold": True})
    titles = {
        "kinds": "单位类型",
        "districts": "县（区）",
        "fields": "主要领域",
        "groups": "服务群体",
        "outcomes": "受理结果",
    }
    ranges = {}
    for place, (name, title) in enumerate(titles.items()):
        names = list(getattr(lists, name))
        sheet.set_column(place, place, 24)
        sheet.write_string(0, place, title, bold)
        for line, text in enumerate(names, 1):
            sheet.write_string(line, place, text)
        letter = chr(ord("A") + place)
        ranges[name] = f"=选项!${letter}$2:${letter}${len(names) + 1}"
    return ranges


def _write_columns(
    book: Any, sheet: Any, columns: list[Column], origin: Origin, ranges: dict[str, str]
) -> None:
    """The headings, and for each column its format, its list and the hint beside its cells."""
    text_format = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    must = book.add_format({"bold": True, "bg_color": "#FCE8D5", "border": 1, "text_wrap": True})
    may = book.add_format({"bold": True, "bg_color": "#EEF3F9", "border": 1, "text_wrap": True})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        is_required = origin in column.required
        sheet.set_column(place, place, column.width, text_format)
        sheet.write_string(
            0, place, f"{column.heading}*" if is_required else column.heading, must if is_required else may
        )
        rule: dict[str, Any] = {
            "validate": "any",
            "input_title": column.heading,
            "input_message": column.help,
        }
        if column.choices:
            rule |= {
                "validate": "list",
                "source": ranges[column.choices],
                "error_title": column.heading,
                "error_message": "请从下拉列表中选择。",
            }
        sheet.data_validation(1, place, MAX_ROWS, place, rule)


def _write_help(book: Any, sheet: Any, edition: Edition, columns: list[Column]) -> None:
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 70)
    sheet.write_string(0, 0, edition.name, bold)
    for line, text in enumerate(EXPLANATION, 1):
        sheet.merge_range(line, 0, line, 2, text, wrapped)
        sheet.set_row(line, 32)
    head = len(EXPLANATION) + 2
    for place, text in enumerate(("表头", "必填", "怎样填")):
        sheet.write_string(head, place, text, bold)
    for line, column in enumerate(columns, head + 1):
        sheet.write_string(line, 0, column.heading, wrapped)
        sheet.write_string(line, 1, "必填" if origin_of(edition) in column.required else "", wrapped)
        sheet.write_string(line, 2, column.help, wrapped)
