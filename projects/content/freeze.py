"""An application as it is frozen at submission.

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

from contest.rulebook import CodedName
from kit.hashing import fingerprint
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
from projects.sections import COUNTED, PARTS, TEAM

Content = dict[str, Any]
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
    "won_before",
    "introduction",
)
PURSES = ("amount", "fiscal", "social", "own")


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
    plain = {name: getattr(member, name) for name in TEAM.fields}
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
