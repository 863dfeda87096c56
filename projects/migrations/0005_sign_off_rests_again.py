import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A version withdrawn and handed in again unchanged rests on the same sign-off."""

    dependencies = [("projects", "0004_applications_frozen")]

    operations = [
        migrations.AlterField(
            model_name="submission",
            name="sign_off",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="submissions",
                to="projects.signoff",
            ),
        ),
    ]
