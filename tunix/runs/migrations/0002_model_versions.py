"""Count the versions of promoted models in a row per name, not in the words of the audit trail.

The counters begin after the highest version that anything in the database still names: the models themselves, the
audit trail, which names deleted ones too, and the runs that started from them.
"""

import re

from django.db import migrations, models

PROMOTED = re.compile(r"promoted/([a-z0-9][a-z0-9_-]{0,62})@([1-9][0-9]{0,5})")


def count_what_was_given(apps, schema_editor):
    last = {}
    for text in ids_that_were_given(apps):
        if found := PROMOTED.fullmatch(text):
            name, version = found[1], int(found[2])
            last[name] = max(version, last.get(name, 0))
    counters = apps.get_model("runs", "ModelVersionCounter").objects
    counters.bulk_create(counters.model(name=name, last_version=version) for name, version in sorted(last.items()))


def ids_that_were_given(apps):
    entries = apps.get_model("access", "AuditEntry").objects.filter(subject_kind="base model")
    runs = apps.get_model("runs", "TunixRun").objects.filter(base_model_id__startswith="promoted/")
    yield from apps.get_model("runs", "BaseModel").objects.values_list("base_model_id", flat=True)
    yield from entries.values_list("subject", flat=True).order_by().distinct().iterator()
    yield from runs.values_list("base_model_id", flat=True).order_by().distinct().iterator()


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0001_squashed"),
        ("access", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelVersionCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=63, unique=True)),
                ("last_version", models.PositiveIntegerField(default=0)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(count_what_was_given, migrations.RunPython.noop),
    ]
