"""Locked sheets without their numbers, and the versions that unlockings have kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from contest.rulebook import Criterion
from judging.models import Assignment, Round, Sheet, SheetScore, SheetVersion


def locked_sheets(round: Round) -> QuerySet[Sheet]:
    """The sheets of a round with how often each was unlocked. No points, no comment."""
    return (
        Sheet.objects.filter(assignment__entry__round=round)
        .select_related("assignment__seat__expert", "assignment__entry__project")
        .defer("comment", "total")
        .annotate(unlocks=Count("versions"))
        .order_by("assignment__entry__number", "assignment__seat__number")
    )


@dataclass(frozen=True)
class Version:
    """A sheet at one time: kept by an unlocking, or as it stands."""

    number: int
    lines: list[tuple[Criterion, Any]]
    total: Any
    comment: str
    sha256: str
    locked_at: datetime | None
    kept: SheetVersion | None


def versions_of(assignment: Assignment) -> list[Version]:
    """What was kept, the oldest first, and the sheet as it stands last; three queries."""
    sheet = Sheet.objects.get(assignment=assignment)
    criteria = assignment.entry.round.rules.criteria
    points = dict(SheetScore.objects.filter(sheet=sheet).values_list("criterion", "points"))
    now = Version(
        sheet.version,
        _lines(criteria, points),
        sheet.total,
        sheet.comment,
        sheet.sha256,
        sheet.submitted_at,
        None,
    )
    return [*earlier_versions(sheet, criteria), now]


def earlier_versions(sheet: Sheet, criteria: tuple[Criterion, ...]) -> list[Version]:
    """What unlockings have kept of a sheet, the oldest first; one query."""
    return [_version_of(kept, criteria) for kept in sheet.versions.select_related("unlocked_by")]


def _version_of(kept: SheetVersion, criteria: tuple[Criterion, ...]) -> Version:
    """A kept version, read from what its fingerprint was taken over."""
    content = kept.content
    return Version(
        kept.version,
        _lines(criteria, content["points"]),
        content["total"],
        content["comment"],
        kept.sha256,
        datetime.fromtimestamp(content["submitted_at"] / 1_000_000, tz=kept.unlocked_at.tzinfo),
        kept,
    )


def _lines(criteria: tuple[Criterion, ...], points: Mapping[str, Any]) -> list[tuple[Criterion, Any]]:
    return [(criterion, points.get(criterion.key)) for criterion in criteria]
