"""Whoever may view evaluations may view the looks at test splits."""

from importlib import import_module

from django.db import migrations

earlier = import_module("tunix.access.migrations.0004_groups")


def grant(apps, schema_editor):
    groups = earlier.groups_of(apps)
    if not groups:
        return
    earlier.make_permissions(apps)
    permissions = apps.get_model("auth", "Permission").objects
    found = permissions.filter(content_type__app_label="evaluation", content_type__model="testlook")
    for name, group in groups.items():
        wanted = "" if name == "admin" else "view_"
        group.permissions.add(*(p for p in found if p.codename.startswith(wanted)))


class Migration(migrations.Migration):
    dependencies = [("access", "0004_groups"), ("evaluation", "0002_test_looks")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
