from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """An edition held before the portal is archived from the start, without a call."""

    dependencies = [
        ("contest", "0002_record_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="edition",
            name="edition_call_before_stage",
        ),
        migrations.AlterField(
            model_name="edition",
            name="call_status",
            field=models.CharField(
                choices=[
                    ("drafting", "Being drafted"),
                    ("proposed", "Awaiting signature"),
                    ("published", "Published"),
                    ("past", "Held before the portal"),
                ],
                default="drafting",
                editable=False,
                max_length=20,
                verbose_name="call",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage", "preparation"), ("call_status__in", ["published", "past"]), _connector="OR"
                ),
                name="edition_call_before_stage",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("call_status", "past"), _negated=True),
                    models.Q(("is_rehearsal", False), ("stage", "archived")),
                    _connector="OR",
                ),
                name="edition_past_is_archived",
            ),
        ),
    ]
