import csv
import hashlib
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from kit import tables

PAYLOADS = [
    "=1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://192.0.2.1\",\"x\")",
    "=IMPORTXML(\"http://x\",\"//a\")",
    "+1+1",
    "+cmd|' /C calc'!A0", "-1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1,1)", "@SUM(1+9)*cmd|' /C calc'!A0",
    "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "   -1", "\u3000=1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1",
    "＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1+1", "DDE=1", "=DDE(\"cmd\";\"/C calc\";\"x\")", "|calc", "%0A=1",
    "=1+1\",\"=2", "';=1+1",
]  # fmt: skip
HARMLESS = ["DDE=1", "';=1+1"]

HEAD = ["项目", "金额"]


def csv_bytes(rows, head=HEAD, **options) -> tuple[bytes, tables.Written]:
    out = io.BytesIO()
    written = tables.write_csv(out, head, rows, **options)
    return out.getvalue(), written


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def make_xlsx(path, rows, **options) -> tables.Written:
    options = {"title": "导出", "cover": [("筛选", "全部")], "head": HEAD, **options}
    return tables.write_xlsx(path, rows=rows, **options)


def read_xlsx(path, sheet=1) -> list[tuple]:
    book = openpyxl.load_workbook(path)
    return [tuple(cell.value for cell in row) for row in book.worksheets[sheet].iter_rows()]


def test_there_are_thirty_payloads():
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 30


@pytest.mark.parametrize("payload", PAYLOADS)
def test_csv_defuses_and_keeps_the_text(payload):
    content, _ = csv_bytes([[payload, 1]])
    cell = read_csv(content)[1][0]
    assert cell == (payload if payload in HARMLESS else f"'{payload}")
    assert not cell.lstrip("\ufeff\u200b\u3000\u00a0 \t\r\n").startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("sign", ["\u00ad", "\u034f", "\u2800", "\u3164", "\ufe0f", "\U000e0041"])
def test_csv_defuses_a_formula_behind_a_sign_that_takes_no_room(sign):
    content, _ = csv_bytes([[f"{sign} {sign}=1+1", 1]])
    assert read_csv(content)[1][0] == f"'{sign} {sign}=1+1"


def test_csv_quotes_all_text_so_that_no_other_separator_opens_a_cell():
    content, _ = csv_bytes([["a;=1+1", "b\t=1+1"]])
    assert b'"a;=1+1","b\t=1+1"\r\n' in content


def test_csv_numbers_stay_numbers():
    content, _ = csv_bytes([[-5, Decimal("-1234.50")], [1.5, Decimal("1E+3")], [True, None]])
    assert content.decode("utf-8-sig").splitlines()[1:] == ["-5,-1234.50", "1.5,1000", '"TRUE",""']


def test_csv_times_are_local_and_dates_plain():
    content, _ = csv_bytes([[datetime(2026, 6, 9, 6, 2, tzinfo=UTC), date(2026, 6, 9)]])
    assert read_csv(content)[1] == ["2026-06-09 14:02:00", "2026-06-09"]


def test_csv_begins_with_a_bom_and_has_the_fingerprint_it_says():
    content, written = csv_bytes([["塱", 1]] * 3)
    assert content.startswith(b"\xef\xbb\xbf")
    assert written == tables.Written(rows=3, data_sha256=hashlib.sha256(content).hexdigest())


def test_headings_are_defused_too():
    content, _ = csv_bytes([], head=["=1+1"])
    assert read_csv(content) == [["'=1+1"]]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_csv_reads_back_what_was_written(texts):
    content, _ = csv_bytes([texts])
    assert [cell.removeprefix("'") for cell in read_csv(content)[1]] == [
        text.encode("utf-8", "replace").decode().removeprefix("'") for text in texts
    ]


def test_xlsx_holds_no_formula_and_the_exact_text(tmp_path):
    path = tmp_path / "a.xlsx"
    make_xlsx(path, [[payload, "http://192.0.2.1/"] for payload in PAYLOADS])
    sheet = openpyxl.load_workbook(path).worksheets[1]
    cells = [sheet.cell(row, 1) for row in range(2, 32)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [unescape(cell.value) for cell in cells] == PAYLOADS
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            assert b"<f>" not in part
            assert b"<hyperlink" not in part


def test_xlsx_numbers_stay_exact(tmp_path):
    path = tmp_path / "a.xlsx"
    make_xlsx(path, [[-5, Decimal("1234.50")], [10**19, Decimal("NaN")], [True, None]])
    assert read_xlsx(path)[1:] == [(-5, 1234.5), (str(10**19), "NaN"), (True, None)]
    assert openpyxl.load_workbook(path).worksheets[1]["B2"].number_format == "#,##0.00"


def test_xlsx_cover_explains_the_file(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [["塱", 1]] * 3
    written = make_xlsx(path, rows, title="=导出", cover=[("筛选", "=1+1"), ("制表人", "张三")])
    cover = read_xlsx(path, sheet=0)
    assert cover[0][0] == "=导出"
    assert [value for _, value in cover[2:]] == ["=1+1", "张三", "3", written.data_sha256]


def test_xlsx_and_csv_of_the_same_rows_have_one_fingerprint(tmp_path):
    rows = [["=1", Decimal("2.50")], ["塱", None]]
    _, from_csv = csv_bytes(rows)
    assert make_xlsx(tmp_path / "a.xlsx", rows) == from_csv


def test_xlsx_shortens_only_what_no_cell_can_hold_and_says_so(tmp_path):
    path = tmp_path / "a.xlsx"
    make_xlsx(path, [["治" * 40_000, 1]])
    assert len(read_xlsx(path)[1][0]) == 32_767
    assert read_xlsx(path, sheet=0)[-1][1] == "1"


def test_xlsx_goes_on_to_a_second_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SHEET_ROWS", 2)
    path = tmp_path / "a.xlsx"
    make_xlsx(path, [["a", i] for i in range(5)])
    assert [len(read_xlsx(path, sheet)) for sheet in (1, 2, 3)] == [3, 3, 2]


def test_progress_is_told_and_ends_with_the_count(tmp_path):
    told = []
    csv_bytes(([i, i] for i in range(1200)), on_progress=told.append)
    make_xlsx(tmp_path / "a.xlsx", ([i, i] for i in range(1200)), on_progress=told.append)
    assert told == [0, 500, 1000, 1200] * 2


def test_cancelling_stops_both_and_leaves_no_file(tmp_path):
    taken = []

    def rows():
        for i in range(10_000):
            taken.append(i)
            yield [i, i]

    def stop():
        return len(taken) > 600

    with pytest.raises(tables.Cancelled):
        csv_bytes(rows(), should_stop=stop)
    assert len(taken) == 1001
    taken.clear()
    with pytest.raises(tables.Cancelled):
        make_xlsx(tmp_path / "a.xlsx", rows(), should_stop=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_row_source_leaves_no_file(tmp_path):
    def rows():
        yield ["a", 1]
        raise RuntimeError("database went away")

    with pytest.raises(RuntimeError, match="went away"):
        make_xlsx(tmp_path / "a.xlsx", rows())
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            make_xlsx(tmp_path / "a.xlsx", ([f"项目{i}", i] for i in range(count)))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(8000) < 2 * peak(1000)
