"""One list says what kinds of things the audit trail knows: whoever writes it and whoever filters it use that list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from tunix.access.models import Act, AuditEntry, AuditKind

EVERY_KIND = pytest.mark.parametrize("kind", AuditKind.values)


def calls_of(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """The calls in production code of what is called so."""
    for package in ("tunix", "tuning"):
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py"):
            if "tests" not in path.parts:
                calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
                yield from ((path, call) for call in calls if ast.unparse(call.func) in names)


def test_every_kind_that_is_written_is_in_the_list_and_every_kind_of_the_list_is_written() -> None:
    calls = calls_of("record_act", "cancel_work")
    passing_on = {"cancel.py"}  # takes the kind from its caller
    words = [word for path, call in calls if path.name not in passing_on for word in call.keywords]
    written = {ast.unparse(word.value) for word in words if word.arg == "kind"}

    assert written == {f"AuditKind.{kind.name}" for kind in AuditKind}


def test_the_audit_trail_is_written_in_one_place() -> None:
    writers = calls_of("AuditEntry", "AuditEntry.objects.create", "AuditEntry.objects.bulk_create")

    assert [path.name for path, _ in writers] == ["audit.py"]


@pytest.mark.django_db
@EVERY_KIND
def test_the_page_filters_by_every_kind(web: Client, kind: str) -> None:
    for each in AuditKind:
        AuditEntry.objects.create(act=Act.CREATED, subject_kind=each, subject_id="1", subject=f"the {each} of mine")

    page = web.get("/audit/others/", {"subject_kind": kind}).content.decode()

    assert f'<option value="{kind}" selected>{AuditKind(kind).label}</option>' in page
    assert [each for each in AuditKind if f"the {each} of mine" in page] == [kind]


@pytest.mark.django_db
@EVERY_KIND
def test_the_api_filters_by_every_kind(api: APIClient, kind: str) -> None:
    for each in AuditKind:
        AuditEntry.objects.create(act=Act.CREATED, subject_kind=each, subject_id="1", subject="mine")

    found = api.get("/api/audit", {"subject_kind": kind}).data["results"]

    assert [row["subject_kind"] for row in found] == [kind]
