from django.db import migrations

from kit.migrations import AppendOnly, FrozenColumns


class Migration(migrations.Migration):
    """The record cannot be rewritten; issued papers and signed rules keep their content."""

    dependencies = [("contest", "0001_initial")]

    operations = [
        AppendOnly("contest_event"),
        AppendOnly("contest_seal"),
        AppendOnly("contest_sealleaf"),
        FrozenColumns("contest_storedfile", ("key", "size", "sha256")),
        FrozenColumns(
            "contest_document",
            (
                "kind",
                "edition_id",
                "office_id",
                "year",
                "number",
                "title",
                "template",
                "content",
                "content_sha256",
                "code",
                "is_public",
                "object_type",
                "object_id",
                "issued_by_id",
                "issued_at",
            ),
        ),
        FrozenColumns(
            "contest_document",
            ("file_id", "status"),
            when="OLD.file_id IS NOT NULL",
            name="built",
            keeps_rows=False,
        ),
        FrozenColumns(
            "contest_rulebook",
            ("edition_id", "version", "document", "sha256", "signed_by_id", "frozen_at"),
            when="OLD.frozen_at IS NOT NULL",
        ),
    ]
