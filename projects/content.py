"""An application as it is frozen at submission, and how such a frozen version is shown.

``snapshot`` writes plain data with Chinese names, so that a version reads the same for ever,
whatever becomes of the rulebook or of the organisation's file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _

from contest.rulebook import CodedName
from kit.hashing import fingerprint
from kit.money import yuan
from kit.text import mask_phone
from projects.corrections import attachment_place
from projects.enums import AttachmentKind
from projects.models import (
    AnnualCheck,
    Attachment,
    BudgetLine,
    Milestone,
    Organisation,
    Partner,
    Place,
    Project,
    TeamMember,
)
from projects.sections import (
    BUDGET,
    CODED,
    COUNTED,
    MILESTONES,
    PARTNERS,
    PARTS,
    PLACES,
    TEAM,
    Part,
    Table,
)

Content = dict[str, Any]
MEMBER_FIELDS = ("name", "role", "education", "qualification", "duty", "commitment", "phone")
ORGANISATION_FIELDS = (
    "registry",
    "registered_on",
    "legal_representative",
    "representative_title",
    "contact_name",
    "contact_phone",
    "contact_email",
    "address",
    "postcode",
    "assessment_level",
    "staff_count",
    "social_worker_count",
    "pays_insurance",
    "introduction",
)
#: What names the people or the body behind an application.
IDENTITY = ("lead_name", "lead_phone", "recommended_by")
#: Fields whose printed word is kept beside their value.
NAMED = ("district", "fees", "other_funding")
PURSES = ("amount", "fiscal", "social", "own")
PHONES = ("lead_phone", "contact_phone", "phone")


def snapshot(project: Project, *, version: int, submitted_at: datetime) -> Content:
    """Everything the applicant has written, with the names of coded values; no floats, no objects.

    ``project`` comes with ``edition__current_rulebook``, ``organisation__district`` and
    ``district``; seven queries read its tables, its files and the annual checks.
    """
    return {
        **_written(project),
        "version": version,
        "submitted_at": submitted_at.isoformat(),
        "rulebook": project.edition.current_rulebook.version if project.edition.current_rulebook else 0,
    }


def core(project: Project) -> Content:
    """What a stamp is put under: all the applicant has written, as printed, and nothing that changes
    without the applicant. The scan of the stamped paper itself is no part of it."""
    written = _written(project)
    files = [
        {key: row[key] for key in ("kind", "kind_name", "name", "sha256")}
        for row in written["attachments"]
        if row["kind"] != AttachmentKind.STAMPED
    ]
    files.sort(key=lambda row: (row["kind"], row["sha256"], row["name"]))
    return {**written, "attachments": files}


def core_fingerprint(project: Project) -> str:
    """The fingerprint of ``core``: the same as long as nothing that was printed has changed."""
    return fingerprint(core(project))


def _written(project: Project) -> Content:
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "code": project.code,
            "edition": project.edition.year,
            "organisation": _organisation(project.organisation),
            "application": {name: _plain(project, name) for part in PARTS for name in part.fields},
            "names": _names(project),
            "places": [_place(place) for place in project.places.select_related("district")],
            "milestones": [_milestone(step) for step in project.milestones.all()],
            "team": [_member(project, member) for member in project.team.all()],
            "partners": [_partner(partner) for partner in project.partners.all()],
            "budget": _budget(project, list(project.budget_lines.all())),
            "attachments": [_attachment(row) for row in project.attachments.current().for_list()],
        }


def _organisation(organisation: Organisation) -> Content:
    plain = {name: _value(organisation, name) for name in ORGANISATION_FIELDS}
    return {
        "code": organisation.code,
        "name": organisation.name,
        "kind": organisation.kind,
        "kind_name": str(organisation.get_kind_display()),
        "district": organisation.district.name,
        **plain,
        "assessment_name": str(organisation.get_assessment_level_display()),
        "annual_checks": [_annual_check(check) for check in organisation.annual_checks.all()],
    }


def _annual_check(check: AnnualCheck) -> Content:
    return {"year": check.year, "conclusion_name": str(check.get_conclusion_display())}


def _plain(project: Project, name: str) -> Any:
    if name == "district":
        return project.district.code if project.district else ""
    return _value(project, name)


def _value(instance: Any, name: str) -> Any:
    value = getattr(instance, name)
    return value.isoformat() if isinstance(value, date) else value


def _names(project: Project) -> Content:
    """Coded values as the rulebook of the day printed them."""
    rules = project.edition.rules
    return {
        "field": project.field_name,
        "governances": project.governance_names,
        "natures": [rules.name_of("natures", key) for key in project.natures],
        **{name: _counts(getattr(rules, table), getattr(project, name)) for name, table in COUNTED.items()},
        "groups": project.group_names,
        "fees": str(project.get_fees_display()),
        "other_funding": str(project.get_other_funding_display()),
        "district": project.district.name if project.district else "",
    }


def _counts(listed: Iterable[CodedName], counts: dict[str, int]) -> list[list[Any]]:
    """``[[name, count], …]`` in the order of the rulebook; what it no longer lists keeps its key."""
    order = {item.key: item.name for item in listed}
    known = [[name, counts[key]] for key, name in order.items() if key in counts]
    return known + [[key, count] for key, count in sorted(counts.items()) if key not in order]


def _place(place: Place) -> Content:
    return {
        "district": place.district.name,
        "town": place.town,
        "village": place.village,
        "note": place.note,
    }


def _milestone(step: Milestone) -> Content:
    return {
        "month": f"{step.month:%Y-%m}",
        "content": step.content,
        "output": step.output,
        "in_charge": step.in_charge,
    }


def _member(project: Project, member: TeamMember) -> Content:
    plain = {name: getattr(member, name) for name in MEMBER_FIELDS}
    role = project.edition.rules.name_of("team_roles", member.role) if member.role else ""
    return {**plain, "role_name": role}


def _partner(partner: Partner) -> Content:
    return {
        "name": partner.name,
        "code": partner.code,
        "gives": partner.gives,
        "gives_names": partner.gives_names,
        "value_fen": partner.value_fen,
        "note": partner.note,
    }


def _budget(project: Project, lines: list[BudgetLine]) -> Content:
    sums = {f"{purse}_fen": sum(getattr(line, f"{purse}_fen") for line in lines) for purse in PURSES}
    return {"lines": [_line(project, line) for line in lines], **sums}


def _line(project: Project, line: BudgetLine) -> Content:
    return {
        "heading": line.heading,
        "heading_name": project.edition.rules.name_of("headings", line.heading),
        "item": line.item,
        "basis": line.basis,
        "unit": line.unit,
        "unit_price_fen": line.unit_price_fen,
        "quantity": quantity_text(line.quantity),
        "amount_fen": line.amount_fen,
        "fiscal_fen": line.fiscal_fen,
        "social_fen": line.social_fen,
        "own_fen": line.own_fen,
    }


def quantity_text(quantity: Decimal) -> str:
    """``12.00`` is ``12``, ``0.50`` is ``0.5``."""
    return format(quantity.normalize(), "f")


def _attachment(row: Attachment) -> Content:
    return {
        "id": row.pk,
        "kind": row.kind,
        "kind_name": str(AttachmentKind(row.kind).label),
        "name": row.file.name,
        "size": row.file.size,
        "sha256": row.file.sha256,
    }


def without_identity(content: Content) -> Content:
    """The same version without what names a person or a body, for blind reading.

    Texts are as written: what an applicant says about itself in them stays.
    """
    application = {key: value for key, value in content["application"].items() if key not in IDENTITY}
    members = [{**member, "name": "", "phone": "", "education": ""} for member in content["team"]]
    partners = [{**partner, "name": "", "code": ""} for partner in content.get("partners", ())]
    steps = [{**step, "in_charge": ""} for step in content.get("milestones", ())]
    return {
        **content,
        "organisation": {},
        "application": application,
        "milestones": steps,
        "team": members,
        "partners": partners,
        "attachments": [],
    }


def with_masked_phones(content: Content) -> Content:
    """The same version for readers who need not ring anybody up."""

    def masked(part: Content) -> Content:
        return {
            key: mask_phone(value) if key in PHONES and isinstance(value, str) else value
            for key, value in part.items()
        }

    organisation = masked(content["organisation"])
    if organisation.get("contact_email"):
        name, _at, host = organisation["contact_email"].partition("@")
        organisation["contact_email"] = f"{name[:1]}***@{host}"
    return {
        **content,
        "organisation": organisation,
        "application": masked(content["application"]),
        "team": [masked(member) for member in content["team"]],
    }


# How a version is shown


def sections(content: Content) -> list[dict[str, Any]]:
    """A version as ``[{"key", "title", "facts": [(label, value)], "texts": [(label, text)], "tables"}]``,
    in the order of the form.

    Empty entries are left out, so a blind version simply has fewer of them. Labels are in the
    reader's language; budget and attachments have their own shapes: see ``budget_table``.
    """
    shown = [_organisation_section(content["organisation"])] if content["organisation"] else []
    shown += [_section(part, content) for part in PARTS]
    return [section for section in shown if section["facts"] or section["texts"] or section["tables"]]


def _organisation_section(organisation: Content) -> dict[str, Any]:
    facts = [(label, value) for _name, label, value in _organisation_entries(organisation)]
    texts = [(Organisation._meta.get_field("introduction").verbose_name, organisation["introduction"])]
    return {
        "key": "organisation",
        "title": _("Applicant organisation"),
        "facts": [pair for pair in facts if pair[1]],
        "texts": [pair for pair in texts if pair[1]],
        "tables": [],
    }


def _organisation_entries(organisation: Content) -> list[tuple[str, Any, str]]:
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
        if value := _shown(name, content):
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


def _shown(name: str, content: Content) -> str:
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
    rows = [[_cell(key, row.get(key)) for key, _label in shape.columns] for row in content.get(name, ())]
    kept = [place for place in range(len(shape.columns)) if any(row[place] for row in rows)]
    return {
        "name": name,
        "title": shape.model._meta.verbose_name_plural,
        "head": [shape.columns[place][1] for place in kept],
        "rows": [[(shape.columns[place][1], row[place]) for place in kept] for row in rows],
        "numeric_cols": [number for number, place in enumerate(kept) if place in shape.figures],
    }


def _cell(key: str, value: Any) -> str:
    if key.endswith("_fen"):
        return yuan(value) if value else ""
    return "、".join(value) if isinstance(value, list) else _as_text(value)


def budget_table(content: Content) -> dict[str, Any]:
    """The budget as a table with amounts as text; the last row sums up."""
    budget = content["budget"]
    rows = [_budget_row(line) for line in budget["lines"]]
    sums = [yuan(budget[f"{purse}_fen"]) for purse in PURSES]
    rows.append([_("Total"), "", "", *sums])
    head = [_("Heading"), _("Item"), _("Price × quantity"), _("Amount"), _("Fiscal"), _("Social"), _("Own")]
    return {"head": head, "rows": rows, "numeric_cols": [3, 4, 5, 6]}


def _budget_row(line: Content) -> list[str]:
    return [
        line["heading_name"],
        f"{line['item']}（{line['basis']}）" if line["basis"] else line["item"],
        f"{yuan(line['unit_price_fen'])}×{line['quantity']}{line['unit']}",
        *(yuan(line[f"{purse}_fen"]) for purse in PURSES),
    ]


# What differs between two versions


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
            found.append(Difference(name, str(label_of(name)), _shown(name, before), _shown(name, after)))
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
    return [*_organisation_entries(organisation), ("introduction", label, organisation["introduction"])]


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
        rows = [_budget_row(line) for line in content["budget"]["lines"]]
        return ["，".join(f"{mark}{cell}" for mark, cell in zip(marks, row, strict=True)) for row in rows]
    shape = SHAPES[table.name]
    cells = ([_cell(key, row.get(key)) for key, _l in shape.columns] for row in content.get(table.name, ()))
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
