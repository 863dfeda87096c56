"""How a frozen version is shown: section by section, in the order of the form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from kit.money import yuan
from projects.content.freeze import ORGANISATION_FIELDS, PURSES, Content
from projects.models import AnnualCheck, Milestone, Organisation, Partner, Place, Project, TeamMember
from projects.sections import CODED, COUNTED, MILESTONES, PARTNERS, PARTS, PLACES, TEAM, Part

#: Fields whose printed word is kept beside their value.
NAMED = ("district", "fees", "other_funding")


def sections(content: Content) -> list[dict[str, Any]]:
    """A version as ``[{"key", "title", "facts": [(label, value)], "texts": [(label, text)], "tables"}]``,
    in the order of the form.

    Empty entries are left out, so a blind version simply has fewer of them. Labels are in the
    reader's language; budget and attachments have their own shapes: see ``budget_table``.
    """
    found = [_organisation_section(content["organisation"])] if content["organisation"] else []
    found += [_section(part, content) for part in PARTS]
    return [section for section in found if section["facts"] or section["texts"] or section["tables"]]


def _organisation_section(organisation: Content) -> dict[str, Any]:
    facts = [(label, value) for _name, label, value in organisation_entries(organisation)]
    texts = [(Organisation._meta.get_field("introduction").verbose_name, organisation["introduction"])]
    return {
        "key": "organisation",
        "title": _("Applicant organisation"),
        "facts": [pair for pair in facts if pair[1]],
        "texts": [pair for pair in texts if pair[1]],
        "tables": [],
    }


def organisation_entries(organisation: Content) -> list[tuple[str, Any, str]]:
    """``(name, label, value as text)`` of the organisation's file, its introduction aside."""
    labels = {name: Organisation._meta.get_field(name).verbose_name for name in ORGANISATION_FIELDS}  # type: ignore[union-attr]
    shown = {**organisation, "assessment_level": organisation.get("assessment_name", "")}
    entries: list[tuple[str, Any, str]] = [
        ("name", Organisation._meta.get_field("name").verbose_name, organisation["name"]),
        ("code", Organisation._meta.get_field("code").verbose_name, organisation["code"]),
        ("kind", Organisation._meta.get_field("kind").verbose_name, organisation["kind_name"]),
        ("district", Organisation._meta.get_field("district").verbose_name, organisation["district"]),
    ]
    entries += [
        (name, label, _as_text(shown.get(name))) for name, label in labels.items() if name != "introduction"
    ]
    checks = "、".join(
        f"{check['year']} {check['conclusion_name']}" for check in organisation.get("annual_checks", ())
    )
    return [*entries, ("annual_checks", AnnualCheck._meta.verbose_name_plural, checks)]


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return "" if value is None else str(value)


def _section(part: Part, content: Content) -> dict[str, Any]:
    facts: list[tuple[Any, str]] = []
    texts: list[tuple[Any, str]] = []
    for name in part.fields:
        if value := field_text(name, content):
            (texts if is_long(name) else facts).append((label_of(name), value))
    tables = [table_of(name, content) for table in part.tables if (name := table.name) in SHAPES]
    return {
        "key": part.section.value,
        "title": part.section.label,
        "facts": facts,
        "texts": texts,
        "tables": [table for table in tables if table["rows"]],
    }


def label_of(name: str) -> Any:
    """How a field of the application is called."""
    return Project._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def is_long(name: str) -> bool:
    return Project._meta.get_field(name).get_internal_type() == "TextField"


def field_text(name: str, content: Content) -> str:
    """A field as people read it; empty if nothing is there."""
    value, names = content["application"].get(name), content["names"]
    if name == "public_benefit_pledged":
        return str(_("Pledged")) if value else ""
    if name in COUNTED:
        return "、".join(f"{label} {count}" for label, count in names.get(name, ()))
    if name in CODED or name in NAMED:
        named = names.get(name, "")
        return "、".join(named) if isinstance(named, list) else named
    return _as_text(value)


@dataclass(frozen=True)
class Shape:
    """How the rows of a table are read: ``(key, label)`` of its columns, and which hold figures."""

    model: type[Model]
    columns: tuple[tuple[str, Any], ...]
    figures: tuple[int, ...] = ()


def _columns(model: type[Model], *names: str, **keys: str) -> tuple[tuple[str, Any], ...]:
    """Columns called as the model's fields are; ``keys`` says where the name of a coded value is."""
    return tuple((keys.get(name, name), model._meta.get_field(name).verbose_name) for name in names)  # type: ignore[union-attr]


SHAPES = {
    PLACES.name: Shape(Place, _columns(Place, "district", "town", "village", "note")),
    MILESTONES.name: Shape(Milestone, _columns(Milestone, "month", "content", "output", "in_charge")),
    TEAM.name: Shape(
        TeamMember,
        _columns(
            TeamMember,
            "name",
            "role",
            "education",
            "qualification",
            "duty",
            "commitment",
            "phone",
            role="role_name",
        ),
    ),
    PARTNERS.name: Shape(
        Partner,
        _columns(Partner, "name", "code", "gives", "value_fen", "note", gives="gives_names"),
        figures=(3,),
    ),
}


def table_of(name: str, content: Content) -> dict[str, Any]:
    """A table as ``{"name", "title", "head", "rows", "numeric_cols"}``; a row is ``[(label, text)]``.
    Columns in which nothing stands are left out."""
    shape = SHAPES[name]
    rows = [[cell_text(key, row.get(key)) for key, _label in shape.columns] for row in content.get(name, ())]
    kept = [place for place in range(len(shape.columns)) if any(row[place] for row in rows)]
    return {
        "name": name,
        "title": shape.model._meta.verbose_name_plural,
        "head": [shape.columns[place][1] for place in kept],
        "rows": [[(shape.columns[place][1], row[place]) for place in kept] for row in rows],
        "numeric_cols": [number for number, place in enumerate(kept) if place in shape.figures],
    }


def cell_text(key: str, value: Any) -> str:
    if key.endswith("_fen"):
        return yuan(value) if value else ""
    return "、".join(value) if isinstance(value, list) else _as_text(value)


def budget_table(content: Content) -> dict[str, Any]:
    """The budget as a table with amounts as text; the last row sums up."""
    budget = content["budget"]
    rows = [budget_row(line) for line in budget["lines"]]
    sums = [yuan(budget[f"{purse}_fen"]) for purse in PURSES]
    rows.append([_("Total"), "", "", *sums])
    head = [_("Heading"), _("Item"), _("Price × quantity"), _("Amount"), _("Fiscal"), _("Social"), _("Own")]
    return {"head": head, "rows": rows, "numeric_cols": [3, 4, 5, 6]}


def budget_row(line: Content) -> list[str]:
    return [
        line["heading_name"],
        f"{line['item']}（{line['basis']}）" if line["basis"] else line["item"],
        f"{yuan(line['unit_price_fen'])}×{line['quantity']}{line['unit']}",
        *(yuan(line[f"{purse}_fen"]) for purse in PURSES),
    ]
