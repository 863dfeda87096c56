"""What may be changed while an application stands returned for correction (补正).

Only what was found wrong, and what would otherwise keep it from being handed in again: nobody is asked
to mend what is closed to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kit import clock
from projects import corrections, eligibility
from projects.enums import AttachmentKind, ProjectStatus
from projects.models import Project
from projects.sections import PARTS, TABLES


def open_places(project: Project) -> frozenset[str] | None:
    """Names of fields, tables and ``attachment:<kind>`` that may be changed now; ``None`` is all.

    What has been open once stays open until the application is handed in: mending a place does not
    shut it under the hands of the person.
    """
    if project.status != ProjectStatus.CORRECTING:
        return None
    return corrections.asked_for(project) | _to_mend(project)


def are_open(project: Project, places: Iterable[str]) -> bool:
    """Whether all of these may be changed now. What was returned is known at once; the questions of
    eligibility are asked only about the rest."""
    if project.status != ProjectStatus.CORRECTING:
        return True
    rest = set(places) - corrections.asked_for(project)
    return not rest or rest <= _to_mend(project)


def _to_mend(project: Project) -> frozenset[str]:
    # As it is saved: what has just been typed into ``project`` mends nothing yet.
    saved = Project.objects.for_list().get(pk=project.pk)
    case = eligibility.case_of(saved, clock.now())
    places = eligibility.places_to_mend(case) | _never_asked(case)
    return frozenset(place for place in places if corrections.is_place(place))


def _never_asked(case: eligibility.Case) -> set[str]:
    """Of an entry that came by a table, what the paper did not say: nobody has been asked for it."""
    version = case.project.current_submission
    if version is None or "origin" not in version.content:
        return set()
    tables = {table.name for part in PARTS for table in part.tables}
    names = [name for part in PARTS for name in part.names]
    empty = {
        name for name in names if not (case.rows(name) if name in tables else getattr(case.project, name))
    }
    kinds = set(AttachmentKind.values) - case.attachment_kinds
    return empty | {corrections.attachment_place(kind) for kind in kinds}


def _said(case: eligibility.Case, name: str) -> Any:
    return case.rows(name) if name in TABLES else getattr(case.project, name)
