from django.db import migrations

from kit.migrations import GUARD_FUNCTION, AppendOnly, FrozenColumns

#: A score belongs to its sheet: once the sheet is no draft, its scores stay as they are.
SCORE_GUARD = """
CREATE FUNCTION judging_refuse_locked_score() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[] := CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.sheet_id]
        WHEN 'DELETE' THEN ARRAY[OLD.sheet_id]
        ELSE ARRAY[OLD.sheet_id, NEW.sheet_id] END;
BEGIN
    PERFORM 1 FROM judging_sheet WHERE id = ANY (touched) AND status <> 'draft' FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'the score sheet is locked: % refused', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER judging_sheetscore_locked BEFORE INSERT OR UPDATE OR DELETE ON judging_sheetscore
    FOR EACH ROW EXECUTE FUNCTION judging_refuse_locked_score();
"""
SCORE_GUARD_GONE = """
DROP TRIGGER judging_sheetscore_locked ON judging_sheetscore;
DROP FUNCTION judging_refuse_locked_score();
"""


class Migration(migrations.Migration):
    """A submitted sheet, a declaration, a sealed tally and a proposed list cannot be rewritten."""

    dependencies = [("judging", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD_FUNCTION, migrations.RunSQL.noop),
        FrozenColumns(
            "judging_sheet",
            ("assignment_id", "status", "version", "comment", "total", "submitted_at", "sha256"),
            when="OLD.status = 'submitted'",
        ),
        migrations.RunSQL(SCORE_GUARD, SCORE_GUARD_GONE),
        AppendOnly("judging_declaration"),
        AppendOnly("judging_tally"),
        AppendOnly("judging_result"),
        AppendOnly("judging_decisionline"),
        FrozenColumns(
            "judging_decision",
            ("round_id", "tally_id", "reason", "drafted_by_id", "drafted_at"),
        ),
        # Who decided, when and why stays; an approved list can only be superseded.
        FrozenColumns(
            "judging_decision",
            ("decided_by_id", "decided_at", "return_reason"),
            when="OLD.status <> 'proposed'",
            name="decided",
            keeps_rows=False,
        ),
        FrozenColumns(
            "judging_decision",
            ("status",),
            when="OLD.status IN ('returned', 'superseded')"
            " OR OLD.status = 'approved' AND NEW.status <> 'superseded'",
            name="outcome",
            keeps_rows=False,
        ),
    ]
