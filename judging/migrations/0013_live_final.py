import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.clock


class Migration(migrations.Migration):
    """The day of the final: stage, wall, roster, slips, recording; draws of more than panels."""

    dependencies = [
        ('accounts', '0002_role_grants_kept'),
        ('contest', '0005_stage_documents'),
        ('judging', '0012_snapshot_kept_as_text'),
        ('projects', '0008_ideas_nurtured_and_identity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Juror',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('trade', models.CharField(max_length=40, verbose_name='trade')),
                ('unit', models.CharField(blank=True, max_length=120, verbose_name='unit')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('entered_at', models.DateTimeField(default=kit.clock.now, verbose_name='entered at')),
                ('struck_at', models.DateTimeField(null=True, verbose_name='struck off at')),
                ('struck_reason', models.CharField(blank=True, max_length=300, verbose_name='struck off because')),
            ],
            options={
                'verbose_name': 'juror on the roster',
                'verbose_name_plural': 'roster of jurors',
            },
        ),
        migrations.CreateModel(
            name='JurorPick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='drawn as')),
                ('status', models.CharField(choices=[('asked', 'Asked'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('conflicted', 'Has a conflict')], default='asked', max_length=12, verbose_name='status')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered at')),
            ],
            options={
                'verbose_name': 'drawn juror',
                'verbose_name_plural': 'drawn jurors',
                'ordering': ['draw', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('station', models.CharField(max_length=60, verbose_name='station')),
                ('aired_on', models.DateField(verbose_name='aired on')),
                ('url', models.URLField(blank=True, max_length=500, verbose_name='link')),
                ('consent', models.CharField(max_length=300, verbose_name='consent of those filmed')),
                ('entered_at', models.DateTimeField(default=kit.clock.now, verbose_name='entered at')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn at')),
                ('withdrawn_reason', models.CharField(blank=True, max_length=300, verbose_name='withdrawn because')),
            ],
            options={
                'verbose_name': 'recording',
                'verbose_name_plural': 'recordings',
            },
        ),
        migrations.CreateModel(
            name='ReleasedScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('line', models.JSONField(verbose_name='score and how it came about')),
                ('score', models.DecimalField(decimal_places=4, max_digits=9, verbose_name='score')),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('released_at', models.DateTimeField(default=kit.clock.now, verbose_name='released at')),
            ],
            options={
                'verbose_name': 'released score',
                'verbose_name_plural': 'released scores',
                'ordering': ['entry', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Show',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(choices=[('welcome', 'Welcome'), ('talk', 'Presentation'), ('answers', 'Questions'), ('scoring', 'Scoring'), ('counting', 'Scores are being collected'), ('score', 'Score of a project'), ('standings', 'Standings'), ('break', 'Break'), ('closed', 'All projects scored'), ('reveal', 'Reveal'), ('winners', 'Winners')], default='welcome', max_length=12, verbose_name='phase')),
                ('phase_at', models.DateTimeField(default=kit.clock.now, verbose_name='since')),
                ('phase_ends_at', models.DateTimeField(null=True, verbose_name='until')),
                ('version', models.PositiveIntegerField(default=1)),
                ('frozen_at', models.DateTimeField(null=True, verbose_name='frozen at')),
                ('revealed', models.PositiveSmallIntegerField(default=0, verbose_name='places revealed')),
                ('asked', models.CharField(blank=True, choices=[('seal', 'Seal the final'), ('reveal', 'Begin the reveal')], max_length=10, verbose_name='waits for a second person')),
                ('asked_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'live final',
                'verbose_name_plural': 'live finals',
            },
        ),
        migrations.CreateModel(
            name='SlipKeying',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reading', models.PositiveSmallIntegerField(verbose_name='reading')),
                ('score', models.PositiveSmallIntegerField(verbose_name='score')),
                ('keyed_at', models.DateTimeField(default=kit.clock.now, verbose_name='keyed at')),
            ],
            options={
                'verbose_name': 'keyed score slip',
                'verbose_name_plural': 'keyed score slips',
                'ordering': ['entry', 'card', 'reading'],
            },
        ),
        migrations.CreateModel(
            name='SlipRuling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField(null=True, verbose_name='score')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('ruled_at', models.DateTimeField(default=kit.clock.now, verbose_name='ruled at')),
            ],
            options={
                'verbose_name': 'ruling on a score slip',
                'verbose_name_plural': 'rulings on score slips',
            },
        ),
        migrations.CreateModel(
            name='WallSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('made_at', models.DateTimeField(default=kit.clock.now)),
            ],
            options={
                'verbose_name': 'picture of the wall',
                'verbose_name_plural': 'pictures of the wall',
                'ordering': ['round', 'number'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='draw',
            name='draw_one_under_way',
        ),
        migrations.AddField(
            model_name='ballot',
            name='channel',
            field=models.CharField(choices=[('phone', 'Phone'), ('paper', 'Paper slip')], db_default='phone', default='phone', max_length=5, verbose_name='channel'),
        ),
        migrations.AddField(
            model_name='ballotevent',
            name='channel',
            field=models.CharField(choices=[('phone', 'Phone'), ('paper', 'Paper slip')], db_default='phone', default='phone', max_length=5, verbose_name='channel'),
        ),
        migrations.AddField(
            model_name='ballotevent',
            name='waited_ms',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='draw',
            name='kind',
            field=models.CharField(choices=[('panel', 'Panel of experts'), ('jury', 'Public jury'), ('order', 'Running order')], default='panel', max_length=10, verbose_name='what is drawn'),
        ),
        migrations.AddField(
            model_name='roundentry',
            name='stage_order',
            field=models.PositiveSmallIntegerField(null=True, verbose_name='place in the running order'),
        ),
        migrations.AddField(
            model_name='roundentry',
            name='voting_grace_s',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='taken late, in seconds'),
        ),
        migrations.AddConstraint(
            model_name='draw',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['committed', 'drawn'])), fields=('round', 'kind'), name='draw_one_under_way', violation_error_message='This round has a draw under way already.'),
        ),
        migrations.AddConstraint(
            model_name='roundentry',
            constraint=models.UniqueConstraint(fields=('round', 'stage_order'), name='round_entry_stage_order_once'),
        ),
        migrations.AddField(
            model_name='juror',
            name='district',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.district'),
        ),
        migrations.AddField(
            model_name='juror',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='jurors', to='contest.edition'),
        ),
        migrations.AddField(
            model_name='juror',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='jurorcard',
            name='juror',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cards', to='judging.juror'),
        ),
        migrations.AddField(
            model_name='jurorpick',
            name='draw',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='juror_picks', to='judging.draw'),
        ),
        migrations.AddField(
            model_name='jurorpick',
            name='juror',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picks', to='judging.juror'),
        ),
        migrations.AddField(
            model_name='jurorpick',
            name='stands_for',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successor', to='judging.jurorpick'),
        ),
        migrations.AddField(
            model_name='recording',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recording',
            name='file',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contest.storedfile'),
        ),
        migrations.AddField(
            model_name='recording',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='judging.round'),
        ),
        migrations.AddField(
            model_name='releasedscore',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='released_scores', to='judging.roundentry'),
        ),
        migrations.AddField(
            model_name='releasedscore',
            name='released_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='show',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='show',
            name='entry',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='judging.roundentry'),
        ),
        migrations.AddField(
            model_name='show',
            name='round',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='show', to='judging.round'),
        ),
        migrations.AddField(
            model_name='slipkeying',
            name='card',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slip_keyings', to='judging.jurorcard'),
        ),
        migrations.AddField(
            model_name='slipkeying',
            name='clerk',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='slipkeying',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slip_keyings', to='judging.roundentry'),
        ),
        migrations.AddField(
            model_name='slipruling',
            name='card',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slip_rulings', to='judging.jurorcard'),
        ),
        migrations.AddField(
            model_name='slipruling',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slip_rulings', to='judging.roundentry'),
        ),
        migrations.AddField(
            model_name='slipruling',
            name='ruled_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wallsnapshot',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wall_snapshots', to='judging.round'),
        ),
        migrations.AddConstraint(
            model_name='juror',
            constraint=models.UniqueConstraint(condition=models.Q(('struck_at__isnull', True)), fields=('edition', 'name', 'phone'), name='juror_once', violation_error_message='This person is on the roster already.'),
        ),
        migrations.AddConstraint(
            model_name='juror',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('trade', ''), _negated=True)), name='juror_named'),
        ),
        migrations.AddConstraint(
            model_name='juror',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('struck_at__isnull', True), ('struck_reason', '')), models.Q(('struck_at__isnull', False), models.Q(('struck_reason', ''), _negated=True)), _connector='OR'), name='juror_struck_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='jurorpick',
            constraint=models.UniqueConstraint(fields=('draw', 'number'), name='juror_pick_number_once'),
        ),
        migrations.AddConstraint(
            model_name='jurorpick',
            constraint=models.UniqueConstraint(fields=('draw', 'juror'), name='juror_pick_juror_once'),
        ),
        migrations.AddConstraint(
            model_name='jurorpick',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['declined', 'conflicted']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='juror_pick_out_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('url', ''), _negated=True), ('file__isnull', True)), models.Q(('url', ''), ('file__isnull', False)), _connector='OR'), name='recording_link_or_file', violation_error_message='Give either a link or a file.'),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.CheckConstraint(condition=models.Q(('consent', ''), _negated=True), name='recording_with_consent'),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_reason', '')), models.Q(('withdrawn_at__isnull', False), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='recording_withdrawn_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='releasedscore',
            constraint=models.UniqueConstraint(fields=('entry', 'number'), name='released_score_number_once'),
        ),
        migrations.AddConstraint(
            model_name='releasedscore',
            constraint=models.CheckConstraint(condition=models.Q(('number__gt', 0)), name='released_score_number_positive'),
        ),
        migrations.AddConstraint(
            model_name='show',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asked', ''), ('asked_at__isnull', True), ('asked_by__isnull', True)), models.Q(models.Q(('asked', ''), _negated=True), ('asked_at__isnull', False), ('asked_by__isnull', False)), _connector='OR'), name='show_asked_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='show',
            constraint=models.CheckConstraint(condition=models.Q(('phase_ends_at__isnull', True), ('phase_ends_at__gte', models.F('phase_at')), _connector='OR'), name='show_phase_forward'),
        ),
        migrations.AddConstraint(
            model_name='show',
            constraint=models.CheckConstraint(condition=models.Q(('entry__isnull', False), models.Q(('phase__in', ('talk', 'answers', 'scoring', 'counting', 'score')), _negated=True), _connector='OR'), name='show_phase_of_an_entry'),
        ),
        migrations.AddConstraint(
            model_name='show',
            constraint=models.CheckConstraint(condition=models.Q(('revealed', 0), ('phase__in', ['reveal', 'winners']), _connector='OR'), name='show_revealed_in_the_reveal'),
        ),
        migrations.AddConstraint(
            model_name='slipkeying',
            constraint=models.UniqueConstraint(fields=('card', 'entry', 'reading'), name='slip_keying_reading_once'),
        ),
        migrations.AddConstraint(
            model_name='slipkeying',
            constraint=models.UniqueConstraint(fields=('card', 'entry', 'clerk'), name='slip_keying_clerk_once', violation_error_message='You have keyed this slip already; somebody else has to.'),
        ),
        migrations.AddConstraint(
            model_name='slipkeying',
            constraint=models.CheckConstraint(condition=models.Q(('reading__in', [1, 2])), name='slip_keying_two_readings'),
        ),
        migrations.AddConstraint(
            model_name='slipkeying',
            constraint=models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 100)), name='slip_keying_score'),
        ),
        migrations.AddConstraint(
            model_name='slipruling',
            constraint=models.UniqueConstraint(fields=('card', 'entry'), name='slip_ruling_once'),
        ),
        migrations.AddConstraint(
            model_name='slipruling',
            constraint=models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('score__gte', 0), ('score__lte', 100)), _connector='OR'), name='slip_ruling_score'),
        ),
        migrations.AddConstraint(
            model_name='slipruling',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='slip_ruling_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='wallsnapshot',
            constraint=models.UniqueConstraint(fields=('round', 'number'), name='wall_snapshot_number_once'),
        ),
    ]
