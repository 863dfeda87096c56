"""What all tests share: the database as the portal sees it, and a clean slate after each test.

The test database is made by the owner role; tests connect as the application's role, with the
application's privileges. Tests that really commit cannot be cleaned by the application, which
may neither TRUNCATE nor touch append-only tables: a superuser puts the tables back afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase
from psycopg2 import sql
from pytest_django import fixtures as django_fixtures

from tests.template_database import template_database

pytest_plugins = ["tests.portal"]

SNAPSHOT = "test_snapshot"
COMMITTING_FIXTURES = {"transactional_db", "live_server", "django_db_reset_sequences", "portal"}


class Superuser:
    """A superuser's connection to the test database, for what the portal itself may not do."""

    def __init__(self) -> None:
        name = connections["default"].settings_dict["NAME"]
        self.connection = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"], dbname=name)
        self.connection.autocommit = True

    def execute(self, query: str | sql.Composable, parameters: tuple = ()) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def tables(self) -> list[str]:
        rows = self.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename <> 'django_migrations' ORDER BY tablename"
        )
        return [name for (name,) in rows]

    def filled(self, schema: str = "public") -> list[str]:
        """Tables with at least one row."""
        tables = self.tables()
        if not tables:
            return []
        asked = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(
                sql.Literal(table), sql.Identifier(schema, table)
            )
            for table in tables
        )
        return [name for (name,) in self.execute(asked)]

    def take_snapshot(self) -> None:
        """Remember what the migrations put into the tables."""
        self.execute(f"DROP SCHEMA IF EXISTS {SNAPSHOT} CASCADE")
        self.execute(f"CREATE SCHEMA {SNAPSHOT}")
        for table in self.filled():
            self.execute(
                sql.SQL("CREATE TABLE {} AS TABLE {}").format(
                    sql.Identifier(SNAPSHOT, table), sql.Identifier("public", table)
                )
            )

    def restore_snapshot(self) -> None:
        """Empty every table and put the remembered rows back, past triggers and foreign keys."""
        self.connection.autocommit = False
        with self.connection:
            self.execute("SET LOCAL session_replication_role = replica")
            self.execute("SET LOCAL lock_timeout = '20s'")
            for table in self.filled():
                self.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("public", table)))
            for table, columns in self.remembered():
                names = sql.SQL(", ").join(map(sql.Identifier, columns))
                self.execute(
                    sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
                        sql.Identifier("public", table), names, names, sql.Identifier(SNAPSHOT, table)
                    )
                )
        self.connection.autocommit = True

    def remembered(self) -> list[tuple[str, list[str]]]:
        """Tables of the snapshot with the columns that can be written."""
        return self.execute(
            "SELECT kept.table_name, array_agg(kept.column_name::text)"
            " FROM information_schema.columns kept JOIN information_schema.columns here"
            " ON here.table_schema = 'public' AND here.table_name = kept.table_name"
            " AND here.column_name = kept.column_name AND here.is_generated = 'NEVER'"
            " WHERE kept.table_schema = %s GROUP BY kept.table_name",
            (SNAPSHOT,),
        )

    def end_other_sessions(self) -> None:
        """Threads and processes that a test left behind must not keep the database from going."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def close(self) -> None:
        self.connection.close()


_superuser: pytest.StashKey[Superuser] = pytest.StashKey()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker) -> None:
    """Every process copies one migrated database."""
    with django_db_blocker.unblock():
        connections["owner"].settings_dict["TEST"]["TEMPLATE"] = template_database()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, request: pytest.FixtureRequest, django_db_blocker
) -> Iterator[None]:
    """The test database, with a snapshot of what its migrations put there."""
    with django_db_blocker.unblock():
        superuser = Superuser()
        superuser.take_snapshot()
    request.config.stash[_superuser] = superuser
    yield
    # The last test's own teardown ends here: the database goes away as a whole.
    del request.config.stash[_superuser]
    superuser.end_other_sessions()
    superuser.close()
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def superuser(request: pytest.FixtureRequest, transactional_db: None) -> Superuser:
    """For tests that attack the data from outside the portal."""
    return request.config.stash[_superuser]


def commits(item: pytest.Item) -> bool:
    """Whether the test writes to the database for real, outside one transaction."""
    marker = item.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        return True
    if COMMITTING_FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    cls = getattr(item, "cls", None)
    return bool(cls) and issubclass(cls, TransactionTestCase) and not hasattr(cls, "setUpTestData")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    try:
        return (yield)
    finally:  # also after a teardown that failed: the next test is not to suffer for it
        if commits(item) and _superuser in item.config.stash:
            item.config.stash[_superuser].restore_snapshot()


@pytest.fixture(autouse=True)
def clean_cache() -> Iterator[None]:
    """Limits and marks of one test do not reach the next; each process has its own Redis database."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    """Uploads of a test go into its own folder."""
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = str(folder)
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": str(folder), "base_url": None}}
    settings.STORAGES = storages
    return folder


_asked_for = django_fixtures._get_databases_for_setup


def _with_owner(items) -> tuple[set[str], set[str]]:
    """Only the owner can make the tables, also for a run in which no test speaks to it."""
    aliases, serialized = _asked_for(items)
    return (aliases | {"owner"} if aliases else aliases), serialized


django_fixtures._get_databases_for_setup = _with_owner


def pytest_configure(config: pytest.Config) -> None:
    # The browser's driver keeps an event loop in the main thread until the session ends; tests
    # that come after it in the same process ask the database all the same, one at a time.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if not settings.configured or "owner" not in settings.DATABASES:
        raise pytest.UsageError("run the tests with: python -m config.embedded python -m pytest …")
