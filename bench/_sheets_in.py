"""A round with everything scored: as many entries as asked for, five sheets each, seven criteria.

``bench._sheets_in ENTRIES`` makes it; ``bench._sheets_in measure ROUNDS``, with the settings of the
server, prints one JSON list of pairs: seconds to tally and seal it, seconds to fetch its score rows.
"""

import gc
import hashlib
import json
import os
import sys
import time
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import django
import psycopg2

django.setup()

from django.db import transaction  # noqa: E402 - the apps must be loaded first

from accounts.enums import Role  # noqa: E402
from accounts.models import User  # noqa: E402
from contest.enums import Stage  # noqa: E402
from judging.actions import scan_sheets, seal_tally  # noqa: E402
from judging.enums import AssignmentStatus, FlagOutcome, RoundKey, RoundStatus, SheetStatus  # noqa: E402
from judging.models import (  # noqa: E402
    Assignment,
    Flag,
    PanelSeat,
    Result,
    Round,
    RoundEntry,
    Sheet,
    SheetScore,
    Tally,
)
from kit import clock  # noqa: E402
from projects.enums import ProjectStatus  # noqa: E402
from projects.models import Project, Submission  # noqa: E402
from tests.factories.accounts import UserFactory  # noqa: E402
from tests.factories.contest import EditionFactory  # noqa: E402
from tests.factories.judging import accepted_project, rules_with  # noqa: E402

MOMENT = datetime(2026, 6, 9, 12, tzinfo=clock.CITY_ZONE)
EXPERTS, SHEETS, BATCH = 60, 5, 2000
#: Entry, seat, criterion and points of every sheet that counts: what any tally has to read.
SCORE_ROWS = """
    SELECT assignment.entry_id, assignment.seat_id, score.criterion, score.points
    FROM judging_sheetscore score
    JOIN judging_sheet sheet ON sheet.id = score.sheet_id
    JOIN judging_assignment assignment ON assignment.id = sheet.assignment_id
    JOIN judging_roundentry entry ON entry.id = assignment.entry_id
    WHERE entry.round_id = %s AND entry.withdrawn_at IS NULL AND sheet.status = 'submitted'
    ORDER BY assignment.entry_id, assignment.seat_id, score.criterion
"""


def make(entries: int) -> None:
    """One project by the actions of the portal, the others copied from it row by row."""
    clerk = UserFactory(roles=[Role.CLERK])
    edition = EditionFactory(
        year=2026, stage=Stage.SECOND, clerk=clerk, rules=rules_with(RoundKey.SECOND, advance=200)
    )
    model = accepted_project(edition)
    projects = [model, *_copied_projects(model, entries - 1)]
    round = Round.objects.create(
        edition=edition,
        key=RoundKey.SECOND,
        created_by=clerk,
        status=RoundStatus.SCORING,
        rulebook=edition.current_rulebook,
        opened_at=MOMENT - timedelta(days=9),
        scoring_ends_at=MOMENT - timedelta(days=1),
    )
    seats = [
        PanelSeat.objects.create(round=round, number=number, expert=UserFactory(roles=[Role.EXPERT]))
        for number in range(1, EXPERTS + 1)
    ]
    rows = RoundEntry.objects.bulk_create(
        RoundEntry(round=round, project=project, submission=project.current_submission, number=number)
        for number, project in enumerate(projects, 1)
    )
    assignments = Assignment.objects.bulk_create(
        [
            Assignment(
                entry=entry,
                seat=seats[(number * SHEETS + step) % EXPERTS],
                status=AssignmentStatus.CLEAR,
            )
            for number, entry in enumerate(rows)
            for step in range(SHEETS)
        ],
        batch_size=BATCH,
    )
    _score(round, assignments)
    _look_into_flags(round)
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        # As in any database that has been in use for a while.
        cursor.execute("ANALYZE")


def _look_into_flags(round: Round) -> None:
    """The sheets are made of a pattern, which is odd: whatever is found has been looked into."""
    supervisor = UserFactory(roles=[Role.SUPERVISOR])
    scan_sheets(actor=supervisor, round=round)
    Flag.objects.update(
        outcome=FlagOutcome.EXPLAINED, note="made up", disposed_by=supervisor, disposed_at=MOMENT
    )


def _copied_projects(model: Project, number: int) -> list[Project]:
    blank = {
        "status": ProjectStatus.DRAFT,
        "current_submission": None,
        "submitted_at": None,
        "decided_at": None,
    }
    projects = Project.objects.bulk_create(
        _copy(model, code=f"2026-{n:04}", title=f"第{n}号邻里议事厅", **blank) for n in range(2, number + 2)
    )
    versions = Submission.objects.bulk_create(
        _copy(model.current_submission, project=project, request_key=uuid.uuid4()) for project in projects
    )
    for project, version in zip(projects, versions, strict=True):
        project.status, project.current_submission = ProjectStatus.ACCEPTED, version
        project.submitted_at = project.decided_at = MOMENT
    fields = ["status", "current_submission", "submitted_at", "decided_at"]
    Project.objects.bulk_update(projects, fields, batch_size=BATCH)
    return projects


def _copy(row, **changes):
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    copy = type(row)(**{name: value for name, value in fields.items() if name != "id"})
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


def _score(round: Round, assignments: list[Assignment]) -> None:
    """Points in halves, different on every sheet; written while the sheets are drafts, then submitted."""
    criteria = round.rules.criteria
    sheets = Sheet.objects.bulk_create(
        [Sheet(assignment=assignment, saved_at=MOMENT) for assignment in assignments], batch_size=BATCH
    )
    points = [
        [Decimal(c.points + (n * 7 + k * 3) % c.points) / 2 for k, c in enumerate(criteria)]
        for n in range(len(sheets))
    ]
    SheetScore.objects.bulk_create(
        [
            SheetScore(sheet=sheet, criterion=c.key, points=value, full_points=c.points)
            for sheet, own in zip(sheets, points, strict=True)
            for c, value in zip(criteria, own, strict=True)
        ],
        batch_size=BATCH,
    )
    for sheet, own in zip(sheets, points, strict=True):
        sheet.status, sheet.total, sheet.submitted_at = SheetStatus.SUBMITTED, sum(own), MOMENT
        sheet.sha256 = hashlib.sha256(str(sheet.pk).encode()).hexdigest()
    fields = ["status", "total", "submitted_at", "sha256"]
    Sheet.objects.bulk_update(sheets, fields, batch_size=500)


class _Undo(Exception):
    """Everything of the round so far is taken back, so that it can be sealed again."""


def sealing(clerk: User, round: Round) -> float:
    """Seconds to compute, seal and write it all down, within a transaction that is then taken back."""
    gc.collect()
    try:
        with transaction.atomic():
            started = time.perf_counter()
            tally = seal_tally(actor=clerk, round=round)
            seconds = time.perf_counter() - started
            if Result.objects.filter(tally=tally, rank__isnull=False).count() != round.entries.count():
                sys.exit("tally_1000: not every entry was ranked")
            raise _Undo
    except _Undo:
        return seconds


def fetching(round: Round) -> float:
    """Seconds to fetch the same score rows with psycopg2 alone, on a connection that is open."""
    gc.collect()
    with psycopg2.connect(os.environ["DATABASE_URL"]) as bare, bare.cursor() as cursor:
        cursor.execute("SELECT 1")
        started = time.perf_counter()
        cursor.execute(SCORE_ROWS, [round.pk])
        rows = cursor.fetchall()
        seconds = time.perf_counter() - started
    if len(rows) != SheetScore.objects.filter(sheet__assignment__entry__round=round).count():
        sys.exit("tally_1000: the bare side read other rows")
    return seconds


def pairs(rounds: int) -> list[tuple[float, float]]:
    # As config.wsgi does with what it has loaded.
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    round = Round.objects.for_list().get()
    clerk = User.objects.filter(role_grants__role=Role.CLERK).order_by("pk").first()
    sealing(clerk, round), fetching(round)
    found = [(sealing(clerk, round), fetching(round)) for _turn in range(rounds)]
    if Tally.objects.exists():
        sys.exit("tally_1000: a tally was left behind")
    return found


if sys.argv[1:2] == ["measure"]:
    print(json.dumps(pairs(int(sys.argv[2]))))
else:
    with clock.frozen(MOMENT):
        make(int(sys.argv[1]))
