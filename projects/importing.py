"""The table in which entries are imported: its columns, its template, and how a filled one is read.

One list of columns makes the template, its explanations and the reader. Headings and explanations are
Chinese whatever language the screen has: the table is an official paper that goes to other people.
Nothing here writes to the database; ``projects.actions.imports`` does.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import openpyxl
import xlsxwriter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import District
from contest.models import Edition
from contest.rulebook import RulebookDoc
from kit import uscc
from kit.errors import RuleBroken, refuse_unless
from kit.money import LARGEST_FEN, parse_yuan
from kit.text import clean_text
from projects.enums import PREFIXES, OrganisationKind, Origin
from projects.models import Place, Project
from projects.models.applications import LARGEST_COUNT
from projects.models.organisations import Organisation, phone_shape

MAX_ROWS = 5_000
MAX_BYTES = 5 * 1024 * 1024
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a table of so many rows can come to when unpacked; a sheet keeps all its texts in memory.
MAX_UNPACKED = 24 * 1024 * 1024
#: Rows are read, judged and written so many at a time.
CHUNK = 200
SHEET_ROWS = 1_048_576
#: Whole numbers beyond this have lost digits inside a spreadsheet.
_EXACT = 10**15

Errors = list[tuple[str, str]]
PAPER, HISTORY = Origin.PAPER, Origin.HISTORY


def origin_of(edition: Edition) -> Origin:
    """What entries imported into this edition are: of the past, or collected on paper."""
    return HISTORY if edition.is_past else PAPER


@dataclass(frozen=True)
class Lists:
    """The names a table may use, each with the key it stands for."""

    kinds: dict[str, str]
    districts: dict[str, int]
    fields: dict[str, str]
    groups: dict[str, str]
    outcomes: dict[str, bool] = field(default_factory=lambda: {"受理": True, "未受理": False})


def lists_of(edition: Edition) -> Lists:
    """The names of this edition: of its rulebook, of the districts, of the kinds of bodies."""
    rules: RulebookDoc = edition.rules
    with translation.override(settings.LANGUAGE_CODE):
        kinds = {str(kind.label): kind.value for kind in OrganisationKind}
    return Lists(
        kinds=kinds,
        districts=dict(District.objects.values_list("name", "pk")),
        fields={item.name: item.key for item in rules.fields},
        groups={item.name: item.key for item in rules.groups},
    )


# How the text of a cell is understood. Each refuses with a broken rule that says what is wrong.

Understand = Callable[[str, Lists], Any]


def _text(model: type[models.Model], name: str) -> Understand:
    """A text as its column takes it; only a long one keeps its lines."""
    column: Any = model._meta.get_field(name)
    keeps_lines = isinstance(column, models.TextField)

    def understand(text: str, lists: Lists) -> str:
        text = clean_text(text)
        text = text if keeps_lines else " ".join(text.split())
        try:
            column.run_validators(text)
        except ValidationError as error:
            raise RuleBroken("text", error.messages[0]) from error
        return text

    return understand


def _plain(text: str) -> str:
    """Half-width and without blanks: for dates, numbers and names from a list."""
    return "".join(unicodedata.normalize("NFKC", clean_text(text)).split())


def _chosen(table: str) -> Understand:
    """One of the names of a list."""

    def understand(text: str, lists: Lists) -> Any:
        names = {_plain(name): key for name, key in getattr(lists, table).items()}
        found = names.get(_plain(text))
        refuse_unless(
            found is not None, "not_listed", _("“%(text)s” is not in the list."), text=clean_text(text)[:40]
        )
        return found

    return understand


_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)
_DIGITS = re.compile(r"\d{8}", re.ASCII)


def _date(text: str, lists: Lists) -> date:
    plain = _plain(text)
    match = _DATE.fullmatch(plain)
    # Without marks between them only eight digits are one date.
    is_clear = match and (_DIGITS.fullmatch(plain) or not plain.isdigit())
    try:
        if match and is_clear:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    raise RuleBroken("date", _("Write the date as 2026-07-01."))


def _count(text: str, lists: Lists) -> int:
    plain = _plain(text).replace(",", "").removesuffix("人")
    is_count = plain.isascii() and plain.isdigit() and len(plain) <= 8 and 0 < int(plain) <= LARGEST_COUNT
    refuse_unless(is_count, "count", _("Enter how many people, as a whole number."))
    return int(plain)


def _fen(text: str, lists: Lists) -> int:
    try:
        return parse_yuan(_plain(text).removesuffix("元"))
    except ValueError:
        raise RuleBroken("amount", _("Enter an amount in yuan, such as 60000 or 60000.50.")) from None


def _phone(text: str, lists: Lists) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", clean_text(text)).split())
    try:
        phone_shape(plain)
    except ValidationError as error:
        raise RuleBroken("phone", error.messages[0]) from error
    return plain


def _code(text: str, lists: Lists) -> str:
    checked = uscc.check(text)
    refuse_unless(checked.ok, f"code_{checked.error}", checked.message)
    return checked.code


_GROUP = re.compile(r"(?P<name>.*?)(?P<count>\d{1,8})?人?", re.ASCII)


def _groups(text: str, lists: Lists) -> dict[str, int]:
    """``居民800、老年人200``; 0 where nobody counted."""
    names = {_plain(name): key for name, key in lists.groups.items()}
    found: dict[str, int] = {}
    for part in re.split(r"[、，,；;\n]", clean_text(text)):
        if not _plain(part):
            continue
        match = _GROUP.fullmatch(_plain(part))
        key = names.get(_plain(part)) or (names.get(match["name"]) if match else None)
        refuse_unless(key, "not_listed", _("“%(text)s” is not in the list."), text=clean_text(part)[:40])
        count = int(match["count"] or 0) if match and names.get(_plain(part)) is None else 0
        refuse_unless(count <= LARGEST_COUNT, "count", _("Enter how many people, as a whole number."))
        found[str(key)] = count
    return found


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
    Column("title", "项目名称", "最多60字。", _text(Project, "title"), 34, BOTH),
    Column(
        "organisation",
        "申报单位",
        "单位全称，与登记证书一致。",
        _text(Organisation, "name"),
        34,
        BOTH,
    ),
    Column(
        "code",
        "统一社会信用代码",
        "18位，该列为文本格式。2015年以前的届次，填写该单位现在的代码。",
        _code,
        24,
        BOTH,
    ),
    Column(
        "kind",
        "单位类型",
        "从下拉列表中选择；须与代码的前两位相符。",
        _chosen("kinds"),
        18,
        BOTH,
        choices="kinds",
    ),
    Column(
        "district",
        "县（区）",
        "项目实施地，从下拉列表中选择。",
        _chosen("districts"),
        12,
        BOTH,
        choices="districts",
    ),
    Column("town", "镇（街道）", "项目实施的镇或街道。", _text(Place, "town"), 16, (PAPER,)),
    Column("village", "村（社区）", "项目实施的村或社区，可不填。", _text(Place, "village"), 16),
    Column("field", "主要领域", "从下拉列表中选择一个。", _chosen("fields"), 20, BOTH, choices="fields"),
    Column(
        "groups",
        "服务群体",
        "名称见“选项”页，用顿号隔开，可附人数：居民800、老年人200。",
        _groups,
        24,
        (PAPER,),
    ),
    Column("summary", "项目概述", "最多500字。", _text(Project, "summary"), 40, (PAPER,)),
    Column(
        "problem",
        "拟解决的突出问题",
        "最多800字。",
        _text(Project, "problem"),
        40,
        (PAPER,),
    ),
    Column("starts_on", "开始日期", "如 2026-07-01。", _date, 13, (PAPER,)),
    Column("ends_on", "结束日期", "如 2027-06-30，须晚于开始日期。", _date, 13, (PAPER,)),
    Column("direct_beneficiaries", "直接受益人数", "整数，单位：人。", _count, 13, (PAPER,)),
    Column(
        "fiscal_fen", "财政资金（元）", "单位为元，不是万元，如 60000 或 60000.50。没有则不填。", _fen, 15
    ),
    Column("social_fen", "社会资金（元）", "单位为元，不是万元。没有则不填。", _fen, 15),
    Column("own_fen", "自筹资金（元）", "单位为元，不是万元。没有则不填。", _fen, 15),
    Column("lead_name", "项目负责人", "姓名。", _text(Project, "lead_name"), 12, (PAPER,)),
    Column("lead_phone", "联系电话", "只供工作人员联系，不公开。", _phone, 16, (PAPER,)),
    Column(
        "received_on", "收到日期", "收到盖章纸质材料的日期，须在申报期内。", _date, 13, (PAPER,), (PAPER,)
    ),
    Column(
        "is_accepted",
        "受理结果",
        "受理或未受理，从下拉列表中选择。",
        _chosen("outcomes"),
        12,
        (HISTORY,),
        (HISTORY,),
        "outcomes",
    ),
    Column(
        "honour",
        "获奖情况",
        "如：十大项目、一等奖、优秀项目。未获奖不填。",
        _text(Project, "honour"),
        18,
        (),
        (HISTORY,),
    ),
)

HEADINGS = {column.key: column.heading for column in COLUMNS}


def columns_of(origin: Origin) -> list[Column]:
    """The columns of the table for entries of this origin, in order."""
    return [column for column in COLUMNS if origin in column.origins]


# The template

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


# Reading a filled table


@dataclass(frozen=True)
class Line:
    """One filled row: where it stands, its cells as text by column key, and cells that have none."""

    number: int
    texts: dict[str, str]
    errors: Errors


class Unreadable(RuleBroken):
    """Why the file as a whole cannot be read."""


#: What the library raises, besides its own classes, on files made to confuse it.
_BROKEN = (
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    SyntaxError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
)


def refuse_large(stream: IO[bytes]) -> None:
    """Refuse a workbook that unpacks to more than such a table can be; its parts are counted unopened,
    after ``kit.uploads.inspect`` has seen that they are what they say."""
    with zipfile.ZipFile(stream) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    stream.seek(0)
    if unpacked > MAX_UNPACKED:
        raise Unreadable("too_much", _("This file holds far more than such a table needs."), field="file")


def read_table(stream: IO[bytes], edition: Edition) -> Iterator[Line]:
    """The filled rows of a table, one by one; memory does not grow with them.

    Refuses as ``Unreadable``: a file that is damaged or made for another year, headings that are
    missing, unknown or there twice, no row at all, more than ``MAX_ROWS``.
    """
    columns = columns_of(origin_of(edition))
    yield from read_lines(stream, columns, look_at_title=lambda title: _refuse_other_year(title, edition))


def read_lines(
    stream: IO[bytes], columns: Sequence[Column], *, look_at_title: Callable[[str], None] | None = None
) -> Iterator[Line]:
    """The filled rows of the first sheet below the headings of ``columns``, as ``read_table``."""
    try:
        yield from _lines(stream, columns, look_at_title)
    except _BROKEN as error:
        raise Unreadable("broken", _("The file is damaged and cannot be opened.")) from error


def _lines(
    stream: IO[bytes], columns: Sequence[Column], look_at_title: Callable[[str], None] | None
) -> Iterator[Line]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        if look_at_title:
            look_at_title(sheet.title)
        sheet.reset_dimensions()
        # Bounded both ways, whatever size a sheet claims to be.
        rows = _quietly(sheet.iter_rows(min_row=1, max_row=SHEET_ROWS, max_col=len(COLUMNS) + 20))
        places = _places(next(rows, ()), columns)
        found = 0
        for number, cells in enumerate(rows, 2):
            line = _line(number, cells, places)
            if not line.texts and not line.errors:
                continue
            found += 1
            _refuse_beyond(found)
            yield line
        if not found:
            raise Unreadable("empty", _("There is no filled row below the headings."))
    finally:
        book.close()


def _quietly(rows: Iterator[Any]) -> Iterator[Any]:
    """What the library remarks about odd cells is no news: they are refused by row and heading."""
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = next(rows, None)
        if row is None:
            return
        yield row


def _refuse_beyond(found: int) -> None:
    if found > MAX_ROWS:
        raise Unreadable(
            "too_many_rows", _("One file holds at most %(most)s rows. Please divide it."), most=MAX_ROWS
        )


def _refuse_other_year(title: str, edition: Edition) -> None:
    match = re.match(r"(\d{4})年", title)
    if match and int(match[1]) != edition.year:
        raise Unreadable(
            "other_year",
            _("This table was made for %(other)s; you are importing into %(year)s."),
            other=match[1],
            year=edition.year,
        )


def _places(cells: tuple[Any, ...], columns: Sequence[Column]) -> dict[int, Column]:
    """Which column stands where, by the headings of the first row."""
    known = {_plain(column.heading): column for column in columns}
    places: dict[int, Column] = {}
    for place, cell in enumerate(cells):
        heading = _plain(str(cell.value or "")).removesuffix("*")
        if not heading:
            continue
        if heading not in known:
            raise Unreadable(
                "heading_unknown", _("This heading is not in the template: %(heading)s"), heading=heading[:40]
            )
        places[place] = known.pop(heading)
    if known:
        names = "、".join(column.heading for column in known.values())
        raise Unreadable("heading_missing", _("These headings are missing: %(headings)s"), headings=names)
    return places


def _line(number: int, cells: tuple[Any, ...], places: dict[int, Column]) -> Line:
    line = Line(number, {}, [])
    for place, column in places.items():
        cell = cells[place] if place < len(cells) else None
        if cell is None or cell.value is None:
            continue
        try:
            text = _cell_text(cell)
        except RuleBroken as broken:
            line.errors.append((column.heading, str(broken)))
            continue
        if clean_text(text):
            line.texts[column.key] = text
    return line


def _cell_text(cell: Any) -> str:
    """What stands in a cell as text. What a spreadsheet computes or has rounded is refused, not taken."""
    value = cell.value
    refuse_unless(
        cell.data_type != "f", "formula", _("This cell holds a formula. Please type the value itself.")
    )
    refuse_unless(cell.data_type != "e", "error", _("This cell holds an error of the spreadsheet."))
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, int | float) and not isinstance(value, bool):
        refuse_unless(
            abs(value) < _EXACT,
            "rounded",
            _("The spreadsheet has rounded this long number. Format the cell as text and type it again."),
        )
        return format(Decimal(repr(value)).normalize(), "f")
    raise RuleBroken("not_text", _("Please type text or a number into this cell."))


def clean_row(texts: dict[str, str], lists: Lists, origin: Origin) -> tuple[dict[str, Any], Errors]:
    """The values of a row by column key, and what is wrong with it, beside the heading it concerns."""
    values: dict[str, Any] = {}
    errors: Errors = []
    for column in columns_of(origin):
        text = texts.get(column.key, "")
        if not text:
            if origin in column.required:
                errors.append((column.heading, _("This must be filled in.")))
            continue
        try:
            values[column.key] = column.understand(text, lists)
        except RuleBroken as broken:
            errors.append((column.heading, str(broken)))
    return values, errors + _contradictions(values, origin)


def _contradictions(values: dict[str, Any], origin: Origin) -> Errors:
    """What cannot be true together."""
    errors: Errors = []
    code, kind = values.get("code"), values.get("kind")
    # A prefix that is in no table may be a new one: staff compare it with the certificate.
    if code and kind and code[:2] in uscc.KINDS and code[:2] not in PREFIXES[OrganisationKind(kind)]:
        text = _(
            "The code begins with %(prefix)s (%(kind)s), which does not fit the kind of organisation chosen."
        )
        errors.append((HEADINGS["kind"], text % {"prefix": code[:2], "kind": uscc.KINDS[code[:2]]}))
    if values.get("starts_on") and values.get("ends_on") and values["starts_on"] >= values["ends_on"]:
        errors.append((HEADINGS["ends_on"], _("The implementation must end after it begins.")))
    if values.get("village") and not values.get("town"):
        errors.append((HEADINGS["town"], _("Name the town or street of this village or community.")))
    total = total_fen(values)
    if total > LARGEST_FEN:
        errors.append((HEADINGS["fiscal_fen"], _("The amount is too large.")))
    if origin == PAPER and not total:
        errors.append((HEADINGS["fiscal_fen"], _("The budget is empty: fill in at least one kind of funds.")))
    if values.get("honour") and values.get("is_accepted") is False:
        errors.append((HEADINGS["honour"], _("An entry that was not accepted cannot have won an award.")))
    return errors


PURSES = ("fiscal_fen", "social_fen", "own_fen")


def total_fen(values: dict[str, Any]) -> int:
    return sum(values.get(purse) or 0 for purse in PURSES)
