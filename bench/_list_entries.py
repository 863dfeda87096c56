"""An edition with 300 accepted entries whose list is published, and the bare view's table."""

import os
from datetime import datetime

import django
import psycopg2

django.setup()

from accounts.enums import Role  # noqa: E402
from contest.enums import Stage  # noqa: E402 - the apps must be loaded first
from judging.actions import publish_intake_notice  # noqa: E402
from kit import clock  # noqa: E402
from projects.enums import ProjectStatus  # noqa: E402
from projects.models import Project  # noqa: E402
from tests.factories.accounts import DistrictFactory, UserFactory  # noqa: E402
from tests.factories.contest import EditionFactory  # noqa: E402
from tests.factories.judging import accepted_project, make_organisation  # noqa: E402

ENTRIES = 300
ORGANISATIONS = 12
#: A moment whose official calendar is known.
MOMENT = datetime(2026, 6, 9, 12, tzinfo=clock.CITY_ZONE)


def main() -> None:
    clerk = UserFactory(roles=[Role.CLERK])
    edition = EditionFactory(stage=Stage.PRELIMINARY, clerk=clerk, year=2026)
    districts = DistrictFactory.create_batch(7)
    bodies = [make_organisation(district=districts[n % 7]) for n in range(ORGANISATIONS)]
    for number in range(ENTRIES):
        accepted_project(edition, bodies[number % ORGANISATIONS])
    publish_intake_notice(actor=clerk, edition=edition)
    assert Project.objects.filter(status=ProjectStatus.ACCEPTED).count() == ENTRIES
    make_bare_table()


def make_bare_table() -> None:
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_bare_list (id serial PRIMARY KEY,"
            " code text, title text, organisation text, field text, district text)"
        )
        cursor.execute(
            "INSERT INTO bench_bare_list (code, title, organisation, field, district)"
            " SELECT '2026-' || n, '第' || n || '号邻里议事厅', '示范市社会工作服务中心',"
            " '社区自治共治', '示范区'"
            " FROM generate_series(1, 100) n"
        )
        cursor.execute("GRANT SELECT ON bench_bare_list TO gongzhi_app")
        # As in any database that has been in use for a while.
        cursor.execute("ANALYZE")


with clock.frozen(MOMENT):
    main()
