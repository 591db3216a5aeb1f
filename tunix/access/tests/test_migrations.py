"""What the migrations find in databases that are in use."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.loader import MigrationLoader

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


def test_groups_that_are_there_get_what_they_lack() -> None:
    viewer = Group.objects.get(name="viewer")
    before = set(viewer.permissions.all())
    viewer.permissions.set(Permission.objects.filter(codename="add_dataset"))

    run("0004_groups", "make_groups")
    run("0005_test_looks", "grant")
    run("0009_warm_starts", "grant")

    assert set(viewer.permissions.all()) > before
