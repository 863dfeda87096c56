"""The record cannot be rewritten: attacks of the application's own database role (and the owner's)."""

from __future__ import annotations

import os

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from accounts.actions import revoke_role
from accounts.actors import SYSTEM
from accounts.enums import Role
from contest import seals
from contest.actions import build_document
from contest.models import Event
from contest.record import record
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory

pytestmark = pytest.mark.django_db(transaction=True)

ATTACKS = {
    "update": "UPDATE contest_event SET verb = 'forged'",
    "delete": "DELETE FROM contest_event",
    "truncate": "TRUNCATE contest_event CASCADE",
    "disable trigger": "ALTER TABLE contest_event DISABLE TRIGGER ALL",
    "drop trigger": "DROP TRIGGER contest_event_rows_stay ON contest_event",
    "replica role": "SET session_replication_role = replica",
    "drop table": "DROP TABLE contest_event CASCADE",
    "rule": "CREATE RULE quiet AS ON INSERT TO contest_event DO INSTEAD NOTHING",
    "upsert": "INSERT INTO contest_event SELECT * FROM contest_event"
    " ON CONFLICT (id) DO UPDATE SET verb = 'forged'",
    "merge": "MERGE INTO contest_event e USING contest_event o ON e.id = o.id WHEN MATCHED THEN DELETE",
    "copy from program": "COPY contest_event FROM PROGRAM 'true'",
    "sequence": "ALTER SEQUENCE contest_event_id_seq RESTART WITH 1",
    "function": "CREATE OR REPLACE FUNCTION kit_refuse_change() RETURNS trigger LANGUAGE sql AS ''",
    "seal": "UPDATE contest_seal SET head = repeat('0', 64)",
    "leaf": "DELETE FROM contest_sealleaf",
}


@pytest.fixture
def event() -> Event:
    with transaction.atomic():
        event = record("test.happened", actor=SYSTEM, obj=EditionFactory())
    seals.seal_record()
    return event


@pytest.mark.parametrize("attack", ATTACKS)
def test_application_role_cannot_rewrite_the_record(event, attack):
    assert Event.objects.filter(pk=event.pk).exists()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTACKS[attack])

    assert list(seals.verify()) == []
    assert Event.objects.get(pk=event.pk).verb == "test.happened"


def test_application_role_owns_no_table():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"
        )
        owned = cursor.fetchone()[0]
        cursor.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        powers = cursor.fetchone()

    assert (owned, powers) == (0, (False, False))


def test_owner_is_refused_by_the_triggers(event, owner_connection):
    with owner_connection.cursor() as cursor, pytest.raises(psycopg2.Error):
        cursor.execute(ATTACKS["update"])


@pytest.fixture
def owner_connection():
    connected = psycopg2.connect(os.environ["DATABASE_OWNER_URL"], dbname=connection.settings_dict["NAME"])
    yield connected
    connected.close()


TAMPERINGS = {
    "one digit": "UPDATE contest_event SET reason = 'forged' WHERE id = %(middle)s",
    "row removed": "DELETE FROM contest_sealleaf WHERE event_id = %(middle)s",
    "tail removed": "DELETE FROM contest_sealleaf WHERE seal_id = (SELECT max(id) FROM contest_seal)",
    "swapped": "UPDATE contest_sealleaf SET position = 1000 + position WHERE event_id = %(middle)s",
    "seal removed": "DELETE FROM contest_seal WHERE number = 1",
    "head replaced": "UPDATE contest_seal SET head = repeat('0', 64) WHERE number = 1",
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_superuser_tampering_is_found(superuser, tampering, seal_everything):
    edition = EditionFactory()
    for _ in range(2):
        with transaction.atomic():
            events = [record("test.happened", actor=SYSTEM, obj=edition) for _ in range(3)]
        seal_everything()
    assert list(seals.verify()) == []

    superuser.execute("SET session_replication_role = replica")
    superuser.execute(TAMPERINGS[tampering], {"middle": events[1].pk})
    superuser.execute("SET session_replication_role = origin")

    assert list(seals.verify()) != []


PAPER_ATTACKS = {
    "title": "UPDATE contest_document SET title = 'forged' WHERE id = %s",
    "made public": "UPDATE contest_document SET is_public = NOT is_public WHERE id = %s",
    "other pdf": "UPDATE contest_document SET file_id = NULL, status = 'pending' WHERE id = %s",
    "thrown away": "DELETE FROM contest_document WHERE id = %s",
}


@pytest.mark.parametrize("attack", PAPER_ATTACKS)
def test_issued_paper_keeps_its_content(attack):
    document = EditionFactory(published=True).call_document
    assert build_document(document=document).is_built

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PAPER_ATTACKS[attack], [document.pk])


GRANT_ATTACKS = {
    "other role": "UPDATE accounts_rolegrant SET role = 'finance' WHERE id = %s",
    "removed": "DELETE FROM accounts_rolegrant WHERE id = %s",
    "brought back": "UPDATE accounts_rolegrant SET revoked_at = NULL WHERE id = %s",
}


@pytest.mark.parametrize("attack", GRANT_ATTACKS)
def test_role_that_was_given_stays_on_file(attack):
    grant = UserFactory(roles=[Role.CLERK]).role_grants.get()
    revoked = revoke_role(actor=SYSTEM, grant=grant, reason="调岗")
    assert revoked.revoked_at is not None

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GRANT_ATTACKS[attack], [grant.pk])


def test_signed_rulebook_keeps_its_content():
    edition = EditionFactory(published=True)
    rulebook = edition.current_rulebook

    rulebook.document = {**rulebook.document, "pass_mark": 1}
    with pytest.raises(DatabaseError), transaction.atomic():
        rulebook.save(update_fields=["document"])
