"""Habits that keep whole classes of faults out, read off the source itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "publicity", "funding", "judging", "projects", "contest", "accounts", "kit")
#: Each reviewed: why it is safe stands beside it in the source.
MARKS_SAFE: set[str] = {"kit/charts.py", "kit/templatetags/documents.py"}
RUNS_PROGRAMS = {"config/demo.py", "config/embedded.py", "config/checks.py", "kit/pdf/checks.py"}
DANGEROUS_CALLS = {"eval", "exec", "compile", "__import__"}
SQL_METHODS = {"execute", "executemany", "raw", "extra"}


def sources() -> Iterator[Path]:
    for app in APPS:
        yield from (ROOT / app).rglob("*.py")


def parsed() -> list[tuple[str, ast.Module]]:
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in sources()]


SOURCES = parsed()


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = node.func
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            yield name, node


def test_the_walk_sees_the_source():
    assert len(SOURCES) > 100


def test_no_code_is_made_from_text():
    found = [
        (path, name)
        for path, tree in SOURCES
        for name, node in calls(tree)
        if name in DANGEROUS_CALLS and isinstance(node.func, ast.Name)
    ]
    assert found == []


def test_no_shell_and_no_pickle():
    text = {path: (ROOT / path).read_text(encoding="utf-8") for path, _tree in SOURCES}
    found = [
        path for path, code in text.items() if re.search(r"shell=True|os\.system|pickle|yaml\.load", code)
    ]
    assert found == []


def test_markup_is_marked_safe_only_where_reviewed():
    found = {path for path, tree in SOURCES for name, _node in calls(tree) if name == "mark_safe"}
    assert found <= MARKS_SAFE
    templates = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape\s+off", path.read_text(encoding="utf-8"))
    ]
    assert templates == []


def is_built_from_pieces(node: ast.AST) -> bool:
    """An f-string with a value in it, ``%`` or ``.format`` on a string."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return True
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format"


#: Migration operations and role set-up quote identifiers themselves; there are no values from users.
BUILDS_SQL = {"kit/migrations.py", "config/embedded.py"}


def test_sql_is_never_glued_together():
    found = [
        (path, node.lineno)
        for path, tree in SOURCES
        if path not in BUILDS_SQL and "/migrations/" not in path
        for name, node in calls(tree)
        if name in SQL_METHODS and node.args and is_built_from_pieces(node.args[0])
    ]
    assert found == []


@pytest.mark.parametrize(
    "pattern", [r"<script(?![^>]*\bsrc=)", r"\son[a-z]+=\"", r"javascript:", r"\sstyle=\""]
)
def test_pages_hold_no_inline_script_or_style(pattern):
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if "documents" not in path.parts and re.search(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_signals_carry_no_rules():
    found = [
        path
        for path, _tree in SOURCES
        if re.search(r"\b(pre|post)_(save|delete)\b|m2m_changed", (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert found == []


def test_clock_is_read_in_one_place():
    """``timezone.now`` and ``datetime.now`` would not follow the portal's clock."""
    allowed = {"kit/clock.py"}
    found = [
        path
        for path, _tree in SOURCES
        if path not in allowed
        and "/migrations/" not in path
        and re.search(
            r"timezone\.now\b|datetime\.now\(|date\.today\(", (ROOT / path).read_text(encoding="utf-8")
        )
    ]
    assert found == []


ROLE_TEST = re.compile(r"has_role\(|\.role ==|Role\.[A-Z_]+ (in|==)")
#: Where roles may be read: the rules, what a queryset shows, and the people's own app.
READS_ROLES = re.compile(r"(rules|models|queries|actions|menu)(/|\.py)|^accounts/|management|play/|reach\.py")


def test_views_forms_and_templates_test_no_role():
    code = [
        path
        for path, _tree in SOURCES
        if not READS_ROLES.search(path) and ROLE_TEST.search((ROOT / path).read_text(encoding="utf-8"))
    ]
    templates = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"has_role|\.role\s*==", path.read_text(encoding="utf-8"))
    ]
    assert (code, templates) == ([], [])


NOT_IN_THE_REPO = re.compile(
    r"/ro"
    r"ot/|/wo"
    r"rk/(main|shared)|py"
    r"pi\.org|files\.python"
    r"hosted|registry\.npm"
    r"js|deb\.debian"
)


def test_repository_names_no_machine_and_no_registry():
    texts = [
        ROOT / name
        for name in ("README.md", "CHANGELOG.md", "Makefile", "requirements.txt", "requirements-dev.txt")
    ]
    texts += [*(ROOT / "docs").glob("*.md"), *sources()]
    found = [
        str(path.relative_to(ROOT))
        for path in texts
        if NOT_IN_THE_REPO.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
