"""Exports of runs over HTTP: requested, followed, and in the audit trail."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tunix.access.models import Act, AuditEntry, AuditKind
from tunix.runs.export_requests import TASK
from tunix.runs.kept_exports import DONE, write_export
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_run

pytestmark = pytest.mark.django_db


def url(run: TunixRun) -> str:
    return f"/api/runs/{run.pk}/export"


def test_request_is_accepted_and_sent_to_a_worker(
    api: APIClient, sent_tasks: Any, django_capture_on_commit_callbacks: Any
) -> None:
    run = make_run()
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(url(run))

    assert (answer.status_code, answer.data["state"]) == (202, "waiting")
    assert sent_tasks == [(TASK, [run.run_id])]


def test_state_and_folders_can_be_read(api: APIClient) -> None:
    run = make_run()
    write_export(run, DONE, adapter="artifacts/exports/x/adapter", commands=["vllm serve x"])

    answer = api.get(url(run))
    assert (answer.data["state"], answer.data["error"]) == ("done", "")
    assert (answer.data["adapter"], answer.data["commands"]) == ("artifacts/exports/x/adapter", ["vllm serve x"])


def test_run_that_was_never_exported_has_no_export(api: APIClient) -> None:
    assert api.get(url(make_run())).status_code == 404


def test_run_that_has_not_completed_is_refused(api: APIClient) -> None:
    assert api.post(url(make_run(status="failed"))).status_code == 409


def test_options_are_refused(api: APIClient) -> None:
    answer = api.post(url(make_run()), {"float32": True}, format="json")
    assert (answer.status_code, list(answer.data["errors"])) == (400, ["float32"])


def test_export_is_in_the_audit_trail_once(api: APIClient, user: Any) -> None:
    run = make_run()
    api.post(url(run))
    assert api.post(url(run)).status_code == 409  # it is under way

    entry = AuditEntry.objects.get(subject_id=run.run_id)
    assert (entry.act, entry.subject_kind, entry.actor_name) == (Act.EXPORTED, AuditKind.RUN, user.get_username())
