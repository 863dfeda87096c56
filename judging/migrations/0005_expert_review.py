
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.clock


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_role_grants_kept'),
        ('contest', '0004_expert_review'),
        ('judging', '0004_cast_ballot'),
        ('projects', '0007_texts_counted_in_characters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ConflictCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moment', models.CharField(choices=[('assignment', 'At assignment'), ('first_open', 'When first opened'), ('submit', 'When signed')], max_length=12, verbose_name='checked')),
                ('is_clear', models.BooleanField(verbose_name='nothing found')),
                ('findings', models.JSONField(default=list)),
                ('checked_at', models.DateTimeField(default=kit.clock.now, verbose_name='checked at')),
            ],
            options={
                'verbose_name': 'conflict check',
                'verbose_name_plural': 'conflict checks',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('committed', 'Committed, not drawn yet'), ('drawn', 'Drawn'), ('closed', 'Seated')], default='committed', max_length=10, verbose_name='status')),
                ('size', models.PositiveSmallIntegerField(verbose_name='seats')),
                ('conditions', models.JSONField(default=dict, verbose_name='conditions')),
                ('pool', models.JSONField(verbose_name='pool')),
                ('pool_sha256', models.CharField(max_length=64, verbose_name='fingerprint of pool and conditions')),
                ('seed', models.CharField(editable=False, max_length=64)),
                ('commitment', models.CharField(max_length=64, verbose_name='commitment')),
                ('public_number', models.CharField(blank=True, max_length=60, verbose_name='public number')),
                ('public_source', models.CharField(max_length=120, verbose_name='where the public number comes from')),
                ('witnesses', models.CharField(blank=True, max_length=200, verbose_name='witnesses')),
                ('committed_at', models.DateTimeField(default=kit.clock.now, verbose_name='committed at')),
                ('drawn_at', models.DateTimeField(null=True, verbose_name='drawn at')),
            ],
            options={
                'verbose_name': 'draw',
                'verbose_name_plural': 'draws',
            },
        ),
        migrations.CreateModel(
            name='DrawPick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='drawn as')),
                ('status', models.CharField(choices=[('asked', 'Asked'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('conflicted', 'Has a conflict')], default='asked', max_length=12, verbose_name='status')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered at')),
            ],
            options={
                'verbose_name': 'drawn expert',
                'verbose_name_plural': 'drawn experts',
                'ordering': ['draw', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Expert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_theorist', models.BooleanField(default=False, verbose_name='theory')),
                ('is_practitioner', models.BooleanField(default=False, verbose_name='practice')),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='fields')),
                ('unit', models.CharField(max_length=100, verbose_name='unit')),
                ('unit_code', models.CharField(blank=True, max_length=18, verbose_name='unified credit code of the unit')),
                ('position', models.CharField(blank=True, max_length=60, verbose_name='position or title')),
                ('away_from', models.DateField(null=True, verbose_name='away from')),
                ('away_until', models.DateField(null=True, verbose_name='away until')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('entered_at', models.DateTimeField(default=kit.clock.now, verbose_name='entered at')),
                ('left_at', models.DateTimeField(null=True, verbose_name='left the pool at')),
            ],
            options={
                'verbose_name': 'expert',
                'verbose_name_plural': 'experts',
            },
        ),
        migrations.CreateModel(
            name='ExpertLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('unit', 'Works there'), ('past_employer', 'Worked there within three years'), ('adviser', 'Advises or advised it'), ('mentor', 'Coaches the project'), ('partner', 'Partner of the project'), ('kin', 'Spouse or close kin works there'), ('teacher', 'Teacher or student of its people'), ('helped', 'Helped prepare the entry'), ('lawsuit', 'Lawsuit within three years'), ('other', 'Other interest')], max_length=20, verbose_name='tie')),
                ('body_name', models.CharField(max_length=100, verbose_name='body')),
                ('body_code', models.CharField(blank=True, max_length=18, verbose_name='unified credit code')),
                ('until', models.DateField(null=True, verbose_name='until')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('entered_at', models.DateTimeField(default=kit.clock.now, verbose_name='entered at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
            ],
            options={
                'verbose_name': 'tie of an expert',
                'verbose_name_plural': 'ties of an expert',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('all_equal', 'All criteria scored alike'), ('outlier', 'Far from the others'), ('identical', 'Identical sheets'), ('unit_bloc', 'One unit scores as a block'), ('burst', 'Many sheets within minutes')], max_length=12, verbose_name='kind')),
                ('key', models.CharField(max_length=120)),
                ('measured', models.JSONField(default=dict)),
                ('is_current', models.BooleanField(default=True)),
                ('found_at', models.DateTimeField(default=kit.clock.now, verbose_name='found at')),
                ('outcome', models.CharField(blank=True, choices=[('explained', 'Looked into, stands'), ('unlocked', 'Sheet unlocked to be corrected'), ('replaced', 'Expert replaced')], max_length=12, verbose_name='outcome')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('disposed_at', models.DateTimeField(null=True, verbose_name='disposed of at')),
            ],
            options={
                'verbose_name': 'flag',
                'verbose_name_plural': 'flags',
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issued_at', models.DateTimeField(default=kit.clock.now, verbose_name='issued at')),
            ],
            options={
                'verbose_name': 'letter to an applicant',
                'verbose_name_plural': 'letters to applicants',
                'ordering': ['round', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ObjectionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(default=kit.clock.now, verbose_name='added at')),
            ],
            options={
                'verbose_name': 'file of an objection',
                'verbose_name_plural': 'files of an objection',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Pledge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pledged_at', models.DateTimeField(default=kit.clock.now, verbose_name='pledged at')),
            ],
            options={
                'verbose_name': 'pledge',
                'verbose_name_plural': 'pledges',
            },
        ),
        migrations.CreateModel(
            name='Rereview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=kit.clock.now, verbose_name='asked at')),
                ('has_conflict', models.BooleanField(null=True, verbose_name='has a conflict of interest')),
                ('finds_ground', models.BooleanField(null=True, verbose_name='finds the objection justified')),
                ('opinion', models.TextField(blank=True, max_length=4000, verbose_name='opinion')),
                ('given_at', models.DateTimeField(null=True, verbose_name='given at')),
            ],
            options={
                'verbose_name': 're-review',
                'verbose_name_plural': 're-reviews',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ReviewNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True, max_length=4000, verbose_name='private notes')),
                ('highlights', models.JSONField(default=list)),
                ('version', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField(default=kit.clock.now, verbose_name='saved at')),
            ],
            options={
                'verbose_name': 'private note',
                'verbose_name_plural': 'private notes',
            },
        ),
        migrations.CreateModel(
            name='SheetVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('unlocked_at', models.DateTimeField(default=kit.clock.now, verbose_name='unlocked at')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'earlier version of a sheet',
                'verbose_name_plural': 'earlier versions of a sheet',
                'ordering': ['sheet', 'version'],
            },
        ),
        migrations.CreateModel(
            name='SignedSheets',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sheets', models.JSONField()),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('signed_at', models.DateTimeField(default=kit.clock.now, verbose_name='signed at')),
            ],
            options={
                'verbose_name': 'signed sheets',
                'verbose_name_plural': 'signed sheets',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='assignment',
            name='grounds',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='assignment',
            name='skipped_at',
            field=models.DateTimeField(null=True, verbose_name='skipped at'),
        ),
        migrations.AddField(
            model_name='decisionline',
            name='override_reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='reason for departing from the rule'),
        ),
        migrations.AddField(
            model_name='objection',
            name='digest',
            field=models.TextField(blank=True, max_length=1000, verbose_name='public digest'),
        ),
        migrations.AddField(
            model_name='objection',
            name='extended_at',
            field=models.DateTimeField(null=True, verbose_name='extended at'),
        ),
        migrations.AddField(
            model_name='objection',
            name='extension_reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='reason for the extension'),
        ),
        migrations.AddField(
            model_name='objection',
            name='findings',
            field=models.TextField(blank=True, max_length=4000, verbose_name='findings'),
        ),
        migrations.AddField(
            model_name='roundentry',
            name='is_calibration',
            field=models.BooleanField(default=False, verbose_name='calibration entry'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('extended_at__isnull', True), ('extension_reason', '')), models.Q(('extended_at__isnull', False), models.Q(('extension_reason', ''), _negated=True)), _connector='OR'), name='objection_extended_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='roundentry',
            constraint=models.UniqueConstraint(condition=models.Q(('is_calibration', True)), fields=('round',), name='round_entry_one_calibration'),
        ),
        migrations.AddField(
            model_name='conflictcheck',
            name='assignment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflict_checks', to='judging.assignment'),
        ),
        migrations.AddField(
            model_name='draw',
            name='committed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draw',
            name='document',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='draw', to='contest.document'),
        ),
        migrations.AddField(
            model_name='draw',
            name='drawn_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draw',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='judging.round'),
        ),
        migrations.AddField(
            model_name='drawpick',
            name='draw',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picks', to='judging.draw'),
        ),
        migrations.AddField(
            model_name='drawpick',
            name='stands_for',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successor', to='judging.drawpick'),
        ),
        migrations.AddField(
            model_name='expert',
            name='district',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.district', verbose_name='district'),
        ),
        migrations.AddField(
            model_name='expert',
            name='entered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='expert',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='expert', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='drawpick',
            name='expert',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picks', to='judging.expert'),
        ),
        migrations.AddField(
            model_name='expertlink',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='expertlink',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='expertlink',
            name='expert',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='judging.expert'),
        ),
        migrations.AddField(
            model_name='expertlink',
            name='project',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project', verbose_name='project'),
        ),
        migrations.AddField(
            model_name='flag',
            name='disposed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='flag',
            name='entry',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='judging.roundentry'),
        ),
        migrations.AddField(
            model_name='flag',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='judging.round'),
        ),
        migrations.AddField(
            model_name='flag',
            name='seat',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='judging.panelseat'),
        ),
        migrations.AddField(
            model_name='letter',
            name='document',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='contest.document'),
        ),
        migrations.AddField(
            model_name='letter',
            name='line',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='judging.decisionline'),
        ),
        migrations.AddField(
            model_name='letter',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='projects.project'),
        ),
        migrations.AddField(
            model_name='letter',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='judging.round'),
        ),
        migrations.AddField(
            model_name='objectionfile',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contest.storedfile'),
        ),
        migrations.AddField(
            model_name='objectionfile',
            name='objection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='judging.objection'),
        ),
        migrations.AddField(
            model_name='pledge',
            name='document',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='pledge', to='contest.document'),
        ),
        migrations.AddField(
            model_name='pledge',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pledges', to='contest.edition'),
        ),
        migrations.AddField(
            model_name='pledge',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pledges', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rereview',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rereview',
            name='expert',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rereviews', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rereview',
            name='objection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rereviews', to='judging.objection'),
        ),
        migrations.AddField(
            model_name='reviewnote',
            name='assignment',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='note', to='judging.assignment'),
        ),
        migrations.AddField(
            model_name='sheetversion',
            name='sheet',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='judging.sheet'),
        ),
        migrations.AddField(
            model_name='sheetversion',
            name='unlocked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='signedsheets',
            name='document',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='signing', to='contest.document'),
        ),
        migrations.AddField(
            model_name='signedsheets',
            name='seat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signings', to='judging.panelseat'),
        ),
        migrations.AddConstraint(
            model_name='conflictcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('findings', []), ('is_clear', True)), models.Q(('is_clear', False), models.Q(('findings', []), _negated=True)), _connector='OR'), name='conflict_check_says_what'),
        ),
        migrations.AddConstraint(
            model_name='draw',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['committed', 'drawn'])), fields=('round',), name='draw_one_under_way', violation_error_message='This round has a draw under way already.'),
        ),
        migrations.AddConstraint(
            model_name='draw',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('drawn_at__isnull', True), ('drawn_by__isnull', True), ('public_number', ''), ('status', 'committed')), models.Q(models.Q(('status', 'committed'), _negated=True), models.Q(('public_number', ''), _negated=True), ('drawn_at__isnull', False), ('drawn_by__isnull', False)), _connector='OR'), name='draw_drawn_with_number'),
        ),
        migrations.AddConstraint(
            model_name='draw',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='draw_size_positive'),
        ),
        migrations.AddConstraint(
            model_name='expert',
            constraint=models.CheckConstraint(condition=models.Q(('is_theorist', True), ('is_practitioner', True), _connector='OR'), name='expert_theory_or_practice', violation_error_message='Choose theory, practice or both.'),
        ),
        migrations.AddConstraint(
            model_name='expert',
            constraint=models.CheckConstraint(condition=models.Q(('away_until__isnull', True), models.Q(('away_from__isnull', False), ('away_until__gte', models.F('away_from'))), _connector='OR'), name='expert_away_forward', violation_error_message='The last day away lies before the first.'),
        ),
        migrations.AddConstraint(
            model_name='expert',
            constraint=models.CheckConstraint(condition=models.Q(('unit_code', ''), ('unit_code__regex', '^[0-9A-Z]{18}$'), _connector='OR'), name='expert_unit_code_form'),
        ),
        migrations.AddConstraint(
            model_name='drawpick',
            constraint=models.UniqueConstraint(fields=('draw', 'number'), name='draw_pick_number_once'),
        ),
        migrations.AddConstraint(
            model_name='drawpick',
            constraint=models.UniqueConstraint(fields=('draw', 'expert'), name='draw_pick_expert_once'),
        ),
        migrations.AddConstraint(
            model_name='drawpick',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['declined', 'conflicted']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='draw_pick_out_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='expertlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='expert_link_ended_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='expertlink',
            constraint=models.CheckConstraint(condition=models.Q(('body_name', ''), _negated=True), name='expert_link_names_body'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.UniqueConstraint(fields=('round', 'key'), name='flag_once'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disposed_at__isnull', True), ('disposed_by__isnull', True), ('note', ''), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), models.Q(('note', ''), _negated=True), ('disposed_at__isnull', False), ('disposed_by__isnull', False)), _connector='OR'), name='flag_disposed_with_note'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(fields=('round', 'project'), name='letter_once'),
        ),
        migrations.AddConstraint(
            model_name='pledge',
            constraint=models.UniqueConstraint(fields=('person', 'edition'), name='pledge_once'),
        ),
        migrations.AddConstraint(
            model_name='rereview',
            constraint=models.UniqueConstraint(fields=('objection', 'expert'), name='rereview_once'),
        ),
        migrations.AddConstraint(
            model_name='rereview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finds_ground__isnull', True), ('given_at__isnull', True), ('opinion', '')), models.Q(('finds_ground__isnull', False), ('given_at__isnull', False), ('has_conflict', False), models.Q(('opinion', ''), _negated=True)), _connector='OR'), name='rereview_given_complete'),
        ),
        migrations.AddConstraint(
            model_name='sheetversion',
            constraint=models.UniqueConstraint(fields=('sheet', 'version'), name='sheet_version_once'),
        ),
        migrations.AddConstraint(
            model_name='sheetversion',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='sheet_version_has_reason'),
        ),
    ]
