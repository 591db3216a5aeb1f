"""What the migrations find in databases that are in use."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tunix.access.models import GroupGrant

pytestmark = pytest.mark.django_db


def run(name: str, function: str) -> None:
    apps = MigrationLoader(connection).project_state().apps
    getattr(import_module(f"tunix.access.migrations.{name}"), function)(apps, None)


@pytest.fixture
def old_groups(db: None) -> None:
    """As a database is where migrations filled the groups: there are groups, and nothing says what they were given."""
    GroupGrant.objects.all().delete()


def has(group: str, codename: str) -> bool:
    return Permission.objects.filter(group__name=group, codename=codename).exists()


def take_from(group: str, codename: str) -> None:
    Group.objects.get(name=group).permissions.remove(Permission.objects.get(codename=codename))


@pytest.mark.parametrize("group", ["viewer", "operator", "admin"])
def test_what_was_taken_from_a_group_of_an_old_database_stays_away(old_groups: None, group: str) -> None:
    take_from(group, "view_dataset")

    run("0003_group_grants", "remember")
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert not has(group, "view_dataset")
    assert has(group, "view_tuningjob")


def test_a_group_that_was_deleted_from_an_old_database_stays_deleted(old_groups: None) -> None:
    Group.objects.get(name="viewer").delete()

    run("0003_group_grants", "remember")
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert not Group.objects.filter(name="viewer").exists()


def test_everything_that_an_old_database_was_given_is_remembered() -> None:
    # Databases that old know no generations, so nothing was given for them.
    grants = GroupGrant.objects.exclude(permission__endswith="_generation")
    given = set(grants.values_list("group", "permission"))
    GroupGrant.objects.all().delete()

    run("0003_group_grants", "remember")

    assert set(grants.values_list("group", "permission")) == given


def test_a_new_database_has_nothing_to_remember(old_groups: None) -> None:
    Group.objects.all().delete()

    run("0003_group_grants", "remember")

    assert not GroupGrant.objects.exists()
