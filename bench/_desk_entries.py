"""As many entries at the desk as asked for; then, as ``bench._desk_entries sign-in`` with the settings of
the server, a signed-in clerk.

The second prints one JSON object: the clerk's cookie and how many queries the first page costs.
"""

import json
import os
import sys
import uuid
from datetime import datetime, timedelta

import django
import psycopg2

django.setup()

from django.conf import settings  # noqa: E402 - the apps must be loaded first
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.enums import Role  # noqa: E402
from accounts.models import User  # noqa: E402
from bench._signed_in import sign_in  # noqa: E402
from kit import clock  # noqa: E402
from projects.enums import ProjectStatus  # noqa: E402
from projects.models import (  # noqa: E402
    BudgetLine,
    EligibilityCheck,
    Organisation,
    Project,
    Recommendation,
    Similarity,
    Submission,
)
from tests.factories.accounts import UserFactory  # noqa: E402
from tests.factories.contest import EditionFactory  # noqa: E402
from tests.factories.projects import ProjectFactory  # noqa: E402

ADDRESS = "/desk/intake/"
MOMENT = datetime(2026, 3, 9, 12, tzinfo=clock.CITY_ZONE)
BATCH = 1000
#: What has become of every tenth of them.
STATES = [ProjectStatus.SUBMITTED] * 7 + [ProjectStatus.ACCEPTED] * 2 + [ProjectStatus.CORRECTING]


def make(entries: int) -> None:
    """One entry by the actions of the portal, the others copied from it row by row."""
    clerk = UserFactory(roles=[Role.CLERK])
    edition = EditionFactory(year=2026, clerk=clerk)
    model = ProjectFactory(edition=edition, status=ProjectStatus.SUBMITTED)
    numbers = [n for n in range(entries) if f"2026-{n:04}" != model.code][: entries - 1]
    organisations = Organisation.objects.bulk_create(
        _copy(model.organisation, code=f"52441300DEM{n:07}", name=f"示范市第{n}号社会工作服务中心")
        for n in range(max(1, entries // 5))
    )
    drafts = Project.objects.bulk_create(
        [
            _copy(
                model,
                code=f"2026-{n:04}",
                title=f"第{n}号邻里议事厅",
                organisation=organisations[n % len(organisations)],
                checker=clerk if n % 3 else None,
                status=ProjectStatus.DRAFT,
                submitted_at=None,
                current_submission=None,
            )
            for n in numbers
        ],
        batch_size=BATCH,
    )
    version = model.current_submission
    versions = Submission.objects.bulk_create(
        [
            _copy(
                version, project=project, request_key=uuid.uuid4(), sign_off=None, document=None, receipt=None
            )
            for project in drafts
        ],
        batch_size=BATCH,
    )
    for number, (project, submission) in enumerate(zip(drafts, versions, strict=True)):
        _hand_in(project, submission, STATES[number % len(STATES)], MOMENT - timedelta(days=number % 12))
    fields = ["status", "current_submission", "submitted_at", "decided_at", "correction_due_on"]
    Project.objects.bulk_update(drafts, fields, batch_size=BATCH)
    _around(model, drafts)
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        # As in any database that has been in use for a while.
        cursor.execute("ANALYZE")


def _copy(row, **changes):
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    copy = type(row)(**{name: value for name, value in fields.items() if name != "id"})
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


def _hand_in(project: Project, submission: Submission, status: str, moment: datetime) -> None:
    project.status, project.current_submission, project.submitted_at = status, submission, moment
    if status == ProjectStatus.ACCEPTED:
        project.decided_at = moment
    if status == ProjectStatus.CORRECTING:
        project.correction_due_on = MOMENT.date()


def _around(model: Project, projects: list[Project]) -> None:
    """Budget, the machine's answers, the district's word and likenesses."""
    lines, checks = list(model.budget_lines.all()), list(model.eligibility_checks.all())
    BudgetLine.objects.bulk_create(
        [_copy(line, project=project) for project in projects for line in lines], batch_size=BATCH
    )
    EligibilityCheck.objects.bulk_create(
        [_copy(check, project=project, at=project.submitted_at) for project in projects for check in checks],
        batch_size=BATCH,
    )
    Recommendation.objects.bulk_create(
        [
            Recommendation(
                project=project,
                edition=project.edition,
                district=project.district,
                stance="recommend",
                rank=n,
            )
            for n, project in enumerate(projects[::2], 1)
        ],
        batch_size=BATCH,
    )
    Similarity.objects.bulk_create(
        [
            Similarity(project=project, other=model, title_percent=60, summary_percent=50)
            for project in projects[::20]
        ]
    )


def signed_in() -> dict[str, object]:
    person = User.objects.filter(role_grants__role=Role.CLERK).order_by("pk").first()
    assert person is not None
    cookie = sign_in(person)
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
    browser.get(ADDRESS)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(ADDRESS)
    assert answer.status_code == 200, answer.status_code
    handed_in = Project.objects.handed_in().count()
    return {"cookie": cookie, "queries": len(queries), "count": handed_in}


if sys.argv[1:] == ["sign-in"]:
    print(json.dumps(signed_in()))
else:
    with clock.frozen(MOMENT):
        make(int(sys.argv[1]))
