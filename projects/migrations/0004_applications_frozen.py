from django.db import migrations

from kit.migrations import AppendOnly, FrozenColumns


class Migration(migrations.Migration):
    """What was printed, signed off, found wrong or granted cannot be rewritten."""

    dependencies = [("projects", "0003_applications_whole")]

    operations = [
        AppendOnly("projects_signoff"),
        AppendOnly("projects_extension"),
        AppendOnly("projects_correctionitem"),
        AppendOnly("projects_organisationversion"),
        FrozenColumns(
            "projects_printout",
            ("project_id", "number", "content", "sha256", "printed_by_id", "printed_at"),
        ),
        FrozenColumns("projects_submission", ("sign_off_id",), name="rests", keeps_rows=False),
        FrozenColumns("projects_intakedecision", ("reasons",), name="reasons", keeps_rows=False),
        FrozenColumns(
            "projects_bodylink", ("code", "other_code", "kind", "evidence", "linked_by_id", "linked_at")
        ),
    ]
