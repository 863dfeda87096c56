"""The documents tell the truth about the code."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


def test_stage_tables_are_those_of_the_code():
    call_command("print_tables", check=True)


def rows() -> list[list[str]]:
    lines = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)
    ]


def test_requirements_keep_all_rows():
    assert [int(row[0]) for row in rows()] == list(range(1, 74))


def test_filled_requirements_name_tests_that_exist():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    missing = []
    for number, _text, where, shown_by in rows():
        assert bool(where) == bool(shown_by), f"row {number} is half filled"
        for name in re.findall(r"`([^`]+)`", shown_by):
            found = (ROOT / name).exists() if "/" in name else f"def {name}(" in source
            if not found:
                missing.append((number, name))
    assert missing == []


def test_glossary_pairs_every_word_with_its_chinese():
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    assert len(table) > 50
    assert [row for row in table if len(row) != 3 or not all(row)] == []
