from django.db import migrations

from kit.migrations import AppendOnly, FrozenColumns

#: A submitted sheet opens again for one thing alone: the supervisor's unlocking, which has kept the
#: sheet as it was under its fingerprint, and only while the round is scored.
UNLOCK = """
CREATE FUNCTION judging_refuse_locked_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'draft' AND NEW.assignment_id = OLD.assignment_id AND NEW.comment = OLD.comment
        AND NEW.version = OLD.version + 1
        AND EXISTS (
            SELECT 1 FROM judging_sheetversion kept
            WHERE kept.sheet_id = OLD.id AND kept.version = OLD.version AND kept.sha256 = OLD.sha256)
        AND EXISTS (
            SELECT 1 FROM judging_assignment given
            JOIN judging_roundentry entry ON entry.id = given.entry_id
            JOIN judging_round round ON round.id = entry.round_id
            WHERE given.id = OLD.assignment_id AND round.status = 'scoring')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the score sheet is locked: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER judging_sheet_frozen ON judging_sheet;
CREATE TRIGGER judging_sheet_frozen BEFORE UPDATE ON judging_sheet FOR EACH ROW
    WHEN (OLD.status = 'submitted' AND
        ROW(OLD.assignment_id, OLD.status, OLD.version, OLD.comment, OLD.total, OLD.submitted_at, OLD.sha256)
        IS DISTINCT FROM
        ROW(NEW.assignment_id, NEW.status, NEW.version, NEW.comment, NEW.total, NEW.submitted_at, NEW.sha256))
    EXECUTE FUNCTION judging_refuse_locked_sheet();
"""
NO_UNLOCK = """
DROP TRIGGER judging_sheet_frozen ON judging_sheet;
CREATE TRIGGER judging_sheet_frozen BEFORE UPDATE ON judging_sheet FOR EACH ROW
    WHEN (OLD.status = 'submitted' AND
        ROW(OLD.assignment_id, OLD.status, OLD.version, OLD.comment, OLD.total, OLD.submitted_at, OLD.sha256)
        IS DISTINCT FROM
        ROW(NEW.assignment_id, NEW.status, NEW.version, NEW.comment, NEW.total, NEW.submitted_at, NEW.sha256))
    EXECUTE FUNCTION kit_refuse_change();
DROP FUNCTION judging_refuse_locked_sheet();
"""


class Migration(migrations.Migration):
    """What was pledged, drawn, checked, signed and told stays; a lock opens only before witnesses."""

    dependencies = [("judging", "0005_expert_review")]

    operations = [
        AppendOnly("judging_pledge"),
        AppendOnly("judging_conflictcheck"),
        AppendOnly("judging_sheetversion"),
        AppendOnly("judging_signedsheets"),
        AppendOnly("judging_letter"),
        AppendOnly("judging_objectionfile"),
        migrations.RunSQL(UNLOCK, NO_UNLOCK),
        FrozenColumns(
            "judging_expertlink",
            ("expert_id", "kind", "body_name", "body_code", "project_id", "entered_by_id", "entered_at"),
        ),
        # The commitment comes first, and nothing it binds changes afterwards.
        FrozenColumns(
            "judging_draw",
            (
                "round_id", "size", "conditions", "pool", "pool_sha256", "seed", "commitment",
                "public_source", "committed_by_id", "committed_at",
            ),
        ),
        FrozenColumns(
            "judging_draw",
            ("public_number", "drawn_by_id", "drawn_at"),
            when="OLD.status <> 'committed'",
            name="drawn",
            keeps_rows=False,
        ),
        FrozenColumns("judging_drawpick", ("draw_id", "number", "expert_id", "stands_for_id")),
        FrozenColumns(
            "judging_drawpick",
            ("status", "reason", "answered_at"),
            when="OLD.status IN ('declined', 'conflicted')",
            name="answered",
            keeps_rows=False,
        ),
        FrozenColumns(
            "judging_flag",
            ("round_id", "kind", "key", "seat_id", "entry_id", "found_at"),
        ),
        FrozenColumns(
            "judging_flag",
            ("outcome", "note", "disposed_by_id", "disposed_at"),
            when="OLD.outcome <> ''",
            name="disposed",
            keeps_rows=False,
        ),
        FrozenColumns(
            "judging_rereview",
            ("objection_id", "expert_id", "asked_by_id", "asked_at", "finds_ground", "opinion", "given_at"),
            when="OLD.given_at IS NOT NULL",
        ),
    ]
