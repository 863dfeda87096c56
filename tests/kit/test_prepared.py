"""Prepared statements say what the ORM would say, and a lost connection is noticed without asking."""

import os
from decimal import Decimal

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Length
from django.test.utils import CaptureQueriesContext

from accounts.backends import PasswordBackend
from accounts.enums import Role
from accounts.models import User
from contest.models import Event
from judging.models import Assignment, Sheet, SheetScore
from kit import clock
from kit.prepared import Prepared, PreparedSave, PreparedUpdate, Slot, insert, update
from tests.factories.accounts import UserFactory, give_role
from tests.factories.judging import Stand
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


def test_every_row_comes_in_the_order_asked_for():
    users = [
        UserFactory(name=name, is_active=active)
        for name, active in [("乙", True), ("甲", True), ("丙", False)]
    ]
    active = Prepared(lambda: User.objects.filter(pk__gte=Slot("first"), is_active=True).order_by("-pk"))
    found = active.all(first=users[0].pk)
    assert [columns(row) for row in found] == [columns(User.objects.get(pk=users[n].pk)) for n in (1, 0)]
    assert active.all(first=users[2].pk + 1) == []


def test_values_are_values_and_never_sql():
    assert WHOLE.first(email="' OR true --") is None


def test_columns_left_out_are_read_when_asked_for():
    user = UserFactory()
    found = PART.first(pk=user.pk)
    assert found.get_deferred_fields() >= {"email", "password"}
    assert found.email == user.email


def test_related_rows_come_along_whole_or_in_part_or_not_at_all():
    stand = Stand()
    scored, untouched = stand.declared(1, 1), stand.assignment(2, 1)
    ours = Prepared(lambda: related().filter(pk=Slot("pk")))

    def related():
        chosen = Assignment.objects.select_related("sheet", "entry__round").defer("entry__round__opened_at")
        return chosen.annotate(length=Length("entry__project__title"))

    for assignment in (scored, untouched):
        found, theirs = ours.first(pk=assignment.pk), related().get(pk=assignment.pk)
        with CaptureQueriesContext(connection) as asked:
            assert columns(found) == columns(theirs)
            assert columns(found.entry) == columns(theirs.entry)
            assert columns(found.entry.round) == columns(theirs.entry.round)
            assert hasattr(found, "sheet") == hasattr(theirs, "sheet")
        assert not asked.captured_queries
    found = ours.first(pk=scored.pk)
    assert found.sheet.assignment is found
    assert found.entry.round.opened_at == stand.round.opened_at


RENAMING = PreparedUpdate(
    lambda: User.objects.filter(email=Slot("email"), is_active=True),
    name=Concat(Value("新"), F("name")),
    phone=Slot("phone"),
)


def test_a_conditional_update_writes_what_fits_and_counts_it():
    user, other, left = (
        UserFactory(name="一"),
        UserFactory(name="二"),
        UserFactory(name="三", is_active=False),
    )
    assert RENAMING.run(email=user.email, phone="13800000001") == 1
    assert RENAMING.run(email=left.email, phone="13800000002") == 0
    assert RENAMING.run(email="' OR true --", phone="13800000003") == 0
    kept = [
        (row.name, row.phone)
        for row in User.objects.filter(pk__in=[user.pk, other.pk, left.pk]).order_by("name")
    ]
    assert sorted(kept) == sorted([("新一", "13800000001"), ("二", other.phone), ("三", left.phone)])


SAVING = PreparedSave(
    lambda: Sheet.objects.filter(pk=Slot("pk"), version=Slot("seen")),
    model=SheetScore,
    link="sheet",
    key="criterion",
    names=("points", "full_points"),
    version=F("version") + 1,
)


def test_a_save_writes_a_row_and_those_that_hang_on_it_or_nothing():
    sheet, other = Stand().declared().sheet, Stand().declared().sheet

    def kept():
        return dict(SheetScore.objects.filter(sheet=sheet).values_list("criterion", "points"))

    assert SAVING.run([("need", Decimal("1.5"), 25), ("method", None, 25)], pk=sheet.pk, seen=1) == 1
    assert kept() == {"need": Decimal("1.5"), "method": None}
    assert SAVING.run([("need", Decimal(9), 25), ("budget", Decimal(9), 25)], pk=sheet.pk, seen=1) == 0
    assert kept() == {"need": Decimal("1.5"), "method": None}
    assert SAVING.run([("method", Decimal(2), 25), ("budget", Decimal(3), 25)], pk=sheet.pk, seen=2) == 1
    assert kept() == {"need": Decimal("1.5"), "method": Decimal(2), "budget": Decimal(3)}
    assert SAVING.run([("need", None, 25), ("method", None, 25)], pk=sheet.pk, seen=3) == 1
    assert SAVING.run([], pk=sheet.pk, seen=4) == 1
    assert kept() == {"need": None, "method": None, "budget": Decimal(3)}
    assert Sheet.objects.get(pk=sheet.pk).version == 5
    other.refresh_from_db()
    assert (other.version, other.scores.count()) == (1, 0)


def test_a_save_refused_by_a_rule_of_the_database_leaves_nothing_of_itself():
    sheet = Stand().declared().sheet
    with pytest.raises(IntegrityError), transaction.atomic():
        SAVING.run([("need", Decimal(1), 25), ("method", Decimal(26), 25)], pk=sheet.pk, seen=1)
    sheet.refresh_from_db()
    assert (sheet.version, sheet.scores.count()) == (1, 0)


def test_the_server_plans_a_statement_once_in_a_connection():
    user, before = UserFactory(), set(connection.statements)
    active = Prepared(lambda: User.objects.filter(name=Slot("name"), is_active=True))
    with CaptureQueriesContext(connection) as asked:
        assert [row.pk for row in active.all(name=user.name)] == [user.pk]
        assert active.all(name="' OR true --") == []
    assert len(asked) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        assert {name for (name,) in cursor.fetchall()} - before == connection.statements - before
    assert len(connection.statements - before) == 1


def test_a_statement_outlives_the_transaction_in_which_it_was_first_run():
    user = UserFactory()
    numbered = Prepared(lambda: User.objects.filter(pk=Slot("pk")))
    with pytest.raises(DatabaseError), transaction.atomic():
        numbered.first(pk="no number")
    assert numbered.first(pk=user.pk) == user


def test_behind_a_pooler_nothing_is_prepared(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    user, before = UserFactory(), set(connection.statements)
    emailed = Prepared(lambda: User.objects.filter(email=Slot("email")))
    sheet = Stand().declared().sheet
    assert emailed.first(email=user.email) == user
    assert SAVING.run([("need", None, 25)], pk=sheet.pk, seen=1) == 1
    assert connection.statements == before


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
