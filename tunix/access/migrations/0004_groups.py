"""The groups viewer, operator and admin with their permissions. Who changed a group keeps what was changed."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

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


def make_groups(apps, schema_editor):
    make_permissions(apps)
    Permission = apps.get_model("auth", "Permission")
    every = Permission.objects.select_related("content_type")
    viewer = {p for p in every if p.codename in {f"view_{m}" for m in VIEWED.get(p.content_type.app_label, ())}}
    operator = viewer | {
        p
        for p in every
        for model in OPERATED.get(p.content_type.app_label, ())
        if p.codename in {f"add_{model}", f"change_{model}", f"delete_{model}"}
    }
    logs = [p for p in every if p.content_type.app_label in LOGS]
    admin = {p for p in every if p.content_type.app_label in ADMINISTERED}
    admin |= {p for p in logs if p.codename.startswith("view_") or p.codename == UNLOCK}
    for name, permissions in {"viewer": viewer, "operator": operator, "admin": admin}.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*permissions)


def make_permissions(apps):
    """What post_migrate does later on a fresh database: the groups need the rows now."""
    for app_config in apps.get_app_configs():
        app_config.models_module = True
        create_permissions(app_config, apps=apps, verbosity=0)
        app_config.models_module = None


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=["viewer", "operator", "admin"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_drop_old_tokens"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("axes", "0010_accessattemptexpiration"),
        ("datasets", "0001_initial"),
        ("runs", "0001_initial"),
        ("evaluation", "0001_initial"),
        ("tuning", "0001_initial"),
        ("work", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
