from django.db import migrations

from kit.migrations import AppendOnly, FrozenColumns

#: Debits equal credits in each book of a voucher, and no voucher is empty: checked at commit, for the
#: voucher an entry belongs to and for the one it may have belonged to before. All ids are bigints.
BALANCE = """
CREATE FUNCTION funding_check_voucher(checked bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM funding_voucher WHERE id = checked) THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM funding_entry WHERE voucher_id = checked) THEN
        RAISE EXCEPTION 'voucher % is empty', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_voucher_balanced';
    END IF;
    IF EXISTS (
        SELECT FROM funding_entry e JOIN funding_account a ON a.id = e.account_id
        WHERE e.voucher_id = checked
        GROUP BY a.fund_id, a.grant_id
        HAVING sum(CASE e.side WHEN 'debit' THEN e.amount_fen ELSE -e.amount_fen END) <> 0
    ) THEN
        RAISE EXCEPTION 'voucher % is not balanced', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_voucher_balanced';
    END IF;
END $$;

CREATE FUNCTION funding_voucher_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM funding_check_voucher(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION funding_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM funding_check_voucher(NEW.voucher_id);
    END IF;
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.voucher_id <> NEW.voucher_id) THEN
        PERFORM funding_check_voucher(OLD.voucher_id);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER funding_voucher_balanced AFTER INSERT OR UPDATE ON funding_voucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funding_voucher_balanced();
CREATE CONSTRAINT TRIGGER funding_entry_balanced AFTER INSERT OR UPDATE OR DELETE ON funding_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funding_entry_balanced();
"""
NO_BALANCE = """
DROP TRIGGER funding_entry_balanced ON funding_entry;
DROP TRIGGER funding_voucher_balanced ON funding_voucher;
DROP FUNCTION funding_entry_balanced();
DROP FUNCTION funding_voucher_balanced();
DROP FUNCTION funding_check_voucher(bigint);
"""

#: An entry is written with its voucher, in one transaction, on an account of the voucher's own books.
HOME = """
CREATE FUNCTION funding_entry_home() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v funding_voucher%ROWTYPE;
    a funding_account%ROWTYPE;
BEGIN
    SELECT * INTO v FROM funding_voucher WHERE id = NEW.voucher_id;
    SELECT * INTO a FROM funding_account WHERE id = NEW.account_id;
    IF v.txid <> pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'voucher % is complete', NEW.voucher_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_entry_with_voucher';
    END IF;
    IF a.grant_id IS DISTINCT FROM v.grant_id AND a.fund_id IS DISTINCT FROM v.fund_id
       OR a.grant_id IS NOT NULL AND v.grant_id IS NULL THEN
        RAISE EXCEPTION 'account % is in another book', NEW.account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_entry_own_book';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER funding_entry_home BEFORE INSERT ON funding_entry
    FOR EACH ROW EXECUTE FUNCTION funding_entry_home();
"""
NO_HOME = """
DROP TRIGGER funding_entry_home ON funding_entry;
DROP FUNCTION funding_entry_home();
"""

#: Grants on a fund never come to more than the fund. The fund's row is locked first, so that two
#: transactions cannot both see the last of the money.
WITHIN = """
CREATE FUNCTION funding_grant_within_fund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    budget bigint;
    granted bigint;
BEGIN
    SELECT amount_fen INTO budget FROM funding_fund WHERE id = NEW.fund_id FOR UPDATE;
    SELECT coalesce(sum(amount_fen), 0) INTO granted FROM funding_grant WHERE fund_id = NEW.fund_id;
    IF granted > budget THEN
        RAISE EXCEPTION 'grants of % fen exceed the fund of % fen', granted, budget
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_grant_within_fund';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER funding_grant_within_fund AFTER INSERT ON funding_grant
    FOR EACH ROW EXECUTE FUNCTION funding_grant_within_fund();
"""
NO_WITHIN = """
DROP TRIGGER funding_grant_within_fund ON funding_grant;
DROP FUNCTION funding_grant_within_fund();
"""

#: The instalments of a grant add up to it, checked at commit.
ADD_UP = """
CREATE FUNCTION funding_instalments_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint := CASE WHEN TG_TABLE_NAME = 'funding_grant' THEN (to_jsonb(NEW)->>'id')::bigint
                           ELSE (to_jsonb(NEW)->>'grant_id')::bigint END;
BEGIN
    IF (SELECT coalesce(sum(amount_fen), 0) FROM funding_instalment WHERE grant_id = checked)
       <> (SELECT amount_fen FROM funding_grant WHERE id = checked) THEN
        RAISE EXCEPTION 'instalments of grant % do not add up', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_instalments_add_up';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER funding_grant_instalments AFTER INSERT ON funding_grant
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funding_instalments_add_up();
CREATE CONSTRAINT TRIGGER funding_instalments_add_up AFTER INSERT ON funding_instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funding_instalments_add_up();
"""
NO_ADD_UP = """
DROP TRIGGER funding_instalments_add_up ON funding_instalment;
DROP TRIGGER funding_grant_instalments ON funding_grant;
DROP FUNCTION funding_instalments_add_up();
"""


class Migration(migrations.Migration):
    """The ledger cannot be rewritten or unbalanced; amounts once promised stay as they were."""

    dependencies = [("funding", "0001_initial")]

    operations = [
        AppendOnly("funding_voucher"),
        AppendOnly("funding_entry"),
        FrozenColumns("funding_account", ("fund_id", "grant_id", "kind", "heading")),
        FrozenColumns("funding_fund", ("year", "district_id", "amount_fen")),
        FrozenColumns("funding_grant", ("award_id", "fund_id", "amount_fen", "drawn_up_by_id")),
        FrozenColumns(
            "funding_grant",
            ("agreement_id", "signed_by_id", "signed_at"),
            when="OLD.status <> 'drawn_up'",
            name="signed",
            keeps_rows=False,
        ),
        FrozenColumns(
            "funding_instalment", ("grant_id", "number", "key", "percent", "evaluation", "amount_fen")
        ),
        # A payment that is reversed goes back to "approved" and loses only what belongs to the paying.
        FrozenColumns(
            "funding_instalment",
            (
                "prepared_by_id",
                "prepared_at",
                "reviewed_by_id",
                "reviewed_at",
                "approved_by_id",
                "approved_at",
                "form_id",
            ),
            when="OLD.status = 'paid'",
            name="approval",
            keeps_rows=False,
        ),
        FrozenColumns(
            "funding_instalment",
            ("paid_by_id", "paid_at", "treasury_number"),
            when="OLD.status = 'paid' AND NEW.status = 'paid'",
            name="payment",
            keeps_rows=False,
        ),
        FrozenColumns(
            "funding_instalment",
            ("status",),
            when="OLD.status = 'paid' AND NEW.status <> 'approved'",
            name="outcome",
            keeps_rows=False,
        ),
        migrations.RunSQL(HOME, NO_HOME),
        migrations.RunSQL(BALANCE, NO_BALANCE),
        migrations.RunSQL(WITHIN, NO_WITHIN),
        migrations.RunSQL(ADD_UP, NO_ADD_UP),
    ]
