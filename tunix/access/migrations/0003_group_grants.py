"""Records what each group was granted, so that a permission removed by hand does not come back.

A database that has the groups already got them from the migrations that 0001 replaces: that counts as given.
"""

from django.db import migrations, models

VIEWED = {
    "datasets": ["dataset"],
    "runs": ["basemodel", "tunixrun"],
    "evaluation": ["evaluation", "baseline"],
    "tuning": ["tuningjob", "tuningtrial", "tuningattempt", "trialmetric", "tuningevent"],
    "access": ["auditentry"],
}
OPERATED = {
    "datasets": ["dataset"],
    "runs": ["tunixrun"],
    "evaluation": ["evaluation", "baseline"],
    "tuning": ["tuningjob"],
}
ADMINISTERED = ["auth", "access", "datasets", "runs", "evaluation", "tuning", "work"]
LOGS = ["axes", "admin"]
UNLOCK = "delete_accessattempt"
NAMES = ["viewer", "operator", "admin"]
VIEWED_LATER = ["evaluation.view_testlook", "tuning.view_warmstart"]
OPERATED_LATER = ["runs.add_basemodel", "runs.delete_basemodel"]


def remember(apps, schema_editor):
    if not apps.get_model("auth", "Group").objects.filter(name__in=NAMES).exists():
        return
    GroupGrant = apps.get_model("access", "GroupGrant")
    every = apps.get_model("auth", "Permission").objects.select_related("content_type")
    names = [f"{one.content_type.app_label}.{one.codename}" for one in every]
    was_given = {"viewer": to_viewers, "operator": to_operators, "admin": to_admins}
    GroupGrant.objects.bulk_create(
        GroupGrant(group=group, permission=name) for group in NAMES for name in names if was_given[group](name)
    )


def to_viewers(name):
    viewed = [f"{app}.view_{model}" for app, models_ in VIEWED.items() for model in models_]
    return name in [*viewed, *VIEWED_LATER]


def to_operators(name):
    operated = [
        f"{app}.{act}_{model}"
        for app, models_ in OPERATED.items()
        for model in models_
        for act in ("add", "change", "delete")
    ]
    return to_viewers(name) or name in [*operated, *OPERATED_LATER]


def to_admins(name):
    app, codename = name.split(".", 1)
    is_log = app in LOGS and (codename.startswith("view_") or codename == UNLOCK)
    return app in ADMINISTERED or is_log


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0002_audit_kinds"),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=150)),
                ('permission', models.CharField(max_length=200)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('group', 'permission'), name='one_grant_a_permission')],
            },
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
