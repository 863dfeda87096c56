"""Rows become bodies, entries, their places, budgets and frozen versions."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from contest.enums import Period
from contest.models import Edition
from contest.record import record
from kit import clock
from kit.errors import refuse_unless
from kit.hashing import fingerprint
from projects import importing
from projects.actions.common import person
from projects.actions.organisations import keep_version
from projects.content import snapshot
from projects.enums import Check, Origin, ProjectStatus
from projects.importing import HISTORY, PAPER
from projects.models import (
    BudgetLine,
    EligibilityCheck,
    ImportBatch,
    ImportRow,
    Organisation,
    Place,
    Project,
    ProjectCounter,
    Submission,
)

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.models import User
from projects.actions.imports.judged import Judged, budget_of


def import_chunk(actor: User, batch: ImportBatch, judged: list[Judged], counter: ProjectCounter) -> None:
    """Bodies, entries, their places, budgets and frozen versions of so many rows."""
    bodies = _bodies(actor, judged)
    moment = clock.db_now()
    projects = []
    for entry in judged:
        counter.last += 1
        refuse_unless(
            counter.last <= 9999, "edition_full", gettext_lazy("An edition has room for 9999 applications.")
        )
        code = f"{batch.edition.year}-{counter.last:04}"
        projects.append(_project(actor, batch.edition, entry.values, bodies, code, moment))
    Project.objects.bulk_create(projects)
    Place.objects.bulk_create(_places(projects, judged))
    BudgetLine.objects.bulk_create(_lines(projects, judged))
    _freeze(actor, batch, projects, judged, moment)
    for project, entry in zip(projects, judged, strict=True):
        entry.row.project = project
        record(
            "project.imported",
            actor=actor,
            obj=project,
            edition=batch.edition,
            after={
                "code": project.code,
                "status": project.status,
                "import": batch.pk,
                "row": entry.row.number,
            },
        )
    ImportRow.objects.bulk_update([entry.row for entry in judged], ["project"])


def _bodies(actor: User, judged: list[Judged]) -> dict[str, Organisation]:
    """The body of each row by its code; one nobody has registered is entered, unverified and without
    people."""
    codes = {entry.values["code"] for entry in judged}
    known = {body.code: body for body in Organisation.objects.filter(code__in=codes)}
    for entry in judged:
        values = entry.values
        if values["code"] in known:
            continue
        body = Organisation.objects.create(
            code=values["code"],
            name=values["organisation"],
            kind=values["kind"],
            district_id=values["district"],
            registered_at=clock.now(),
        )
        known[body.code] = body
        keep_version(actor, body)
        record("organisation.imported", actor=actor, obj=body, after={"code": body.code, "kind": body.kind})
    return known


#: Values that go into the application as they are.
PLAIN = (
    "title",
    "field",
    "summary",
    "problem",
    "starts_on",
    "ends_on",
    "direct_beneficiaries",
    "lead_name",
    "lead_phone",
    "honour",
)


def _project(
    actor: User,
    edition: Edition,
    values: dict[str, Any],
    bodies: dict[str, Organisation],
    code: str,
    moment: datetime,
) -> Project:
    groups = values.get("groups", {})
    return Project(
        edition=edition,
        organisation=bodies[values["code"]],
        code=code,
        origin=importing.origin_of(edition),
        district_id=values["district"],
        place=values.get("town", "") + values.get("village", ""),
        groups=sorted(groups),
        group_counts={key: count for key, count in groups.items() if count},
        drafted_by=person(actor),
        started_at=moment,
        saved_at=moment,
        **{name: values[name] for name in PLAIN if name in values},
    )


def _places(projects: list[Project], judged: list[Judged]) -> list[Place]:
    return [
        Place(
            project=project,
            position=1,
            district_id=entry.values["district"],
            town=entry.values["town"],
            village=entry.values.get("village", ""),
        )
        for project, entry in zip(projects, judged, strict=True)
        if entry.values.get("town")
    ]


def _lines(projects: list[Project], judged: list[Judged]) -> list[BudgetLine]:
    lines = []
    for project, entry in zip(projects, judged, strict=True):
        for line in budget_of(entry.values):
            line.project = project
            lines.append(line)
    return lines


def _freeze(
    actor: Actor, batch: ImportBatch, projects: list[Project], judged: list[Judged], moment: datetime
) -> None:
    """Each entry as a frozen version, handed in on paper or decided long ago."""
    whole = Project.objects.select_related(
        "edition__current_rulebook", "organisation__district", "district"
    ).in_bulk([project.pk for project in projects])
    submissions, checks = [], []
    for project, entry in zip(projects, judged, strict=True):
        at = _handed_in_at(batch.edition, entry.values, moment)
        content = {
            **snapshot(whole[project.pk], version=1, submitted_at=at),
            "origin": {"kind": project.origin, "import": batch.pk, "row": entry.row.number},
        }
        # The body as the table names it: it may have another name by now.
        content["organisation"] = {**content["organisation"], "name": entry.values["organisation"]}
        submissions.append(
            Submission(
                project=project,
                version=1,
                content=content,
                sha256=fingerprint(content),
                submitted_by=person(actor),
                submitted_at=at,
                request_key=uuid.uuid4(),
            )
        )
        if project.origin == PAPER:
            checks += [
                EligibilityCheck(project=project, rule=rule, passed=True, at=at)
                for rule in (Check.DEADLINE, Check.NOT_BARRED, Check.ENTRY_LIMIT, Check.CEILING)
            ]
    Submission.objects.bulk_create(submissions)
    EligibilityCheck.objects.bulk_create(checks)
    for project, submission, entry in zip(projects, submissions, judged, strict=True):
        project.current_submission, project.submitted_at = submission, submission.submitted_at
        project.status = _status(project, entry.values)
        project.decided_at = moment if project.origin == HISTORY else None
    Project.objects.bulk_update(projects, ["status", "current_submission", "submitted_at", "decided_at"])


def _handed_in_at(edition: Edition, values: dict[str, Any], moment: datetime) -> datetime:
    """The beginning of the day on which the paper arrived, within the application period; of an entry
    of the past nobody knows, so it is the moment of the import."""
    day, period = values.get("received_on"), edition.periods.get(Period.APPLICATION)
    if day is None or period is None:
        return moment
    return max(period.starts_at, datetime.combine(day, time(), tzinfo=clock.CITY_ZONE))


def _status(project: Project, values: dict[str, Any]) -> ProjectStatus:
    if project.origin == Origin.PAPER:
        return ProjectStatus.SUBMITTED
    return ProjectStatus.ACCEPTED if values["is_accepted"] else ProjectStatus.REFUSED
