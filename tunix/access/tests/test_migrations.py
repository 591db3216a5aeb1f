"""What the migrations find in databases that are in use."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tunix.access.models import GroupGrant

from .factories import client_with

KEY = "0123456789abcdef0123456789abcdef01234567"

pytestmark = pytest.mark.django_db


class Editor:
    """Stands for a schema editor, which SQLite does not have inside a test's transaction."""

    connection = connection

    def execute(self, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)


def run(name: str, function: str) -> None:
    apps = MigrationLoader(connection).project_state().apps
    getattr(import_module(f"tunix.access.migrations.{name}"), function)(apps, Editor())


@pytest.fixture
def old_table(db: None) -> Iterator[Any]:
    """The table of rest_framework.authtoken."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, user_id integer, created text)")
        yield cursor
        cursor.execute("DROP TABLE IF EXISTS authtoken_token")


def test_an_old_key_goes_on_working(old_table: Any, user: Any) -> None:
    old_table.execute("INSERT INTO authtoken_token VALUES (%s, %s, '')", [KEY, user.pk])

    run("0002_hash_old_tokens", "hash_old_tokens")
    run("0003_drop_old_tokens", "drop_old_table")

    assert client_with(KEY).get("/api/datasets").status_code == 200
    assert "authtoken_token" not in connection.introspection.table_names()


def test_without_an_old_table_nothing_happens() -> None:
    run("0002_hash_old_tokens", "hash_old_tokens")
    run("0003_drop_old_tokens", "drop_old_table")


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

    run("0011_group_grants", "remember")
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert not has(group, "view_dataset")
    assert has(group, "view_tuningjob")


def test_a_group_that_was_deleted_from_an_old_database_stays_deleted(old_groups: None) -> None:
    Group.objects.get(name="viewer").delete()

    run("0011_group_grants", "remember")
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert not Group.objects.filter(name="viewer").exists()


def test_everything_that_an_old_database_was_given_is_remembered() -> None:
    given = set(GroupGrant.objects.values_list("group", "permission"))
    GroupGrant.objects.all().delete()

    run("0011_group_grants", "remember")

    assert set(GroupGrant.objects.values_list("group", "permission")) == given


def test_a_new_database_has_nothing_to_remember(old_groups: None) -> None:
    Group.objects.all().delete()

    run("0011_group_grants", "remember")

    assert not GroupGrant.objects.exists()


@pytest.mark.parametrize(
    ("migration", "group", "codename"),
    [
        ("0005_test_looks", "viewer", "view_testlook"),
        ("0007_operators_promote", "operator", "add_basemodel"),
        ("0008_operators_delete_models", "operator", "delete_basemodel"),
        ("0009_warm_starts", "admin", "delete_warmstart"),
    ],
)
def test_groups_of_an_even_older_database_get_what_they_lack(migration: str, group: str, codename: str) -> None:
    take_from(group, codename)

    run(migration, "grant")

    assert has(group, codename)
