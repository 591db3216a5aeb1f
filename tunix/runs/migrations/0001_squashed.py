"""The tables of the app, as all migrations before made them. They replace: see docs/operations.md."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ("runs", "0001_initial"),
        ("runs", "0002_reproduction"),
        ("runs", "0003_promoted_models"),
        ("runs", "0004_judge_usage"),
    ]

    initial = True

    dependencies = [
        ('datasets', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TunixRun',
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
                ('origin', models.CharField(choices=[('single', 'single run'), ('trial', 'trial of a job')], db_index=True, default='single', max_length=8)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('status', models.CharField(choices=[('pending', 'pending'), ('running', 'running'), ('completed', 'completed'), ('pruned', 'pruned'), ('failed', 'failed'), ('canceled', 'canceled'), ('lost', 'lost')], db_index=True, default='pending', max_length=12)),
                ('base_model_id', models.CharField(db_index=True, max_length=200)),
                ('method', models.CharField(default='sft', max_length=16)),
                ('config_json', models.JSONField(help_text='the RunSpec')),
                ('seed', models.PositiveBigIntegerField(default=0)),
                ('metrics_json', models.JSONField(default=dict)),
                ('output_dir', models.CharField(blank=True, help_text='relative to the artifacts folder', max_length=300)),
                ('result_hash', models.CharField(blank=True, help_text='sha256 of result.json', max_length=64)),
                ('environment_json', models.JSONField(default=dict, help_text='the capsule')),
                ('reproduction_json', models.JSONField(default=dict, help_text='what differs from the run that it reproduces')),
                ('judge_usage_json', models.JSONField(help_text='what its own judging used of a service', null=True)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='datasets.dataset')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reproduces', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reproductions', to='runs.tunixrun')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='BaseModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.SlugField(default='default', max_length=64)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False)),
                ('base_model_id', models.CharField(max_length=200, unique=True)),
                ('family', models.CharField(max_length=64)),
                ('source', models.CharField(choices=[('built_in', 'built in'), ('promoted', 'promoted')], default='built_in', max_length=16)),
                ('parameters', models.PositiveBigIntegerField(help_text='number of weights, without the embedding of a data set')),
                ('description', models.CharField(blank=True, max_length=500)),
                ('content_hash', models.CharField(blank=True, help_text='sha256 of what decides the weights', max_length=64)),
                ('name', models.CharField(blank=True, help_text='of a promoted one', max_length=63)),
                ('version', models.PositiveIntegerField(blank=True, help_text='of a promoted one: 1, 2, 3 for each name', null=True)),
                ('lineage_json', models.JSONField(default=dict, help_text='where a promoted one comes from, as in its lineage.json')),
                ('path', models.CharField(blank=True, help_text='its folder, relative to the artifacts folder', max_length=300)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='promoted_models', to='runs.tunixrun')),
            ],
            options={
                'ordering': ['parameters', 'base_model_id'],
                'constraints': [models.UniqueConstraint(fields=('name', 'version'), name='versions_of_a_name_are_numbered'), models.UniqueConstraint(fields=('run', 'name'), name='one_version_a_run_and_name')],
            },
        ),
    ]
