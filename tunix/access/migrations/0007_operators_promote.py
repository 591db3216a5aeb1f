"""Operators may promote runs to base models."""

from importlib import import_module

from django.db import migrations

earlier = import_module("tunix.access.migrations.0004_groups")


def grant(apps, schema_editor):
    group = earlier.groups_of(apps).get("operator")
    if group is not None:
        earlier.make_permissions(apps)
        permissions = apps.get_model("auth", "Permission").objects
        group.permissions.add(*permissions.filter(content_type__app_label="runs", codename="add_basemodel"))


def take_back(apps, schema_editor):
    group = earlier.groups_of(apps).get("operator")
    if group is not None:
        group.permissions.remove(*group.permissions.filter(content_type__app_label="runs", codename="add_basemodel"))


class Migration(migrations.Migration):
    dependencies = [("access", "0006_changed_act"), ("runs", "0001_initial")]

    operations = [migrations.RunPython(grant, take_back)]
