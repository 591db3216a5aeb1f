"""POST start, cancel, resume, pause, unpause, extend, retry; DELETE: every cell of the table in docs/api.md."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tuning.choices import JobStatus

from ...tests.factories import make_job, make_trial

ANSWERS = {
    "start": [202, 409, 409, 409, 409, 409],
    "cancel": [200, 200, 202, 409, 409, 200],
    "resume": [409, 409, 409, 409, 202, 202],
    "pause": [409, 202, 202, 409, 409, 409],
    "unpause": [409, 202, 202, 409, 409, 409],
    "extend": [409, 409, 409, 202, 202, 202],
}
BODIES = {"extend": {"num_samples": 2}}
CELLS = [
    (verb, status, code)
    for verb, codes in ANSWERS.items()
    for status, code in zip(JobStatus.values, codes, strict=True)
]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("verb", "status", "code"), CELLS)
def test_a_verb_answers_by_state(api: APIClient, verb: str, status: str, code: int) -> None:
    job = make_job(status=status)

    answer = api.post(f"/api/tuning/jobs/{job.pk}/{verb}", BODIES.get(verb, {}))

    assert answer.status_code == code
    job.refresh_from_db()
    assert answer.json().get("status") == (409 if code == 409 else job.status)


@pytest.mark.parametrize(("status", "code"), list(zip(JobStatus.values, [204, 409, 409, 204, 204, 204], strict=True)))
def test_delete_answers_by_state(api: APIClient, status: str, code: int) -> None:
    assert api.delete(f"/api/tuning/jobs/{make_job(status=status).pk}").status_code == code


def test_start_of_a_failed_job_says_resume(api: APIClient) -> None:
    body = api.post(f"/api/tuning/jobs/{make_job(status='failed').pk}/start").json()

    assert "Resume it instead" in body["detail"]


@pytest.mark.parametrize("verb", ANSWERS)
def test_a_verb_on_an_unknown_job_is_a_404(api: APIClient, verb: str) -> None:
    assert api.post(f"/api/tuning/jobs/7/{verb}").status_code == 404


@pytest.mark.parametrize(("body", "kind", "code"), [("x", "text/plain", 415), ("[]", "application/json", 400)])
def test_a_body_of_a_verb_must_be_understood(api: APIClient, body: str, kind: str, code: int) -> None:
    job = make_job()

    assert api.generic("POST", f"/api/tuning/jobs/{job.pk}/start", body, content_type=kind).status_code == code
    assert not job.events.exists()


def test_a_verb_needs_a_post(api: APIClient) -> None:
    answer = api.get(f"/api/tuning/jobs/{make_job().pk}/start")

    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Allow"] == "POST, OPTIONS"


@pytest.mark.django_db(transaction=True)
def test_start_hands_the_job_over(api: APIClient, sent_tasks: list[Any]) -> None:
    job = make_job()

    body = api.post(f"/api/tuning/jobs/{job.pk}/start").json()

    assert (body["status"], body["dispatch"]) == ("queued", "sent")
    assert sent_tasks == [("tuning.run_tuning_job", [str(job.pk)])]


@pytest.mark.django_db(transaction=True)
def test_start_succeeds_while_the_broker_is_down(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", refuse)

    answer = api.post(f"/api/tuning/jobs/{make_job().pk}/start")

    assert (answer.status_code, answer.json()["dispatch"]) == (202, "deferred")


@pytest.mark.parametrize("body", [{}, {"num_samples": 0}, {"num_samples": "2"}])
def test_trials_are_added_by_a_number(api: APIClient, body: dict[str, Any]) -> None:
    answer = api.post(f"/api/tuning/jobs/{make_job(status='completed').pk}/extend", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["num_samples"])


def test_an_unknown_field_of_a_verb_is_refused(api: APIClient) -> None:
    body = {"num_samples": 2, "trials": 2}
    answer = api.post(f"/api/tuning/jobs/{make_job(status='completed').pk}/extend", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["trials"])


def test_a_paused_job_says_so(api: APIClient) -> None:
    job = make_job(status="running")

    body = api.post(f"/api/tuning/jobs/{job.pk}/pause").json()

    assert (body["status"], body["paused"], body["paused_at"] is not None) == ("running", True, True)


@pytest.mark.parametrize(("paused", "found"), [("true", 1), ("false", 2)])
def test_jobs_are_listed_by_their_pause(api: APIClient, paused: str, found: int) -> None:
    now = timezone.now()
    for columns in ({"status": "queued", "paused_at": now}, {"status": "failed", "paused_at": now}, {}):
        make_job(**columns)

    assert api.get(f"/api/tuning/jobs?paused={paused}").json()["count"] == found


@pytest.mark.parametrize(
    ("status", "code"), [("failed", 202), ("canceled", 202), ("completed", 409), ("pruned", 409), ("running", 409)]
)
def test_a_trial_is_retried_by_its_state(api: APIClient, status: str, code: int) -> None:
    trial = make_trial(make_job(status="completed"), status=status, reason="diverged")

    answer = api.post(f"/api/tuning/jobs/{trial.job_id}/trials/{trial.number}/retry")

    assert answer.status_code == code
    trial.refresh_from_db()
    assert trial.status == ("pending" if code == 202 else status)


def test_an_unknown_trial_is_a_404(api: APIClient) -> None:
    assert api.post(f"/api/tuning/jobs/{make_job(status='completed').pk}/trials/3/retry").status_code == 404


@pytest.mark.parametrize(("status", "code"), [("failed", 202), ("completed", 409)])
def test_all_failed_trials_are_retried_where_there_are_some(api: APIClient, status: str, code: int) -> None:
    job = make_job(status="completed")
    make_trial(job, status=status, reason="diverged")

    assert api.post(f"/api/tuning/jobs/{job.pk}/retry").status_code == code
