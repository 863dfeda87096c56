from django.db import migrations, models

from kit.migrations import FrozenColumns

#: What a locked sheet keeps. Without the salt here, another salt could be put under an old fingerprint.
LOCKED = "assignment_id, status, version, comment, total, submitted_at, sha256, salt"


def _guard(columns: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns.split(", ")) for row in ("OLD", "NEW"))
    return f"""
DROP TRIGGER judging_sheet_frozen ON judging_sheet;
CREATE TRIGGER judging_sheet_frozen BEFORE UPDATE ON judging_sheet FOR EACH ROW
    WHEN (OLD.status = 'submitted' AND ROW({old}) IS DISTINCT FROM ROW({new}))
    EXECUTE FUNCTION judging_refuse_locked_sheet();
"""


#: Nobody empties these tables either, the owner included.
TABLES = ("judging_sheet", "judging_sheetscore", "judging_assignment", "judging_round")
STAY = "".join(
    f"CREATE TRIGGER {table}_table_stays BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();"
    for table in TABLES
)
GO = "".join(f"DROP TRIGGER {table}_table_stays ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    """A lock holds what it is about: a sheet stays with its scores, its entry, its expert and its round."""

    dependencies = [("judging", "0010_past_draws_ended")]

    operations = [
        migrations.AddField(
            model_name="sheet",
            name="salt",
            field=models.CharField(blank=True, default="", editable=False, max_length=32),
            preserve_default=False,
        ),
        migrations.RunSQL(_guard(LOCKED), _guard(LOCKED.removesuffix(", salt"))),
        # Two sheets that change places would change their scores as well.
        FrozenColumns("judging_sheet", ("id", "assignment_id"), name="place", keeps_rows=False),
        FrozenColumns("judging_assignment", ("id", "entry_id", "seat_id"), name="place", keeps_rows=False),
        FrozenColumns(
            "judging_panelseat", ("id", "round_id", "expert_id", "number"), name="place", keeps_rows=False
        ),
        FrozenColumns(
            "judging_roundentry",
            ("id", "round_id", "project_id", "submission_id", "number"),
            name="place",
            keeps_rows=False,
        ),
        # From the seal on a round runs by these rules and has this tally, and no other.
        FrozenColumns(
            "judging_round",
            ("id", "edition_id", "key", "rulebook_id", "opened_at", "scoring_ends_at", "current_tally_id"),
            when="OLD.current_tally_id IS NOT NULL",
            name="sealed",
        ),
        # Who stood by a draw is part of it.
        FrozenColumns(
            "judging_draw",
            ("witnesses",),
            when="OLD.status <> 'committed'",
            name="witnessed",
            keeps_rows=False,
        ),
        migrations.RunSQL(STAY, GO),
    ]
