"""Starting and filling in an application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.models import Edition
from contest.record import record
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import canonical
from projects import deadlines
from projects.actions.checks import note_save
from projects.actions.common import (
    assign,
    lock_draft,
    person,
    refuse_stale,
    refuse_unless_editable,
    refuse_unless_open,
    touch,
)
from projects.actions.rows import read_rows, replace_rows
from projects.eligibility.timing import period_finding
from projects.enums import ProjectStatus
from projects.models import Organisation, Project, ProjectCounter
from projects.models.applications import LARGEST_COUNT
from projects.sections import CODED, COUNTED, TABLES, Part, part_of

if TYPE_CHECKING:
    from accounts.actors import Actor

MAX_DRAFTS = 10
#: What may be kept of things typed that cannot be taken yet, as canonical JSON.
MAX_UNFINISHED = 1_000_000


@transaction.atomic
def start_project(*, actor: Actor, edition: Edition, organisation: Organisation, title: str) -> Project:
    """Begin an application: it gets its code (受理编号) now and keeps it for life.

    Refuses before and after the application stage and more than ten drafts at a time.
    """
    require(actor, "projects.start_project", organisation)
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    _refuse_unless_open(edition, organisation)
    drafts = Project.objects.filter(
        organisation=organisation, edition=edition, status=ProjectStatus.DRAFT
    ).count()
    refuse_unless(
        drafts < MAX_DRAFTS,
        "too_many_drafts",
        _("Your organisation has %(count)s drafts already. Please go on with one of them."),
        count=drafts,
    )
    project = Project(
        edition=edition,
        organisation=organisation,
        district_id=organisation.district_id,
        drafted_by=person(actor),
        started_at=clock.now(),
        saved_at=clock.now(),
    )
    assign(project, {"title": title}, ["title"])
    project.code = _next_code(edition)
    project.save()
    note_save(project, ["title"])
    record(
        "project.started",
        actor=actor,
        obj=project,
        edition=edition,
        after={"code": project.code, "organisation": organisation.pk},
    )
    return project


def _refuse_unless_open(edition: Edition, organisation: Organisation) -> None:
    deadline = deadlines.application_deadline(edition, organisation.pk)
    refuse_unless(
        deadlines.is_open(edition, deadline, clock.db_now()),
        "applications_closed",
        _("Applications are not open in this edition now."),
    )


def _next_code(edition: Edition) -> str:
    ProjectCounter.objects.get_or_create(edition=edition)
    counter = ProjectCounter.objects.select_for_update().get(edition=edition)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{edition.year}-{counter.last:04}"


@transaction.atomic
def save_section(
    *,
    actor: Actor,
    project: Project,
    section: str,
    version: int,
    tab: str = "",
    tables: Mapping[str, Sequence[dict[str, Any]]] | None = None,
    unfinished: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Project:
    """Save fields and tables of one section, any of them or all; empty ones are welcome until the
    application is handed in.

    ``version`` is the project's version the person began from and ``tab`` the browser tab: if a
    field that changes now was changed after it by another one, the save is refused with code
    ``stale`` and nothing is saved. ``tables`` replaces the rows of the tables named; amounts are
    integer fen. ``unfinished`` keeps, as typed, what cannot be taken yet. A save that changes nothing
    leaves no trace.
    """
    require(actor, "projects.edit_project", project)
    tables, unfinished = tables or {}, unfinished or {}
    part = _part_with(section, {*tables, *unfinished, *fields})
    project = lock_draft(project)
    refuse_unless_editable(project)
    _refuse_unknown_keys(project, fields)
    changed = set(assign(project, fields, part.fields))
    rows = {name: read_rows(project, TABLES[name], tables[name]) for name in tables}
    changed |= {name for name, found in rows.items() if found.differ}
    changed |= _keep_unfinished(project, unfinished, taken={*fields, *tables})
    if not changed:
        return project
    refuse_unless_open(project, changed)
    refuse_stale(project, changed, version, tab)
    _refuse_backward_period(project)
    for name in changed & set(rows):
        replace_rows(project, rows[name])
    project.groups = sorted(project.group_counts)
    touch(project, changed, tab)
    note_save(project, changed)
    after = {"section": part.section, "version": project.version, "fields": sorted(changed)}
    record("project.saved", actor=actor, obj=project, edition=Edition(pk=project.edition_id), after=after)
    return project


def _part_with(section: str, names: set[str]) -> Part:
    """The section, which must hold all of these."""
    part = part_of(section)
    if part is None:
        raise RuleBroken("section_unknown", _("There is no such section."))
    if unknown := names - set(part.names):
        raise TypeError(f"not in this section: {', '.join(sorted(unknown))}")
    return part


def _keep_unfinished(project: Project, unfinished: Mapping[str, Any], *, taken: set[str]) -> set[str]:
    """Keep what cannot be taken yet, forget what now was; returns the names that changed thereby."""
    before = project.unfinished
    kept = {name: raw for name, raw in before.items() if name not in taken} | dict(unfinished)
    kept = {name: raw for name, raw in kept.items() if raw not in (None, "", [])}
    refuse_unless(
        len(canonical(kept)) <= MAX_UNFINISHED, "unfinished_too_large", _("This is too much text to keep.")
    )
    project.unfinished = kept
    return {name for name in {*before, *kept} if before.get(name) != kept.get(name)}


def _refuse_unknown_keys(project: Project, fields: dict[str, Any]) -> None:
    """Coded values must be keys of the edition's rulebook."""
    for name, table in CODED.items():
        value = fields.get(name)
        if not value:
            continue
        keys = value if isinstance(value, list | tuple) else [value]
        _refuse_unlisted(project, name, table, keys)
    for name, table in COUNTED.items():
        counts = fields.get(name)
        if not counts:
            continue
        _refuse_unlisted(project, name, table, counts)
        refuse_unless(
            all(type(count) is int and 0 < count <= LARGEST_COUNT for count in counts.values()),
            "count",
            _("Enter how many people, as a whole number."),
            field=name,
        )


def _refuse_unlisted(project: Project, name: str, table: str, keys: Any) -> None:
    known = {item.key for item in getattr(project.edition.rules, table)}
    refuse_unless(
        all(key in known for key in keys), "key_unknown", _("Please choose from the list."), field=name
    )


def _refuse_backward_period(project: Project) -> None:
    if finding := period_finding(project.starts_on, project.ends_on):
        raise RuleBroken(finding.check.value, finding.message, field="ends_on")
