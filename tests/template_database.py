"""One migrated database that every test process copies, instead of migrating its own.

It is named after what the migrations say, is made once under a lock and stays in the cluster of the
tests: a later run with the same migrations finds it there. Anything else is dropped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import django
import psycopg2
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

# A test's rows are never committed. A vacuum in its midst counts none, and the planner, which believes it,
# then walks thousands of sheets once for every other.
LEFT_ALONE = """
DO $$ DECLARE found regclass; BEGIN
    FOR found IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', found);
    END LOOP;
END $$
"""

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "template_of_tests_"
LOCK = 7_316_042


def template_database() -> str:
    """The name of a database that is migrated to the full; makes it if it is not there."""
    name = PREFIX + _fingerprint()
    with closing(psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])) as admin:
        admin.autocommit = True
        cursor = admin.cursor()
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        there = {found for (found,) in cursor.fetchall()}
        if name not in there:
            for other in there:
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(other)))
            _make(cursor, name)
    return name


def _make(cursor: psycopg2.extensions.cursor, name: str) -> None:
    """Under another name until it is whole: a run that is stopped leaves no half of one."""
    unfinished = f"{name}_unfinished"
    owner = connections["owner"].settings_dict["USER"]
    cursor.execute(
        sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(unfinished), sql.Identifier(owner))
    )
    with _owner_at(unfinished):
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        with connections["owner"].cursor() as cursor_of_owner:
            cursor_of_owner.execute(LEFT_ALONE)
    cursor.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
    )


@contextmanager
def _owner_at(name: str) -> Iterator[None]:
    connection = connections["owner"]
    connection.close()
    kept = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = kept


def _fingerprint() -> str:
    """Of everything that says what a migrated database holds."""
    digest = hashlib.sha256(django.__version__.encode())
    folders = [Path(app.path) / "migrations" for app in apps.get_app_configs()]
    ours = [ROOT / "kit" / "migrations.py", ROOT / "requirements.txt", Path(__file__)]
    for path in [*ours, *sorted(path for folder in folders for path in folder.glob("*.py"))]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
