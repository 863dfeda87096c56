"""A round being scored, in which nothing is signed: entries, experts and their sheets as asked for; and
the bare view's table. ``bench._sheet_drafts ENTRIES EXPERTS``; then, with the settings of the server,
``bench._sheet_drafts sign-in`` prints one JSON list: of one sheet of each expert its key, version and
cookie; ``bench._sheet_drafts queries`` prints how many queries the queue of one expert costs.
"""

import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - the apps must be loaded first
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.enums import Role  # noqa: E402
from bench._one_update import make_table  # noqa: E402
from bench._signed_in import sign_in  # noqa: E402
from contest.enums import Stage  # noqa: E402
from judging.actions import create_round, declare, make_pledge, open_round, set_panel  # noqa: E402
from judging.enums import AssignmentStatus, RoundKey  # noqa: E402
from judging.models import Assignment, PanelSeat, Sheet, SheetScore  # noqa: E402
from kit import clock  # noqa: E402
from tests.factories.accounts import UserFactory  # noqa: E402
from tests.factories.contest import EditionFactory  # noqa: E402
from tests.factories.judging import accepted_project, publish_intake, rules_with  # noqa: E402

#: On every other sheet so many criteria have points: some are begun, some scored in full.
SCORED = (0, 3, 5)


def make(entries: int, experts: int) -> None:
    """Everything by the actions of the portal; the points row by row."""
    clerk, approver = (UserFactory(roles=[role]) for role in (Role.CLERK, Role.APPROVER))
    rules = {"sheets_per_entry": experts, "quorum_sheets": min(experts, 3), "advance": entries}
    edition = EditionFactory(
        year=2026,
        stage=Stage.PRELIMINARY,
        clerk=clerk,
        approver=approver,
        rules=rules_with(RoundKey.PRELIMINARY, **rules),
    )
    for _number in range(entries):
        accepted_project(edition)
    publish_intake(edition, clerk)
    panel = [UserFactory(roles=[Role.EXPERT]) for _number in range(experts)]
    round = create_round(actor=clerk, edition=edition, key=RoundKey.PRELIMINARY)
    set_panel(actor=clerk, round=round, experts=panel)
    round = open_round(actor=clerk, round=round, scoring_ends_at=clock.now() + timedelta(days=30))
    for expert in panel:
        make_pledge(actor=expert, edition=edition)
    first = Assignment.objects.for_desk().filter(seat__number=1).order_by("pk")[0]
    declare(actor=first.seat.expert, assignment=first, has_conflict=False)
    rest = list(Assignment.objects.filter(status=AssignmentStatus.OFFERED).order_by("pk"))
    Assignment.objects.filter(pk__in=[row.pk for row in rest]).update(status=AssignmentStatus.CLEAR)
    moment = datetime.now(tz=clock.CITY_ZONE)
    sheets = Sheet.objects.bulk_create([Sheet(assignment=row, saved_at=moment) for row in rest])
    criteria = round.rules.criteria
    SheetScore.objects.bulk_create(
        SheetScore(sheet=sheet, criterion=c.key, points=c.points // 2, full_points=c.points)
        for number, sheet in enumerate(sheets)
        for c in criteria[: SCORED[number % len(SCORED)]]
    )


def signed_in() -> list[dict[str, Any]]:
    """One sheet of each expert."""
    found = []
    for seat in PanelSeat.objects.select_related("expert").order_by("number"):
        sheet = Sheet.objects.filter(assignment__seat=seat).order_by("-pk")[0]
        criteria = {c.key: c.points for c in seat.round.rules.criteria}
        found.append(
            {
                "key": sheet.assignment_id,
                "version": sheet.version,
                "criteria": criteria,
                "cookie": sign_in(seat.expert),
            }
        )
    return found


def queries() -> int:
    """How many queries the queue of the first expert costs, the session's own included."""
    client = Client(headers={"Host": "127.0.0.1"})
    client.cookies[settings.SESSION_COOKIE_NAME] = sign_in(PanelSeat.objects.get(number=1).expert)
    client.get("/review/")
    with CaptureQueriesContext(connection) as captured:
        if client.get("/review/").status_code != 200:
            sys.exit("review_dashboard: the queue did not open")
    return len(captured)


if sys.argv[1:] == ["sign-in"]:
    json.dump(signed_in(), sys.stdout)
elif sys.argv[1:] == ["queries"]:
    json.dump(queries(), sys.stdout)
else:
    make(int(sys.argv[1]), int(sys.argv[2]))
    make_table(os.environ["DATABASE_OWNER_URL"], int(sys.argv[2]))
