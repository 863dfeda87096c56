from django.db import migrations

from kit.migrations import FrozenColumns


class Migration(migrations.Migration):
    """A role that was given is ended, never rewritten or removed."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        FrozenColumns(
            "accounts_rolegrant",
            ("user_id", "role", "scope_kind", "scope_id", "granted_by_id", "granted_at"),
        ),
        FrozenColumns(
            "accounts_rolegrant",
            ("revoked_at",),
            when="OLD.revoked_at IS NOT NULL",
            name="ended",
            keeps_rows=False,
        ),
    ]
