from django.db import migrations, models
from django.db.models import Q

from kit.migrations import FrozenColumns


class Migration(migrations.Migration):
    """An extension has its own due date, and what was found and said about an objection stays."""

    dependencies = [("judging", "0006_reviews_kept")]

    operations = [
        migrations.AddField(
            model_name="objection",
            name="extended_due_on",
            field=models.DateField(null=True, verbose_name="to be decided by, as extended"),
        ),
        migrations.RemoveConstraint(model_name="objection", name="objection_extended_with_reason"),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=Q(extended_at__isnull=True, extension_reason="", extended_due_on__isnull=True)
                | (Q(extended_at__isnull=False, extended_due_on__isnull=False) & ~Q(extension_reason="")),
                name="objection_extended_with_reason",
            ),
        ),
        FrozenColumns(
            "judging_objection",
            ("extended_at", "extension_reason", "extended_due_on"),
            when="OLD.extended_at IS NOT NULL OR OLD.status = 'decided'",
            name="extended",
            keeps_rows=False,
        ),
        FrozenColumns(
            "judging_objection",
            ("findings",),
            when="OLD.status = 'decided'",
            name="found",
            keeps_rows=False,
        ),
        FrozenColumns(
            "judging_rereview", ("objection_id", "expert_id", "asked_by_id", "asked_at"), name="asked"
        ),
        FrozenColumns(
            "judging_rereview",
            ("has_conflict",),
            when="OLD.has_conflict IS NOT NULL",
            name="declared",
            keeps_rows=False,
        ),
    ]
