from django.db import migrations, models


class Migration(migrations.Migration):
    """The same entry is imported once, in whatever table it stands."""

    dependencies = [
        ("projects", "0005_sign_off_rests_again"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("project__isnull", False)), fields=("key",), name="import_entry_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("project__isnull", True), models.Q(("key", ""), _negated=True), _connector="OR"
                ),
                name="import_row_with_project_has_key",
            ),
        ),
    ]
