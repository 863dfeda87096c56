"""Applications as a table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contest.exports import Export, Filters, Row, register
from projects.enums import ProjectStatus
from projects.models import Project


def _selected(filters: Filters) -> QuerySet[Project]:
    """What has been handed in, narrowed as on the intake list."""
    projects = Project.objects.handed_in().for_list()
    if year := filters.get("edition"):
        projects = projects.filter(edition__year=_whole(year))
    if (status := filters.get("status")) in ProjectStatus.values:
        projects = projects.filter(status=status)
    if words := str(filters.get("q", "")).replace("\x00", "").strip():
        projects = projects.filter(
            Q(code__icontains=words) | Q(title__icontains=words) | Q(organisation__name__icontains=words)
        )
    return projects


def _whole(value: Any) -> int:
    """A year as typed; 0 matches nothing."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _rows(filters: Filters) -> tuple[int, Iterator[Row]]:
    projects = _selected(filters)
    return projects.count(), (_row(project) for project in projects.iterator(chunk_size=500))


def _row(project: Project) -> Row:
    """One application. No phone, no e-mail: a table travels further than a page."""
    return {
        "code": project.code,
        "edition": project.edition.year,
        "title": project.title,
        "status": str(project.get_status_display()),  # type: ignore[attr-defined]
        "organisation": project.organisation.name,
        "organisation_code": project.organisation.code,
        "kind": str(project.organisation.get_kind_display()),  # type: ignore[attr-defined]
        "district": project.district.name if project.district else "",
        "field": project.field_name,
        "groups": "、".join(project.group_names),
        "fiscal": _yuan(project.fiscal_fen),  # type: ignore[attr-defined]
        "social": _yuan(project.social_fen),  # type: ignore[attr-defined]
        "own": _yuan(project.own_fen),  # type: ignore[attr-defined]
        "total": _yuan(project.total_fen),  # type: ignore[attr-defined]
        "submitted_at": project.submitted_at,
        "version": project.current_submission.version if project.current_submission else None,
        "sha256": project.current_submission.sha256 if project.current_submission else "",
        "decided_at": project.decided_at,
    }


def _yuan(fen: int) -> Any:
    return Decimal(fen) / 100


register(
    Export(
        kind="entries",
        title=_("Applications handed in"),
        permission="projects.export_entries",
        columns=[
            (_("Acceptance number"), "code"),
            (_("Edition"), "edition"),
            (_("Project title"), "title"),
            (_("Status"), "status"),
            (_("Applicant organisation"), "organisation"),
            (_("Unified social credit code"), "organisation_code"),
            (_("Kind of organisation"), "kind"),
            (_("District"), "district"),
            (_("Main field"), "field"),
            (_("Beneficiary groups"), "groups"),
            (_("Fiscal funds (yuan)"), "fiscal"),
            (_("Social funds (yuan)"), "social"),
            (_("Own funds (yuan)"), "own"),
            (_("Total (yuan)"), "total"),
            (_("Submitted at"), "submitted_at"),
            (_("Version"), "version"),
            (_("Fingerprint"), "sha256"),
            (_("Decided at"), "decided_at"),
        ],
        rows=_rows,
    )
)
