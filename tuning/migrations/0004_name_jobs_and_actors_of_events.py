"""Events that are there already get the names of their jobs and actors."""

from django.conf import settings
from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_them(apps, schema_editor):
    events = apps.get_model("tuning", "TuningEvent").objects
    jobs = apps.get_model("tuning", "TuningJob").objects.filter(pk=OuterRef("job"))
    users = apps.get_model(settings.AUTH_USER_MODEL).objects.filter(pk=OuterRef("actor"))
    events.filter(subject_id=None, job__isnull=False).update(
        subject=Subquery(jobs.values("name")[:1]), subject_id=Subquery(jobs.values("pk")[:1])
    )
    events.filter(actor_name="", actor__isnull=False).update(actor_name=Subquery(users.values("username")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("tuning", "0003_events_outlive_jobs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(name_them, migrations.RunPython.noop)]
