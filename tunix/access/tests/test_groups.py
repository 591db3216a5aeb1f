"""The groups that a migration makes."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind

from .factories import make_member

OURS = ["datasets", "runs", "evaluation", "tuning"]

pytestmark = pytest.mark.django_db


def permissions_of(group: str) -> set[str]:
    found = Permission.objects.filter(group__name=group).select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}


def test_a_viewer_sees_every_model_of_ours() -> None:
    views = {f"{model._meta.app_label}.view_{model._meta.model_name}" for app in OURS for model in models_of(app)}

    assert permissions_of("viewer") == views | {"access.view_auditentry"}, "Give new models to the groups: a migration."


def models_of(app: str) -> list[type]:
    return list(apps.get_app_config(app).get_models())


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


def test_what_was_done_stays_when_who_did_it_goes() -> None:
    person = make_member("viewer")
    entry = record_act(Act.DELETED, Group.objects.create(name="gone"), kind=AuditKind.RUN, actor=person)
    person.delete()
    entry.refresh_from_db()

    assert (entry.actor, str(entry)) == (None, "viewer: deleted run gone")
