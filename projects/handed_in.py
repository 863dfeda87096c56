"""Applications as others than their applicants see them: as handed in last, whatever has been typed since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import District
from projects.enums import EDITABLE
from projects.models import Project


def as_handed_in(projects: Iterable[Project]) -> list[Project]:
    """The same rows with title, field, district and sums of the version handed in; one query where any
    of them is being changed.

    ``projects`` come with ``current_submission``. They are for showing: an action reads anew what it
    changes.
    """
    projects = list(projects)
    changing = [
        (project, version.content)
        for project in projects
        if project.status in EDITABLE and (version := project.current_submission)
    ]
    if not changing:
        return projects
    codes = {content["application"]["district"] for _project, content in changing}
    districts = {district.code: district for district in District.objects.filter(code__in=codes)}
    for project, content in changing:
        _overlay(project, content, districts)
    return projects


def _overlay(project: Any, content: dict[str, Any], districts: dict[str, District]) -> None:
    written, budget = content["application"], content["budget"]
    project.title, project.field = written["title"], written["field"]
    project.district = districts.get(written["district"])
    project.fiscal_fen, project.social_fen = budget["fiscal_fen"], budget["social_fen"]
    project.own_fen, project.total_fen = budget["own_fen"], budget["amount_fen"]
