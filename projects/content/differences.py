"""What differs between two frozen versions."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from projects.content.freeze import Content
from projects.content.show import SHAPES, budget_row, cell_text, field_text, label_of, organisation_entries
from projects.corrections import attachment_place
from projects.models import Organisation
from projects.sections import BUDGET, PARTS, Table


class Difference(NamedTuple):
    """One thing that reads otherwise in the later version. ``place`` is the name under which it is
    saved and opened for correction; ``organisation`` for the organisation's file."""

    place: str
    label: str
    before: str
    after: str


def differences(before: Content, after: Content) -> list[Difference]:
    """What reads otherwise in ``after``, in the order of the form: field by field, line by line of
    the tables, kind by kind of the attachments."""
    found = _of_organisation(before["organisation"], after["organisation"])
    for part in PARTS:
        for name in part.fields:
            found.append(
                Difference(name, str(label_of(name)), field_text(name, before), field_text(name, after))
            )
        for table in part.tables:
            found += _of_table(table, before, after)
    found += _of_attachments(before["attachments"], after["attachments"])
    return [difference for difference in found if difference.before != difference.after]


def _of_organisation(before: Content, after: Content) -> list[Difference]:
    then, now = ({name: (label, text) for name, label, text in _file(one)} for one in (before, after))
    return [
        Difference("organisation", str((now.get(name) or then[name])[0]), _text(then, name), _text(now, name))
        for name in {**then, **now}
    ]


def _file(organisation: Content) -> list[tuple[str, Any, str]]:
    if not organisation:
        return []
    label = Organisation._meta.get_field("introduction").verbose_name
    return [*organisation_entries(organisation), ("introduction", label, organisation["introduction"])]


def _text(entries: dict[str, tuple[Any, str]], name: str) -> str:
    return entries[name][1] if name in entries else ""


def _of_table(table: Table, before: Content, after: Content) -> list[Difference]:
    """Lines that were changed, taken out or put in; each is called by its number in the version that
    has it."""
    then, now = _lines(table, before), _lines(table, after)
    found = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for old, new in zip_longest(range(i1, i2), range(j1, j2)):
            label = _("%(table)s, line %(line)s") % {
                "table": table.label,
                "line": (old if new is None else new) + 1,
            }
            before_text = "" if old is None else then[old]
            found.append(Difference(table.name, label, before_text, "" if new is None else now[new]))
    return found


def _lines(table: Table, content: Content) -> list[str]:
    """The rows of a table, each in one line of text."""
    if table is BUDGET:
        marks = ("", "", "", *(f"{label} " for label in (_("Amount"), _("Fiscal"), _("Social"), _("Own"))))
        rows = [budget_row(line) for line in content["budget"]["lines"]]
        return ["，".join(f"{mark}{cell}" for mark, cell in zip(marks, row, strict=True)) for row in rows]
    shape = SHAPES[table.name]
    cells = (
        [cell_text(key, row.get(key)) for key, _l in shape.columns] for row in content.get(table.name, ())
    )
    return ["，".join(cell for cell in row if cell) for row in cells]


def _of_attachments(before: list[Content], after: list[Content]) -> list[Difference]:
    kinds = {row["kind"]: row["kind_name"] for row in (*before, *after)}
    return [
        Difference(attachment_place(kind), name, _files(before, kind), _files(after, kind))
        for kind, name in sorted(kinds.items())
    ]


def _files(rows: list[Content], kind: str) -> str:
    """The files of a kind by name, with the beginning of their fingerprint: the same name may be
    another file."""
    return "\n".join(sorted(f"{row['name']}（{row['sha256'][:8]}）" for row in rows if row["kind"] == kind))
