"""A draw that ended without a panel has a word of its own."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("judging", "0008_seats_ended_with_reason")]

    operations = [
        migrations.AlterField(
            model_name="draw",
            name="status",
            field=models.CharField(
                choices=[
                    ("committed", "Committed, not drawn yet"),
                    ("drawn", "Drawn"),
                    ("closed", "Seated"),
                    ("ended", "Ended without a panel"),
                ],
                default="committed",
                max_length=10,
                verbose_name="status",
            ),
        ),
    ]
