"""An application as it is frozen at submission, and how such a frozen version is shown.

``snapshot`` writes plain data with Chinese names, so that a version reads the same for ever,
whatever becomes of the rulebook or of the organisation's file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kit.money import yuan
from kit.text import mask_phone
from projects.enums import AttachmentKind, Section
from projects.models import (
    Attachment,
    BudgetLine,
    Milestone,
    Organisation,
    Partner,
    Place,
    Project,
    TeamMember,
)
from projects.sections import CODED, COUNTED, PARTS

Content = dict[str, Any]
MEMBER_FIELDS = ("name", "role", "education", "qualification", "duty", "commitment", "phone")
ORGANISATION_FIELDS = (
    "registry",
    "legal_representative",
    "contact_name",
    "contact_phone",
    "contact_email",
    "address",
    "introduction",
)
#: What names the people or the body behind an application.
IDENTITY = ("lead_name", "lead_phone")
PHONES = ("lead_phone", "contact_phone", "phone")


def snapshot(project: Project, *, version: int, submitted_at: datetime) -> Content:
    """Everything the applicant has written, with the names of coded values; no floats, no objects.

    ``project`` comes with ``edition__current_rulebook``, ``organisation__district`` and
    ``district``; three queries read lines, team and attachments.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "code": project.code,
            "edition": project.edition.year,
            "version": version,
            "submitted_at": submitted_at.isoformat(),
            "rulebook": project.edition.current_rulebook.version if project.edition.current_rulebook else 0,
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
    plain = {name: getattr(organisation, name) for name in ORGANISATION_FIELDS}
    return {
        "code": organisation.code,
        "name": organisation.name,
        "kind": organisation.kind,
        "kind_name": str(organisation.get_kind_display()),  # type: ignore[attr-defined]
        "district": organisation.district.name,
        **plain,
    }


def _plain(project: Project, name: str) -> Any:
    if name == "district":
        return project.district.code if project.district else ""
    value = getattr(project, name)
    return value.isoformat() if isinstance(value, date) else value


def _names(project: Project) -> Content:
    """Coded values as the rulebook of the day printed them."""
    rules = project.edition.rules
    return {
        "field": project.field_name,
        "governances": project.governance_names,
        "natures": [rules.name_of("natures", key) for key in project.natures],
        **{
            name: [[rules.name_of(table, key), count] for key, count in getattr(project, name).items()]
            for name, table in COUNTED.items()
        },
        "groups": project.group_names,
        "district": project.district.name if project.district else "",
    }


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
    sums = {
        f"{purse}_fen": sum(getattr(line, f"{purse}_fen") for line in lines)
        for purse in ("fiscal", "social", "own", "amount")
    }
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
    return {
        **content,
        "organisation": {},
        "application": application,
        "team": members,
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
    """A frozen version as ``[{"key", "title", "facts": [(label, value)], "texts": [(label, text)]}]``.

    Empty entries are left out, so a blind version simply has fewer of them. Labels are in the
    reader's language; the budget has its own shape: see ``budget_table``.
    """
    shown = [_organisation_section(content["organisation"])] if content["organisation"] else []
    shown += [_section(part.section, part.fields, content) for part in PARTS if part.fields]
    return [section for section in shown if section["facts"] or section["texts"]]


def _organisation_section(organisation: Content) -> dict[str, Any]:
    meta = Organisation._meta
    facts = [
        (meta.get_field("name").verbose_name, organisation["name"]),
        (meta.get_field("code").verbose_name, organisation["code"]),
        (meta.get_field("kind").verbose_name, organisation["kind_name"]),
        (meta.get_field("district").verbose_name, organisation["district"]),
    ]
    facts += [
        (meta.get_field(name).verbose_name, organisation[name])
        for name in ORGANISATION_FIELDS
        if name != "introduction" and organisation[name]
    ]
    texts = [(meta.get_field("introduction").verbose_name, organisation["introduction"])]
    return {
        "key": "organisation",
        "title": _("Applicant organisation"),
        "facts": facts,
        "texts": [pair for pair in texts if pair[1]],
    }


def _section(section: Section, fields: Iterable[str], content: Content) -> dict[str, Any]:
    facts, texts = [], []
    for name in fields:
        value = _shown(name, content)
        if value in ("", None):
            continue
        field = Project._meta.get_field(name)
        is_text = field.get_internal_type() == "TextField"
        (texts if is_text else facts).append((field.verbose_name, value))
    return {"key": section.value, "title": section.label, "facts": facts, "texts": texts}


def _shown(name: str, content: Content) -> Any:
    value = content["application"].get(name)
    if name in COUNTED:
        return "、".join(f"{label} {count}" for label, count in content["names"].get(name, ()))
    if name in CODED or name == "district":
        named = content["names"].get(name, "")
        return "、".join(named) if isinstance(named, list) else named
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value


def budget_table(content: Content) -> dict[str, Any]:
    """The budget as a table with amounts as text; the last row sums up."""
    budget = content["budget"]
    rows = [
        [
            line["heading_name"],
            f"{line['item']}（{line['basis']}）" if line["basis"] else line["item"],
            f"{yuan(line['unit_price_fen'])}×{line['quantity']}{line['unit']}",
            *(yuan(line[f"{purse}_fen"]) for purse in ("amount", "fiscal", "social", "own")),
        ]
        for line in budget["lines"]
    ]
    rows.append(
        [
            _("Total"),
            "",
            "",
            *(yuan(budget[f"{purse}_fen"]) for purse in ("amount", "fiscal", "social", "own")),
        ]
    )
    return {
        "head": [
            _("Heading"),
            _("Item"),
            _("Price × quantity"),
            _("Amount"),
            _("Fiscal"),
            _("Social"),
            _("Own"),
        ],
        "rows": rows,
        "numeric_cols": [3, 4, 5, 6],
    }
