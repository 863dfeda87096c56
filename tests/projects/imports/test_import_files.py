"""Files: what is no table, or one made to mislead."""

from __future__ import annotations

import io
import tracemalloc
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kit.errors import RuleBroken
from projects import importing
from projects.enums import ImportStatus, Origin
from projects.importing import limits
from projects.models import (
    ImportBatch,
    Project,
)
from tests.projects.tables import a_row, filled, send

pytestmark = pytest.mark.django_db


def a_book(*rows, title="Sheet") -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def test_unknown_and_missing_headings_are_told(clerk, edition):
    heads = [column.heading for column in importing.columns_of(Origin.PAPER)]

    unknown = send(clerk, edition, a_book([*heads, "备注"], ["x"]))
    missing = send(clerk, edition, a_book(heads[1:], ["x"]))

    assert unknown.status == missing.status == ImportStatus.FAILED
    assert "备注" in unknown.trouble
    assert heads[0] in missing.trouble


def test_a_table_without_rows_or_for_another_year_is_told(clerk, edition):
    empty = send(clerk, edition, [])
    other = send(clerk, edition, [a_row()], sheet="2019年申报项目")

    assert empty.status == other.status == ImportStatus.FAILED
    assert "2019" in other.trouble


def test_more_rows_than_a_file_may_hold_are_refused(clerk, edition, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 3)

    batch = send(clerk, edition, [a_row(number) for number in range(1, 5)])

    assert batch.status == ImportStatus.FAILED
    assert "3" in batch.trouble
    assert not batch.rows.exists()


def test_rows_far_down_are_not_lost(clerk, edition):
    rows = [a_row(1), *[{}] * 50, a_row(2)]

    batch = send(clerk, edition, rows)

    assert list(batch.rows.values_list("number", flat=True)) == [2, 53]


def rewritten(content: bytes, member: str, change) -> bytes:
    """A workbook with one of its parts changed."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == member else data)
    return stream.getvalue()


@pytest.mark.parametrize("size", [b"A1:XFD1048576", b"A1"])
def test_a_sheet_that_lies_about_its_size_is_read_as_it_is(clerk, edition, size):
    table = filled(edition, [a_row(1)])
    lying = rewritten(
        table,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'<dimension ref="A1:T2"', b'<dimension ref="' + size + b'"'),
    )
    assert lying != table

    batch = send(clerk, edition, lying)

    assert (batch.status, batch.row_count, batch.error_count) == (ImportStatus.CHECKED, 1, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"<row ", b'<row r="x" ', 1),
        lambda data: data.replace(b"<sheetData>", b"<sheetData>\x00"),
        lambda data: data.replace(b"<is>", b"<iz>").replace(b"</is>", b"</iz>"),
        lambda data: data.replace(b"<v>", b"<v>999"),
    ],
)
def test_a_damaged_table_is_told_and_nothing_falls_over(clerk, edition, change):
    table = rewritten(filled(edition, [a_row(1)]), "xl/worksheets/sheet1.xml", change)

    batch = send(clerk, edition, table)

    assert batch.status == ImportStatus.FAILED or batch.error_count
    assert not Project.objects.exists()


def test_a_workbook_that_unpacks_to_too_much_is_refused(clerk, edition):
    big = rewritten(
        filled(edition, [a_row(1)]),
        "xl/styles.xml",
        lambda data: data + b"<!--" + bytes(range(65, 91)) * 1_000_000 + b"-->",
    )

    with pytest.raises(RuleBroken) as refused:
        send(clerk, edition, big)

    assert refused.value.code in {"too_much", "upload_bomb"}
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a.xlsx"), (b"PK\x03\x04", "a.xlsx"), (b"%PDF-1.7", "a.xlsx"), (b"a,b", "a.csv")],
)
def test_what_is_no_workbook_is_refused_beside_the_field(desk, edition, content, name):
    file = SimpleUploadedFile(name, content)

    page = desk.post(reverse("projects:import_new"), {"edition": edition.year, "file": file})

    assert page.status_code == 422
    assert "file" in page.context["form"].errors


def most_memory(read) -> int:
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_a_table_costs_the_same_memory_for_few_and_for_many_rows(edition):
    """The control keeps the rows, and is seen to."""
    few = filled(edition, [a_row(number) for number in range(1, 101)])
    many = filled(edition, [a_row(number) for number in range(1, 801)])

    def through(content):
        return lambda: [None for _line in importing.read_table(io.BytesIO(content), edition)]

    def kept(content):
        return lambda: list(importing.read_table(io.BytesIO(content), edition))

    through(few)()
    assert most_memory(through(many)) < 1.5 * most_memory(through(few))
    assert most_memory(kept(many)) > 2 * most_memory(kept(few))
