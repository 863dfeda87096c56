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
                "objector_name",
                "objector_contact",
                "text",
                "request_key",
                "receipt_code",
                "filed_at",
                "registered_by_id",
                "accept_due_on",
                "decide_due_on",
            ),
        ),
        FrozenColumns(
            "judging_objection",
            (
                "status",
                "accepted_by_id",
                "accepted_at",
                "outcome",
                "excludes_entry",
                "reply",
                "decided_by_id",
                "decided_at",
                "document_id",
            ),
            when="OLD.status = 'decided'",
            name="decided",
            keeps_rows=False,
        ),
    ]
