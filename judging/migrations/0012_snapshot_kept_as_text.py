from django.db import migrations

import kit.fields

#: A tally of a thousand entries is a megabyte and a half, and there are three of them a year: taking
#: it apart and packing it costs more time than it saves room.
UNPACKED = "ALTER TABLE judging_tally ALTER COLUMN snapshot SET STORAGE EXTERNAL"
PACKED = "ALTER TABLE judging_tally ALTER COLUMN snapshot SET STORAGE EXTENDED"


class Migration(migrations.Migration):
    """A sealed snapshot is kept as the text its hash was taken of; those sealed before say the same."""

    dependencies = [("judging", "0011_locks_without_gaps")]

    operations = [
        migrations.AlterField(
            model_name="tally",
            name="snapshot",
            field=kit.fields.SealedJSONField(verbose_name="snapshot"),
        ),
        migrations.RunSQL(UNPACKED, PACKED),
    ]
