"""The groups that the table declares, and what happens to one that was changed by hand when migrate runs again."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tunix.access.audit import record_act
from tunix.access.groups import GROUPS, grant_declared
from tunix.access.models import Act, AuditKind

from .factories import make_member

OURS = ["datasets", "runs", "evaluation", "tuning"]

pytestmark = pytest.mark.django_db


def permissions_of(group: str) -> set[str]:
    found = Permission.objects.filter(group__name=group).select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}


def test_a_viewer_sees_every_model_of_ours() -> None:
    views = {f"{model._meta.app_label}.view_{model._meta.model_name}" for app in OURS for model in models_of(app)}

    assert permissions_of("viewer") == views | {"access.view_auditentry"}, "Give new models to the groups: groups.py."


def models_of(app: str) -> list[type]:
    return [model for model in apps.get_app_config(app).get_models() if "view" in model._meta.default_permissions]


def test_an_operator_works_and_administers_nothing() -> None:
    more = permissions_of("operator") - permissions_of("viewer")

    assert {
        "tuning.change_tuningjob",
        "runs.add_tunixrun",
        "runs.add_basemodel",
        "runs.delete_basemodel",
        "datasets.delete_dataset",
    } <= more
    assert not {name for name in more if name.split(".")[0] in {"auth", "access", "axes", "admin"}}


def test_an_admin_may_do_everything() -> None:
    every = Permission.objects.filter(content_type__app_label__in={*OURS, "access", "auth", "work"})

    assert permissions_of("admin") >= {f"{p.content_type.app_label}.{p.codename}" for p in every}


def test_an_admin_looks_at_logs_and_unlocks_names() -> None:
    logs = {name for name in permissions_of("admin") if name.split(".")[0] in {"axes", "admin"}}

    assert {"axes.view_accesslog", "admin.view_logentry", "axes.delete_accessattempt"} <= logs
    assert {name for name in logs if ".view_" not in name} == {"axes.delete_accessattempt"}


def test_a_member_has_what_the_group_has() -> None:
    assert make_member("operator").has_perms(["tuning.change_tuningjob", "runs.view_tunixrun"])
    assert not make_member("viewer").has_perm("tuning.change_tuningjob")


def migrate_again() -> None:
    """What ends each `manage.py migrate`."""
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")


@pytest.fixture
def declares(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put more permissions of a group into the table."""

    def declare(group: str, *names: str) -> None:
        monkeypatch.setitem(GROUPS, group, (*GROUPS.get(group, ()), *names))

    return declare


def test_every_line_of_the_table_stands_for_a_permission() -> None:
    every = [f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")]

    lines = {line for lines in GROUPS.values() for line in lines}
    assert {line for line in lines if not any(fnmatchcase(name, line) for name in every)} == set()


def test_migrating_again_changes_nothing() -> None:
    before = {group: permissions_of(group) for group in GROUPS}
    migrate_again()

    assert {group: permissions_of(group) for group in GROUPS} == before
    assert Group.objects.count() == len(GROUPS)


def test_a_permission_that_was_taken_away_by_hand_stays_away() -> None:
    Group.objects.get(name="operator").permissions.remove(Permission.objects.get(codename="delete_tuningjob"))
    migrate_again()

    assert "tuning.delete_tuningjob" not in permissions_of("operator")


def test_a_permission_that_was_given_by_hand_stays() -> None:
    Group.objects.get(name="viewer").permissions.add(Permission.objects.get(codename="add_dataset"))
    migrate_again()

    assert "datasets.add_dataset" in permissions_of("viewer")


def test_a_permission_that_is_new_in_the_table_is_given_once(declares: Callable[..., None]) -> None:
    declares("viewer", "datasets.add_dataset")
    migrate_again()
    assert "datasets.add_dataset" in permissions_of("viewer")

    Group.objects.get(name="viewer").permissions.remove(Permission.objects.get(codename="add_dataset"))
    migrate_again()
    assert "datasets.add_dataset" not in permissions_of("viewer")


def test_a_group_that_is_new_in_the_table_is_made(declares: Callable[..., None]) -> None:
    declares("auditor", "access.view_auditentry")
    migrate_again()

    assert permissions_of("auditor") == {"access.view_auditentry"}


def test_a_group_that_was_deleted_by_hand_stays_deleted() -> None:
    Group.objects.get(name="operator").delete()
    migrate_again()

    assert not Group.objects.filter(name="operator").exists()


def test_a_migration_to_an_earlier_state_leaves_the_groups_alone() -> None:
    earlier = MigrationLoader(connection).project_state(("access", "0002_audit_kinds")).apps

    grant_declared(apps.get_app_config("access"), apps=earlier)

    assert Group.objects.count() == len(GROUPS)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_emptied_has_the_groups() -> None:
    before = {group: permissions_of(group) for group in GROUPS}

    call_command("flush", interactive=False, verbosity=0)

    assert {group: permissions_of(group) for group in GROUPS} == before


def test_what_was_done_stays_when_who_did_it_goes() -> None:
    person = make_member("viewer")
    entry = record_act(Act.DELETED, Group.objects.create(name="gone"), kind=AuditKind.RUN, actor=person)
    person.delete()
    entry.refresh_from_db()

    assert (entry.actor, str(entry)) == (None, "viewer: deleted run gone")
