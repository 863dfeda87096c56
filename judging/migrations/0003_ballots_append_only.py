from django.db import migrations

from kit.migrations import AppendOnly, FrozenColumns


class Migration(migrations.Migration):
    """What a phone said, what was printed and what was awarded stay as they are."""

    dependencies = [("judging", "0002_sheets_and_tallies_locked")]

    operations = [
        AppendOnly("judging_ballotevent"),
        AppendOnly("judging_award"),
        FrozenColumns(
            "judging_notice",
            (
                "edition_id",
                "round_id",
                "decision_id",
                "kind",
                "document_id",
                "working_days",
                "starts_on",
                "ends_on",
                "published_by_id",
                "published_at",
            ),
        ),
        FrozenColumns(
            "judging_objection",
            (
                "notice_id",
                "project_id",
                "channel",
                "is_anonymous",
                "text",
                "request_key",
                "receipt_code",
                "filed_at",
                "accept_due_on",
                "decide_due_on",
            ),
        ),
    ]
