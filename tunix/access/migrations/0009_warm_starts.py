"""Whoever may view jobs may view what they were told of others."""

from importlib import import_module

from django.db import migrations

earlier = import_module("tunix.access.migrations.0004_groups")


def grant(apps, schema_editor):
    groups = earlier.groups_of(apps)
    if not groups:
        return
    earlier.make_permissions(apps)
    permissions = apps.get_model("auth", "Permission").objects
    found = permissions.filter(content_type__app_label="tuning", content_type__model="warmstart")
    for name, group in groups.items():
        wanted = "" if name == "admin" else "view_"
        group.permissions.add(*(p for p in found if p.codename.startswith(wanted)))


class Migration(migrations.Migration):
    dependencies = [("access", "0008_operators_delete_models"), ("tuning", "0015_warm_start")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
