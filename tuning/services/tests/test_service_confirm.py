"""Confirming the winner: a completed job goes on, and what cannot be confirmed is refused with its reason."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import EventKind, JobStatus
from tuning.models import TuningJob
from tuning.services.jobs import create_job
from tuning.services.run import confirm_job, start_job
from tunix.api.exceptions import Conflict, InvalidInput

from ...tests.factories import job_request, make_job, make_trial

pytestmark = pytest.mark.django_db


def completed_job(**overrides: Any) -> TuningJob:
    job = make_job(status=JobStatus.COMPLETED, num_samples=1, **overrides)
    trial = make_trial(job)
    TuningJob.objects.filter(pk=job.pk).update(best_trial=trial, best_run=trial.run, best_value=0.5)
    job.refresh_from_db()
    return job


def test_a_completed_job_waits_to_be_confirmed(user: Any) -> None:
    job = confirm_job(job=completed_job(), actor=user)

    assert (job.status, job.confirmation_round) == (JobStatus.QUEUED, 1)
    assert job.events.filter(kind=EventKind.CONFIRMATION_REQUESTED, actor=user).exists()


@pytest.mark.parametrize("status", ["created", "queued", "running", "failed", "canceled"])
def test_a_job_in_another_state_is_refused(status: str) -> None:
    with pytest.raises(Conflict, match=f"The job is {status}"):
        confirm_job(job=make_job(status=status), actor=None)


def test_a_job_without_a_winner_is_refused() -> None:
    with pytest.raises(Conflict, match="No trial completed"):
        confirm_job(job=make_job(status=JobStatus.COMPLETED), actor=None)


def test_a_job_that_was_chosen_by_the_test_rows_is_refused() -> None:
    job = completed_job()
    job.evaluation_json["split"] = "test"
    job.save()

    with pytest.raises(Conflict, match="chosen by the test rows"):
        confirm_job(job=job, actor=None)


def test_an_automatic_confirmation_is_asked_for_at_the_start() -> None:
    job = create_job(data=job_request(confirmation_json={"automatic": True}), owner=None)

    assert start_job(job=job, actor=None).confirmation_round == 1


def test_an_automatic_confirmation_needs_test_rows_that_chose_nothing() -> None:
    request = job_request(confirmation_json={"automatic": True}, evaluation_json={"split": "test"})

    with pytest.raises(InvalidInput) as refused:
        create_job(data=request, owner=None)

    assert list(refused.value.errors) == ["confirmation_json.automatic"]


def test_the_verb_over_http(api: APIClient) -> None:
    answer = api.post(f"/api/tuning/jobs/{completed_job().pk}/confirm")

    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


def test_the_button_on_the_page(web: Client) -> None:
    job = completed_job()
    page = web.get(job.get_absolute_url()).content.decode()
    assert "Confirm winner" in page and f'action="{job.get_absolute_url()}confirm/"' in page

    web.post(f"{job.get_absolute_url()}confirm/")

    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED
    assert b"before its winner was confirmed" not in web.get(job.get_absolute_url()).content
