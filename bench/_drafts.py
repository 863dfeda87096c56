"""Complete drafts of several organisations and the bare view's table; then, as ``bench._drafts sign-in``
with the settings of the server, a signed-in owner for each.

The second prints one JSON list: of each draft its code, version, its owner's cookie and key.
"""

import json
import os
import sys
from datetime import datetime
from typing import Any

import django
import psycopg2

django.setup()

from django.conf import settings  # noqa: E402 - the apps must be loaded first
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from accounts.models import User  # noqa: E402
from contest.enums import Stage  # noqa: E402
from kit import clock  # noqa: E402
from projects.models import Project  # noqa: E402
from projects.views.autosave import person_key  # noqa: E402
from tests.factories.contest import EditionFactory  # noqa: E402
from tests.factories.projects import ProjectFactory, owner_of  # noqa: E402

DRAFTS = 4
MOMENT = datetime(2026, 3, 9, 12, tzinfo=clock.CITY_ZONE)


def sign_in(person: User) -> str:
    """A row of the session table, as signing in leaves one."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def signed_in() -> list[dict[str, Any]]:
    return [
        {
            "code": draft.code,
            "version": draft.version,
            "cookie": sign_in(owner_of(draft.organisation)),
            "person": person_key(owner_of(draft.organisation)),
        }
        for draft in Project.objects.for_list()
    ]


def make_bare_table() -> None:
    """As many rows as there are drafts, each with the texts of one."""
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare_save (id int PRIMARY KEY, summary text)")
        cursor.execute("INSERT INTO bench_bare_save SELECT n, '' FROM generate_series(1, %s) n", [DRAFTS])
        cursor.execute("GRANT SELECT, UPDATE ON bench_bare_save TO gongzhi_app")
        # As in any database that has been in use for a while.
        cursor.execute("ANALYZE")


if sys.argv[1:] == ["sign-in"]:
    json.dump(signed_in(), sys.stdout)
else:
    with clock.frozen(MOMENT):
        edition = EditionFactory(stage=Stage.APPLICATION, year=2026)
        ProjectFactory.create_batch(DRAFTS, edition=edition)
    make_bare_table()
