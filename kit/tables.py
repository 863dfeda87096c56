"""Tables to take away: CSV and XLSX, row by row, with nothing in them that a spreadsheet would run.

Both writers accept any iterable of rows, keep none of them, tell how far they are and stop when
asked to. Both return the same fingerprint for the same rows: the SHA-256 of the CSV form. So an
XLSX can be checked against the CSV of the same export, whatever a spreadsheet program did to it.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kit.text import ROOMLESS

BOM = "\ufeff"
SHEET_ROWS = 1_048_575  # below one row of headings
_CELL_CHARS = 32_767
# Spreadsheets keep 15 digits of a number; longer ones (bills, accounts) must stay text.
_EXACT_DIGITS = 15
_STEP = 500

# Signs that begin a formula, half and full width, behind any white space or sign that takes no room.
_FORMULA = re.compile(rf"[\s\x00{ROOMLESS}]*[=+\-@|%＝＋－﹣﹢﹦＠﹫]|[\t\r\n]")

Progress = Callable[[int], None]
Stop = Callable[[], bool]


class Cancelled(Exception):
    """Somebody asked the export to stop; the unfinished file is gone."""


@dataclass(frozen=True)
class Written:
    """``data_sha256`` is the fingerprint of the rows in their CSV form, heading and BOM included."""

    rows: int
    data_sha256: str


def defuse(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet might take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def write_csv(
    stream: IO[bytes],
    head: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> Written:
    """Write UTF-8 with BOM, all text quoted and defused; numbers stay numbers.

    Raises ``Cancelled`` between two rows when ``should_stop()`` says so; what is in the stream by
    then is the caller's to throw away.
    """
    lines = _CsvLines(head)
    stream.write(lines.heading)
    for row in _watched(rows, on_progress, should_stop):
        stream.write(lines.add(row))
    return lines.written()


def write_xlsx(
    path: str | Path,
    *,
    title: str,
    cover: Sequence[tuple[Any, Any]],
    head: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> Written:
    """Write a workbook: a cover sheet with ``cover``, row count and fingerprint, then the data.

    Memory does not grow with the rows. Text is always text, never a formula or a link. The file
    appears under ``path`` complete or not at all; ``Cancelled`` removes what was begun. More rows
    than a sheet holds go on to further sheets.
    """
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.part")
    book = xlsxwriter.Workbook(
        str(unfinished),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    try:
        cover_sheet = book.add_worksheet(_("Cover"))
        data = _DataSheets(book, head)
        lines = _CsvLines(head)
        for row in _watched(rows, on_progress, should_stop):
            lines.add(row)
            data.add(row)
        written = lines.written()
        _fill_cover(book, cover_sheet, title, cover, written, data.shortened)
        book.close()
        os.replace(unfinished, path)
    except BaseException:
        # Also on a signal: the library keeps its rows in temporary files until it is closed.
        if not book.fileclosed:
            book.close()
        unfinished.unlink(missing_ok=True)
        raise
    return written


def _watched(
    rows: Iterable[Sequence[Any]], on_progress: Progress | None, should_stop: Stop | None
) -> Iterator[Sequence[Any]]:
    """The rows, with a look every so many at who is waiting and whether to go on."""
    done = 0
    for row in rows:
        if done % _STEP == 0:
            if should_stop and should_stop():
                raise Cancelled
            if on_progress:
                on_progress(done)
        yield row
        done += 1
    if should_stop and should_stop():
        raise Cancelled
    if on_progress:
        on_progress(done)


class _CsvLines:
    """Makes CSV lines one by one and keeps their running fingerprint."""

    def __init__(self, head: Sequence[Any]) -> None:
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        self._digest = hashlib.sha256()
        self._rows = -1
        self._digest.update(BOM.encode())
        self.heading = BOM.encode() + self.add(head)

    def add(self, row: Sequence[Any]) -> bytes:
        self._writer.writerow([_csv_cell(value) for value in row])
        line = self._buffer.getvalue().encode()
        self._buffer.seek(0)
        self._buffer.truncate()
        self._digest.update(line)
        self._rows += 1
        return line

    def written(self) -> Written:
        return Written(rows=self._rows, data_sha256=self._digest.hexdigest())


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return _PlainDecimal(value) if value.is_finite() else str(value)
    if isinstance(value, int | float):
        return value
    return defuse(as_text(value))


class _PlainDecimal(Decimal):
    """Written without exponent, and unquoted because it is a number."""

    def __str__(self) -> str:
        return format(self, "f")


def as_text(value: Any) -> str:
    """What a person reads in the cell: times in the portal's time zone, nothing for ``None``."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    # No half of a surrogate pair can be encoded; one odd sign must not cost the whole export.
    return str(value).encode("utf-8", "replace").decode()


class _DataSheets:
    """One worksheet after the other, as many as the rows need."""

    def __init__(self, book: xlsxwriter.Workbook, head: Sequence[Any]) -> None:
        self._book = book
        self._head = [as_text(label) for label in head]
        self._bold = book.add_format({"bold": True, "bg_color": "#EEF3F9", "bottom": 1})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._count = 0
        self.shortened = 0
        self._sheet = self._new_sheet()

    def _new_sheet(self) -> Worksheet:
        self._count += 1
        name = _("Data") if self._count == 1 else f"{_('Data')} {self._count}"
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(self._head) - 1, 0), 18)
        for column, label in enumerate(self._head):
            sheet.write_string(0, column, label[:_CELL_CHARS], self._bold)
        self._line = 1
        return sheet

    def add(self, row: Sequence[Any]) -> None:
        if self._line > SHEET_ROWS:
            self._sheet = self._new_sheet()
        for column, value in enumerate(row):
            self._write(column, value)
        self._line += 1

    def _write(self, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(self._line, column, value)
        elif _is_exact_number(value):
            style = self._money if isinstance(value, Decimal) else None
            self._sheet.write_number(self._line, column, value, style)
        else:
            text = as_text(value)
            if len(text) > _CELL_CHARS:
                self.shortened += 1
                text = text[: _CELL_CHARS - 1] + "…"
            self._sheet.write_string(self._line, column, text)


def _is_exact_number(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) < 10**_EXACT_DIGITS
    if isinstance(value, Decimal):
        return value.is_finite() and len(value.as_tuple().digits) <= _EXACT_DIGITS
    return isinstance(value, float) and value == value and abs(value) != float("inf")


def _fill_cover(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    title: str,
    cover: Sequence[tuple[Any, Any]],
    written: Written,
    shortened: int,
) -> None:
    """Who made what when, from which filters: so that a file found later explains itself."""
    lines: list[tuple[Any, Any]] = [
        *cover,
        (_("Rows"), written.rows),
        (_("Data fingerprint (SHA-256)"), written.data_sha256),
    ]
    if shortened:
        lines.append((_("Cells shortened to what a sheet can hold (whole in CSV)"), shortened))
    heading: Format = book.add_format({"bold": True, "font_size": 16})
    label_style = book.add_format({"bold": True, "valign": "top"})
    value_style = book.add_format({"text_wrap": True, "align": "left", "valign": "top"})
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 80)
    sheet.write_string(0, 0, title, heading)
    for line, (label, value) in enumerate(lines, start=2):
        sheet.write_string(line, 0, as_text(label), label_style)
        sheet.write_string(line, 1, as_text(value)[:_CELL_CHARS], value_style)
