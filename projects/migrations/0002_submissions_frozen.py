from django.db import migrations

from kit.migrations import AppendOnly, FrozenColumns


class Migration(migrations.Migration):
    """What was handed in, and what was found and decided about it, cannot be rewritten."""

    dependencies = [("projects", "0001_initial")]

    operations = [
        AppendOnly("projects_eligibilitycheck"),
        FrozenColumns(
            "projects_submission",
            (
                "project_id",
                "version",
                "content",
                "sha256",
                "submitted_by_id",
                "submitted_at",
                "request_key",
            ),
        ),
        FrozenColumns(
            "projects_intakedecision",
            ("submission_id", "outcome", "ticks", "reason", "due_on", "decided_by_id", "decided_at"),
        ),
        FrozenColumns(
            "projects_bar",
            ("organisation_code", "cause", "starts_on", "ends_on", "decided_by_id", "decided_at"),
        ),
    ]
