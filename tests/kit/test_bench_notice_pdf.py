import io

import pytest
from pypdf import PdfReader

from bench import __main__ as runner
from bench import notice_pdf
from kit import pdf
from kit.pdf import checks


def test_the_measured_notice_has_one_page():
    content = pdf.render(notice_pdf.TEMPLATE, {"doc": notice_pdf.NOTICE})
    assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_measure_reports_every_key():
    line = notice_pdf.measure(1)
    assert set(line) == set(runner.KEYS)
    assert line["ratio"] == pytest.approx(line["ours"] / line["baseline"], abs=0.01)


def test_measure_insists_on_harfbuzz_subset(monkeypatch):
    monkeypatch.setattr(checks, "has_harfbuzz_subset", lambda: False)
    with pytest.raises(SystemExit, match="libharfbuzz-subset0"):
        notice_pdf.measure(1)


def test_the_runner_finds_the_line():
    assert "notice_pdf" in runner.names()


def test_the_table_says_which_target_failed():
    line = dict.fromkeys(runner.KEYS, 1.0) | {"name": "x", "unit": "ms", "target": "≤ 1"}
    printed = runner.table([line | {"ok": True}, line | {"name": "y", "ok": False}])
    assert [row.split()[-1] for row in printed.splitlines()[1:]] == ["ok", "FAIL"]
