"""The tables of the app, as all migrations before made them. They replace: see docs/operations.md."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ("access", "0001_initial"),
        ("access", "0002_hash_old_tokens"),
        ("access", "0003_drop_old_tokens"),
        ("access", "0004_groups"),
        ("access", "0005_test_looks"),
        ("access", "0006_changed_act"),
        ("access", "0007_operators_promote"),
        ("access", "0008_operators_delete_models"),
        ("access", "0009_warm_starts"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('created', 'created'), ('imported', 'imported'), ('changed', 'changed'), ('canceled', 'canceled'), ('deleted', 'deleted'), ('token_made', 'token made'), ('token_revoked', 'token revoked')], max_length=32)),
                ('actor_name', models.CharField(blank=True, max_length=150)),
                ('subject_kind', models.CharField(max_length=64)),
                ('subject_id', models.CharField(max_length=200)),
                ('subject', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['subject_kind', 'subject_id'], name='access_audi_subject_f95b38_idx')],
            },
        ),
        migrations.CreateModel(
            name='AuthToken',
            fields=[
                ('token_key', models.CharField(db_index=True, max_length=25)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('expiry', models.DateTimeField(blank=True, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(editable=False, max_length=128, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('last_used_at', models.DateTimeField(editable=False, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auth_token_set', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'token',
                'ordering': ['created', 'id'],
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='one_token_a_name')],
            },
        ),
    ]
