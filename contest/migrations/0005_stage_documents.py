from django.db import migrations, models


class Migration(migrations.Migration):
    """The minutes of the final are a kind of document."""

    dependencies = [
        ('contest', '0004_expert_review'),
    ]

    operations = [
        migrations.AlterField(
            model_name='document',
            name='kind',
            field=models.CharField(choices=[('call', 'Call for entries'), ('amendment', 'Amendment of the rulebook'), ('application', 'Application as submitted'), ('receipt', 'Receipt'), ('intake_letter', 'Letter on the formal check'), ('intake_list', 'List of accepted entries'), ('notice', 'Public notice'), ('result', 'Confirmation of results'), ('objection_reply', 'Reply to an objection'), ('pledge', "Expert's pledge"), ('draw', 'Transcript of a draw'), ('sheets', "Expert's signed sheets"), ('minutes', 'Minutes of the final'), ('feedback', 'Result and comments for an applicant'), ('agreement', 'Grant agreement'), ('payment_form', 'Payment approval form'), ('announcement', 'Announcement'), ('rectification', 'Rectification order'), ('bar', 'Decision to bar')], max_length=30, verbose_name='kind'),
        ),
    ]
