"""Why a seat was given up, and when the chair looked at the scores of the panel."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("judging", "0007_objections_checked")]

    operations = [
        migrations.AddField(
            model_name="panelseat",
            name="ended_reason",
            field=models.CharField(blank=True, default="", max_length=500, verbose_name="ended because"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="panelseat",
            name="scores_seen_at",
            field=models.DateTimeField(null=True, verbose_name="looked at the scores of the panel at"),
        ),
        migrations.AddConstraint(
            model_name="panelseat",
            constraint=models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_reason="")),
                name="panel_seat_ended_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="panelseat",
            constraint=models.CheckConstraint(
                condition=models.Q(scores_seen_at__isnull=True) | models.Q(is_chair=True),
                name="panel_seat_chair_sees_scores",
            ),
        ),
    ]
