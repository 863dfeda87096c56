"""The application's role: what it owns and what it may."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import ProgrammingError, connection, connections, transaction


def role_of(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


@pytest.mark.django_db(databases=["default", "owner"])
def test_each_alias_connects_as_its_own_role():
    assert role_of("default") == "gongzhi_app"
    assert role_of("owner") == "gongzhi_owner"


@pytest.mark.django_db
def test_application_role_owns_nothing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relowner::regrole::text, count(*) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'p') GROUP BY 1"
        )
        owners = dict(cursor.fetchall())
    assert set(owners) == {"gongzhi_owner"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE django_session",
        "CREATE TABLE public.mine (id int)",
        "ALTER TABLE django_session DISABLE TRIGGER ALL",
        "DROP TABLE django_session",
        "SET session_replication_role = replica",
        "SET ROLE gongzhi_owner",
    ],
)
def test_application_role_is_refused(statement):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")  # what it may do, works
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(statement)


@pytest.mark.django_db
def test_tables_made_by_the_owner_are_open_to_the_application():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(has_table_privilege('gongzhi_app', oid, 'SELECT, INSERT')),"
            " bool_or(has_table_privilege('gongzhi_app', oid, 'TRUNCATE'))"
            " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        assert cursor.fetchone() == (True, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_rows_are_gone_and_migrated_rows_are_back(turn):
    """Either order of the two turns finds the tables as the migrations left them."""
    assert not ContentType.objects.filter(app_label="left over").exists()
    assert ContentType.objects.filter(app_label="accounts").exists()
    ContentType.objects.filter(app_label="accounts").delete()
    ContentType.objects.create(app_label="left over", model="row")
