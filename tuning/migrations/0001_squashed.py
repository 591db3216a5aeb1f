"""The tables of the app, as all migrations before made them. They replace: see docs/operations.md."""

import django.db.models.deletion
import django.utils.timezone
import tuning.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ("tuning", "0001_initial"),
        ("tuning", "0002_attempt_worker"),
        ("tuning", "0003_events_outlive_jobs"),
        ("tuning", "0004_name_jobs_and_actors_of_events"),
        ("tuning", "0005_confirmation"),
        ("tuning", "0006_promoted_event"),
        ("tuning", "0007_guards"),
        ("tuning", "0008_budgets"),
        ("tuning", "0009_excluded_trials"),
        ("tuning", "0010_constraints_and_replicates"),
        ("tuning", "0011_objectives"),
        ("tuning", "0012_given_configurations"),
        ("tuning", "0013_early_stopping"),
        ("tuning", "0014_changes_of_mind"),
        ("tuning", "0015_warm_start"),
    ]

    initial = True

    dependencies = [
        ('datasets', '0001_initial'),
        ('runs', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TuningJob',
            fields=[
                ('project', models.SlugField(default='default', max_length=64)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('epoch', models.PositiveIntegerField(default=0, editable=False)),
                ('lease_owner', models.CharField(blank=True, editable=False, max_length=200)),
                ('heartbeat', models.PositiveBigIntegerField(default=0, editable=False)),
                ('heartbeat_at', models.DateTimeField(editable=False, null=True)),
                ('dispatched_at', models.DateTimeField(editable=False, null=True)),
                ('restarts', models.PositiveIntegerField(default=0, editable=False)),
                ('cancel_requested_at', models.DateTimeField(editable=False, null=True)),
                ('queued_at', models.DateTimeField(editable=False, null=True)),
                ('started_at', models.DateTimeField(editable=False, null=True)),
                ('finished_at', models.DateTimeField(editable=False, null=True)),
                ('reason', models.CharField(blank=True, editable=False, max_length=40)),
                ('error', models.TextField(blank=True, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('notes', models.TextField(blank=True)),
                ('status', models.CharField(choices=[('created', 'created'), ('queued', 'queued'), ('running', 'running'), ('completed', 'completed'), ('failed', 'failed'), ('canceled', 'canceled')], db_index=True, default='created', editable=False, max_length=12)),
                ('base_model_id', models.CharField(db_index=True, max_length=200)),
                ('mode', models.CharField(default='local', help_text='where trials run: local', max_length=16)),
                ('metric_name', models.CharField(max_length=64)),
                ('metric_mode', models.CharField(choices=[('max', 'maximise'), ('min', 'minimise')], max_length=3)),
                ('objectives_json', models.JSONField(blank=True, null=True)),
                ('num_samples', models.PositiveIntegerField()),
                ('max_concurrent_trials', models.PositiveIntegerField(default=1)),
                ('search_space_json', models.JSONField()),
                ('constraints_json', models.JSONField(blank=True, default=list, help_text='comparisons that every trial obeys')),
                ('fixed_params_json', models.JSONField(default=dict)),
                ('given_params_json', models.JSONField(blank=True, default=list, help_text='configurations that are tried first')),
                ('algorithm_json', models.JSONField(default=dict)),
                ('warm_start_json', models.JSONField(blank=True, help_text='jobs whose trials the sampler knows', null=True)),
                ('early_stopping_json', models.JSONField(blank=True, null=True)),
                ('budget_json', models.JSONField(default=dict)),
                ('resources_json', models.JSONField(default=dict)),
                ('evaluation_json', models.JSONField(default=dict)),
                ('confirmation_json', models.JSONField(default=tuning.models.search_alone, help_text='controls, automatic, top, seeds')),
                ('guards_json', models.JSONField(blank=True, default=list, help_text='what a trial may lose on other rows')),
                ('seed', models.PositiveBigIntegerField(default=0)),
                ('best_params_json', models.JSONField(editable=False, null=True)),
                ('best_value', models.FloatField(db_index=True, editable=False, null=True)),
                ('confirmation_round', models.PositiveIntegerField(default=0, editable=False, help_text='how often the finalists were, or are to be, confirmed')),
                ('verdict_json', models.JSONField(editable=False, help_text='what the last confirmation showed', null=True)),
                ('ended_early_json', models.JSONField(editable=False, help_text='the budget that ended the search or the job: budget, scope, detail, trial', null=True)),
                ('trials_version', models.PositiveIntegerField(default=0, editable=False, help_text='raised when somebody else than its runner changes trials')),
                ('ray_storage_path', models.CharField(blank=True, editable=False, max_length=300)),
                ('progress_at', models.DateTimeField(editable=False, null=True)),
                ('paused_at', models.DateTimeField(editable=False, help_text='since when no new trial starts', null=True)),
                ('paused_seconds', models.FloatField(default=0.0, editable=False, help_text='of former pauses, and of waiting in the queue again')),
                ('best_run', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='best_of_jobs', to='runs.tunixrun')),
                ('confirmed_run', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='confirmed_of_jobs', to='runs.tunixrun')),
                ('dataset', models.ForeignKey(db_column='dataset_key', on_delete=django.db.models.deletion.PROTECT, related_name='tuning_jobs', to='datasets.dataset', to_field='key')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='TuningEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(blank=True, help_text='name of the job at that time', max_length=200)),
                ('subject_id', models.UUIDField(db_index=True, help_text='id of the job, also when it is gone', null=True)),
                ('kind', models.CharField(choices=[('created', 'created'), ('cloned', 'cloned'), ('changed', 'changed'), ('enqueued', 'configuration enqueued'), ('started', 'started'), ('warm_start', 'warm start'), ('running', 'running'), ('resumed', 'resumed'), ('paused', 'paused'), ('unpaused', 'unpaused'), ('handed_back', 'released by its runner'), ('extended', 'trials added'), ('retried', 'trials retried'), ('cancel_requested', 'cancel requested'), ('canceled', 'canceled'), ('deleted', 'deleted'), ('lost', 'runner lost'), ('worker_set_aside', 'worker quarantined'), ('trial_failed', 'trial failed'), ('pruned', 'trial stopped early'), ('new_best', 'new best'), ('barred', 'trial disqualified by a guard'), ('budget', 'ended by a budget'), ('excluded', 'trial excluded'), ('included', 'trial included again'), ('no_winner', 'no trial can win'), ('confirmation_requested', 'confirmation requested'), ('finalists', 'finalists chosen'), ('winner_fixed', 'winner fixed'), ('verdict', 'verdict'), ('promoted', 'promoted'), ('completed', 'completed'), ('failed', 'failed')], max_length=32)),
                ('actor_name', models.CharField(blank=True, help_text='empty for the machine', max_length=150)),
                ('detail', models.CharField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='tuning.tuningjob')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TuningTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('search', 'search'), ('default', 'default configuration'), ('untuned', 'untuned model'), ('confirmation', 'confirmation'), ('held_out', 'held-out test')], default='search', max_length=12)),
                ('slot', models.PositiveIntegerField(help_text='of a search trial: which proposal of the sampler it is', null=True)),
                ('origin', models.CharField(choices=[('proposed', 'proposed by the sampler'), ('given', 'enqueued by a user')], default='proposed', max_length=12)),
                ('replicate', models.PositiveIntegerField(default=0, help_text='which of the trials with the same configuration')),
                ('round', models.PositiveIntegerField(default=0, help_text='of a confirmation: which one')),
                ('params_json', models.JSONField(help_text='what the sampler proposed')),
                ('params_hash', models.CharField(max_length=64)),
                ('sampler_state', models.JSONField(null=True)),
                ('status', models.CharField(choices=[('pending', 'pending'), ('running', 'running'), ('completed', 'completed'), ('pruned', 'pruned'), ('failed', 'failed'), ('canceled', 'canceled')], default='pending', max_length=12)),
                ('metric_value', models.FloatField(null=True)),
                ('values_json', models.JSONField(default=dict, help_text='what it reached in the further objectives, by metric')),
                ('guards_json', models.JSONField(default=list, help_text="its scores on the job's guards, in their order")),
                ('steps', models.PositiveIntegerField(help_text='that its training has, if it runs to its end', null=True)),
                ('trained_steps', models.PositiveIntegerField(help_text='of a trial that completed or was stopped early', null=True)),
                ('stopped_json', models.JSONField(help_text='of one stopped early: rung, step, value, threshold', null=True)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('error', models.TextField(blank=True)),
                ('excluded_at', models.DateTimeField(help_text='since when it counts for nothing', null=True)),
                ('excluded_reason', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='tuning.tuningjob')),
                ('run', models.OneToOneField(help_text='the run that counts', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='trial', to='runs.tunixrun')),
                ('source', models.ForeignKey(help_text='the trial that it trains again', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='copies', to='tuning.tuningtrial')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.AddField(
            model_name='tuningjob',
            name='best_trial',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tuning.tuningtrial'),
        ),
        migrations.CreateModel(
            name='TuningAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('epoch', models.PositiveIntegerField()),
                ('worker', models.CharField(blank=True, help_text='host and process that executed it', max_length=200)),
                ('outcome', models.CharField(choices=[('running', 'running'), ('completed', 'completed'), ('pruned', 'pruned'), ('failed', 'failed'), ('canceled', 'canceled'), ('lost', 'lost')], default='running', max_length=12)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('error', models.TextField(blank=True)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='attempt', to='runs.tunixrun')),
                ('trial', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='tuning.tuningtrial')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='WarmStart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('observations_json', models.JSONField(help_text='params, outcome, value, values, step; in the order of the slots')),
                ('known', models.PositiveIntegerField(help_text='how many observations there are')),
                ('finished', models.PositiveIntegerField(help_text='finished trials of the other jobs, also those outside the space')),
                ('jobs_json', models.JSONField(help_text='the other jobs as they were: id, name, known, finished')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='warm_start', to='tuning.tuningjob')),
            ],
        ),
        migrations.CreateModel(
            name='TrialMetric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=64)),
                ('value', models.FloatField()),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='metrics', to='tuning.tuningattempt')),
            ],
            options={
                'ordering': ['step'],
                'constraints': [models.UniqueConstraint(fields=('attempt', 'step', 'name'), name='one_value_a_step_and_name')],
            },
        ),
        migrations.AddIndex(
            model_name='tuningtrial',
            index=models.Index(fields=['job', 'status'], name='tuning_tuni_job_id_d8b7f2_idx'),
        ),
        migrations.AddIndex(
            model_name='tuningtrial',
            index=models.Index(fields=['job', 'metric_value'], name='tuning_tuni_job_id_2ab8d9_idx'),
        ),
        migrations.AddConstraint(
            model_name='tuningtrial',
            constraint=models.UniqueConstraint(fields=('job', 'number'), name='one_trial_a_slot'),
        ),
        migrations.AddConstraint(
            model_name='tuningtrial',
            constraint=models.UniqueConstraint(fields=('job', 'slot', 'replicate'), name='one_trial_a_proposal_and_seed'),
        ),
        migrations.AddIndex(
            model_name='tuningjob',
            index=models.Index(fields=['status', '-created_at'], name='tuning_tuni_status_4a3736_idx'),
        ),
        migrations.AddConstraint(
            model_name='tuningattempt',
            constraint=models.UniqueConstraint(fields=('trial', 'number'), name='attempts_are_numbered'),
        ),
        migrations.AddConstraint(
            model_name='tuningattempt',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', 'running')), fields=('trial',), name='one_running_attempt_a_trial'),
        ),
    ]
