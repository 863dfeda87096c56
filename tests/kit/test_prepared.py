"""Prepared statements say what the ORM would say, and a lost connection is noticed without asking."""

import os

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.backends import PasswordBackend
from accounts.enums import Role
from accounts.models import User
from contest.models import Event
from kit import clock
from kit.prepared import Prepared, Slot, insert, update
from tests.factories.accounts import UserFactory, give_role
from tests.factories.projects import ProjectFactory

pytestmark = pytest.mark.django_db

WHOLE = Prepared(lambda: User.objects.filter(email=Slot("email"), is_active=True))
PART = Prepared(lambda: User.objects.only("name").filter(pk=Slot("pk")))


def columns(instance):
    return {name: value for name, value in vars(instance).items() if not name.startswith("_")}


def test_a_row_is_the_one_the_orm_would_find():
    user = UserFactory()
    UserFactory()
    assert columns(WHOLE.first(email=user.email)) == columns(User.objects.get(pk=user.pk))
    assert WHOLE.first(email="nobody@example.com") is None


def test_values_are_values_and_never_sql():
    assert WHOLE.first(email="' OR true --") is None


def test_columns_left_out_are_read_when_asked_for():
    user = UserFactory()
    found = PART.first(pk=user.pk)
    assert found.get_deferred_fields() >= {"email", "password"}
    assert found.email == user.email


def test_update_writes_the_columns_named_and_no_others():
    project = ProjectFactory(complete=False)
    project.summary, project.background = "一", "二"
    project.changes = {"summary": {"version": 2}}
    update(project, ["summary", "changes"])
    project.refresh_from_db()
    assert (project.summary, project.background) == ("一", "")
    assert project.changes == {"summary": {"version": 2}}


def test_update_of_a_row_that_is_gone_is_an_error():
    with pytest.raises(DatabaseError):
        update(User(pk=0, name="x"), ["name"])


def test_insert_leaves_the_rest_to_the_database():
    event = Event(verb="project.saved", actor_kind="system", actor_label="system", object_type="x.y")
    insert(event, ["verb", "actor_kind", "actor_label", "object_type", "object_id", "role", "before",
                   "after", "reason", "request_id"])  # fmt: skip
    kept = Event.objects.get(pk=event.pk)
    assert (event.at, event.txid) == (kept.at, kept.txid)
    assert (kept.verb, kept.before) == ("project.saved", {})
    assert abs((kept.at - clock.now()).total_seconds()) < 60
    assert kept.txid > 0


def test_a_person_comes_with_the_grants_in_force():
    user = UserFactory()
    give_role(user, Role.CLERK)
    ended = give_role(user, Role.EDITOR)
    type(ended).objects.filter(pk=ended.pk).update(revoked_at=clock.now())

    with CaptureQueriesContext(connection) as asked:
        found = PasswordBackend().get_user(user.pk)
        held = {(grant.role, grant.scope_kind, grant.scope_id) for grant in found.current_grants}

    assert len(asked) == 1
    assert held == {(grant.role, grant.scope_kind, grant.scope_id) for grant in
                    User.objects.get(pk=user.pk).current_grants}  # fmt: skip
    assert {role for role, _kind, _scope in held} == {Role.CLERK}
    assert PasswordBackend().get_user(UserFactory().pk).current_grants == []
    assert PasswordBackend().get_user(UserFactory(is_active=False).pk) is None
    assert PasswordBackend().get_user(0) is None


def test_a_connection_the_server_has_closed_is_noticed_without_asking():
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        assert settings.DATABASES["default"]["ENGINE"] == "kit.postgres"
        assert other.is_usable()
        admin = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        admin.close()
        assert not other.is_usable()
    finally:
        other.close()
