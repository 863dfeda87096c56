"""Reading a filled table, row by row: what stands in its cells, as text."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _

from contest.models import Edition
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text
from projects.importing import limits
from projects.importing.cells import bare
from projects.importing.columns import COLUMNS, Column, columns_of
from projects.importing.lists import Errors, origin_of

#: Whole numbers beyond this have lost digits inside a spreadsheet.
_EXACT = 10**15


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
    if unpacked > limits.MAX_UNPACKED:
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
        rows = _quietly(sheet.iter_rows(min_row=1, max_row=limits.SHEET_ROWS, max_col=len(COLUMNS) + 20))
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
    if found > limits.MAX_ROWS:
        raise Unreadable(
            "too_many_rows",
            _("One file holds at most %(most)s rows. Please divide it."),
            most=limits.MAX_ROWS,
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
    known = {bare(column.heading): column for column in columns}
    places: dict[int, Column] = {}
    for place, cell in enumerate(cells):
        heading = bare(str(cell.value or "")).removesuffix("*")
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
