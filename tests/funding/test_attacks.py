"""Attacks on the ledger that need more than one transaction, or more than the portal's own role."""

from __future__ import annotations

import psycopg2
import pytest
from django.db import IntegrityError, connection

from funding.models import Account, Entry, Voucher
from tests.factories.funding import Till

pytestmark = pytest.mark.django_db(transaction=True)

REWRITE = "UPDATE funding_entry SET voucher_id = %s WHERE voucher_id = %s"


def test_entries_cannot_join_a_finished_voucher():
    till = Till()
    till.paid()
    voucher = till.payment()
    bank = Account.objects.get(grant=till.grant(), kind="bank")
    before = Entry.objects.count()
    with pytest.raises(IntegrityError, match="is complete"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO funding_entry (voucher_id, account_id, side, amount_fen) VALUES"
            " (%s, %s, 'debit', 7), (%s, %s, 'credit', 7)",
            [voucher.pk, bank.pk] * 2,
        )
    assert Entry.objects.count() == before


def test_moved_entries_leave_both_vouchers_checked(superuser):
    """Even where the append-only guard was taken away, the balance guard sees old and new voucher."""
    till = Till()
    till.paid()
    appropriation = Voucher.objects.get(kind="appropriation")
    payment = till.payment()
    superuser.execute("ALTER TABLE funding_entry DISABLE TRIGGER funding_entry_rows_stay")
    try:
        with pytest.raises(psycopg2.errors.CheckViolation, match="is empty"):
            superuser.execute(REWRITE, (appropriation.pk, payment.pk))
        with pytest.raises(psycopg2.errors.CheckViolation, match="is not balanced"):
            superuser.execute("UPDATE funding_entry SET amount_fen = 1 WHERE side = 'debit'")
        with pytest.raises(psycopg2.errors.CheckViolation, match="is empty"):
            superuser.execute("DELETE FROM funding_entry WHERE voucher_id = %s", (payment.pk,))
    finally:
        superuser.execute("ALTER TABLE funding_entry ENABLE TRIGGER funding_entry_rows_stay")
    assert payment.entries.count() == 4


def test_superuser_meets_the_append_only_guard_first(superuser):
    till = Till()
    till.paid()
    for statement in (
        "UPDATE funding_entry SET amount_fen = 1",
        "DELETE FROM funding_voucher",
        "TRUNCATE funding_entry",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
            superuser.execute(statement)
