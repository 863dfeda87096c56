"""The table in which experts are brought into the pool: its template, and how a filled one is read.

Headings are Chinese whatever language the screen has: the table goes to other people. A row is judged
by the very form of the page, so that both ask the same. Nothing here writes to the database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import xlsxwriter
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import District
from judging.forms.experts import NewExpertForm
from judging.models import Expert
from judging.queries.experts import topics
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text, folded
from kit.uploads import Kind, UploadRefused, inspect
from projects import importing
from projects.importing import Column

MAX_ROWS = 500
TEMPLATE_NAME = "评审专家导入模板.xlsx"
KINDS = {
    "理论": {"is_theorist": "on"},
    "实务": {"is_practitioner": "on"},
    "理论和实务": {"is_theorist": "on", "is_practitioner": "on"},
}


def _as_typed(text: str, lists: Any) -> str:
    return clean_text(text)


def text_column(key: str, heading: str, help: str, width: int = 18) -> Column:
    return Column(key, heading, help, _as_typed, width)


def _plain(column: Column) -> str:
    """The heading without the star of what must be filled in."""
    return column.heading.removesuffix("*")


COLUMNS = (
    text_column("name", "姓名*", "必填。"),
    text_column("email", "电子邮箱*", "必填，邀请链接发到此邮箱。", 28),
    text_column("phone", "联系电话", "只供工作人员联系，不公开。"),
    text_column("kind", "类别*", "必填：理论、实务或理论和实务。"),
    text_column("topics", "熟悉领域", "名称见“选项”页，用顿号隔开。", 30),
    text_column("unit", "工作单位*", "必填，单位全称。", 30),
    text_column("unit_code", "单位统一社会信用代码", "18位，可不填；填写后便于核对回避关系。", 24),
    text_column("position", "职务或职称", "可不填。"),
    text_column("district", "县（区）", "可不填，名称见“选项”页。"),
    text_column("note", "备注", "可不填。", 30),
)
HEADINGS = {column.key: _plain(column) for column in COLUMNS} | {
    "is_theorist": "类别",
    "is_practitioner": "类别",
}


def write_template(path: str) -> None:
    """The empty table: the sheet to fill in with a hint per column, and the names that may be used."""
    districts = list(District.objects.values_list("name", flat=True))
    options = (("类别", list(KINDS)), ("熟悉领域", list(topics().values())), ("县（区）", districts))
    write_book(path, "评审专家", COLUMNS, MAX_ROWS, options)


def write_book(
    path: str,
    title: str,
    columns: Sequence[Column],
    most: int,
    options: Sequence[tuple[str, Sequence[str]]],
) -> None:
    """An empty table of these columns for at most so many rows; ``options`` are (heading, names)."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet, lists = book.add_worksheet(title), book.add_worksheet("选项")
    text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "bg_color": "#EEF3F9"})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(0, place, column.heading, bold)
        hint = {"validate": "any", "input_title": _plain(column), "input_message": column.help}
        sheet.data_validation(1, place, most, place, hint)
    for place, (title, names) in enumerate(options):
        lists.set_column(place, place, 24)
        lists.write_string(0, place, title, bold)
        for line, name in enumerate(names, 1):
            lists.write_string(line, place, name)
    book.close()


@dataclass
class Row:
    """One row: its number, what the form takes, whether the person is there already, what is wrong."""

    number: int
    data: dict[str, list[str]]
    is_there: bool = False
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.data.get("name", [""])[0]

    @property
    def unit(self) -> str:
        return self.data.get("unit", [""])[0]


def read(stream: IO[bytes], name: str) -> list[Row]:
    """The rows of a filled table, judged. Refuses, beside ``file``, what is no such table."""
    names = _Names()
    return judge([_row(line, names) for line in lines_in(stream, name, COLUMNS, MAX_ROWS)])


def lines_in(stream: IO[bytes], name: str, columns: Sequence[Column], most: int) -> list[importing.Line]:
    """The lines of a filled table; a file that is no table of these columns is refused beside ``file``."""
    # The headings as the reader knows them: a star is no part of the name.
    read = [Column(column.key, _plain(column), column.help, _as_typed) for column in columns]
    try:
        inspect(stream, allowed=[Kind.XLSX], max_bytes=importing.MAX_BYTES, name=name)
        importing.refuse_large(stream)
        lines: list[importing.Line] = []
        for line in importing.read_lines(stream, read):
            refuse_unless(
                len(lines) < most,
                "too_many_rows",
                _("One file holds at most %(most)s rows. Please divide it."),
                most=most,
            )
            lines.append(line)
    except UploadRefused as refused:
        raise RuleBroken(f"upload_{refused.code}", refused.message, field="file") from refused
    except RuleBroken as broken:
        raise RuleBroken(broken.code, str(broken), field="file") from broken
    return lines


class _Names:
    """What the names in a table stand for."""

    def __init__(self) -> None:
        self.topics = {folded(name): key for key, name in topics().items()}
        self.districts = {folded(name): str(pk) for pk, name in District.objects.values_list("pk", "name")}
        self.kinds = {folded(name): ticked for name, ticked in KINDS.items()}


def _row(line: importing.Line, names: _Names) -> Row:
    row = Row(line.number, {}, errors=list(line.errors))
    texts = {key: clean_text(text) for key, text in line.texts.items()}

    def known(key: str, text: str, table: dict[str, Any]) -> Any:
        found = table.get(folded(text))
        if found is None:
            said = _("“%(text)s” is not in the list.") % {"text": text[:40]}
            row.errors.append((HEADINGS[key], said))
        return found

    for key, text in texts.items():
        if key == "kind":
            row.data |= {name: [value] for name, value in (known(key, text, names.kinds) or {}).items()}
        elif key == "district":
            row.data[key] = [known(key, text, names.districts) or ""]
        elif key == "topics":
            parts = [part for part in re.split(r"[、，,；;\n]", text) if part.strip()]
            row.data[key] = [found for part in parts if (found := known(key, part, names.topics))]
        else:
            row.data[key] = [text]
    return row


def judge(rows: list[Row]) -> list[Row]:
    """Set what is wrong with each row and whether its person is in the pool already."""
    addresses = Expert.objects.values_list("person__email", flat=True)
    there = {address.lower() for address in addresses}
    seen: dict[str, int] = {}
    for row in rows:
        form = NewExpertForm(MultiValueDict(row.data))
        told = {heading for heading, _said in row.errors}
        for key, said in form.errors.items():
            heading = HEADINGS.get(key, "")
            if heading not in told:
                row.errors += [(heading, str(text)) for text in said]
        if not (row.data.get("is_theorist") or row.data.get("is_practitioner")) and "类别" not in told:
            row.errors.append(("类别", _("Choose theory, practice or both.")))
        address = row.data.get("email", [""])[0].lower()
        first = seen.setdefault(address, row.number) if address else row.number
        if first != row.number:
            doubled = _("The same address as in row %(row)s.") % {"row": first}
            row.errors.append((HEADINGS["email"], doubled))
        row.is_there = address in there
    return rows


def arguments(row: Row) -> dict[str, Any]:
    """What ``add_expert`` is called with for a row without errors."""
    form = NewExpertForm(MultiValueDict(row.data))
    if not form.is_valid():
        raise TypeError("only a row without errors can be entered")
    return form.action_arguments()
