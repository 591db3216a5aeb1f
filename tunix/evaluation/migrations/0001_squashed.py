"""The tables of the app, as all migrations before made them. They replace: see docs/operations.md."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ("evaluation", "0001_initial"),
        ("evaluation", "0002_test_looks"),
        ("evaluation", "0003_baselines"),
        ("evaluation", "0004_intervals"),
        ("evaluation", "0005_judge_details"),
        ("evaluation", "0006_judge_noise"),
    ]

    initial = True

    dependencies = [
        ('datasets', '0001_initial'),
        ('runs', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Baseline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.SlugField(default='default', max_length=64)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False)),
                ('name', models.SlugField(max_length=100, unique=True)),
                ('judge', models.CharField(max_length=64)),
                ('judge_version', models.CharField(blank=True, max_length=200)),
                ('split', models.CharField(default='validation', max_length=12)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='baselines', to='datasets.dataset')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='baselines', to='runs.tunixrun')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='TestLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dataset_version', models.CharField(max_length=64)),
                ('subject', models.CharField(help_text='the job or run for whose sake', max_length=300)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='test_looks', to='datasets.dataset')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Evaluation',
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
                ('status', models.CharField(choices=[('pending', 'pending'), ('running', 'running'), ('completed', 'completed'), ('failed', 'failed'), ('canceled', 'canceled')], db_index=True, default='pending', max_length=12)),
                ('own_lease', models.BooleanField(default=False, editable=False)),
                ('judge', models.CharField(db_index=True, max_length=64)),
                ('judge_version', models.CharField(blank=True, max_length=200)),
                ('split', models.CharField(db_index=True, max_length=12)),
                ('max_items', models.PositiveIntegerField(default=256)),
                ('max_new_tokens', models.PositiveIntegerField(default=32)),
                ('items', models.PositiveIntegerField(default=0)),
                ('score_mean', models.FloatField(db_index=True, null=True)),
                ('score_low', models.FloatField(help_text='of the 95% interval of the mean', null=True)),
                ('score_high', models.FloatField(null=True)),
                ('interval_method', models.CharField(blank=True, max_length=100)),
                ('metrics_json', models.JSONField(default=dict)),
                ('item_scores', models.JSONField(default=list, help_text='null: the judge could not judge the item')),
                ('failed_items', models.PositiveIntegerField(default=0, help_text='items without a score')),
                ('failures_json', models.JSONField(default=list, help_text='the most frequent reasons why')),
                ('usage_json', models.JSONField(help_text='what judging used of a service', null=True)),
                ('judge_noise', models.FloatField(help_text='of the mean score; known where the outputs were judged twice', null=True)),
                ('verdict', models.CharField(blank=True, max_length=200)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evaluations', to='runs.tunixrun')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['judge', 'status', '-created_at', '-id'], name='newest_of_a_judge')],
            },
        ),
    ]
