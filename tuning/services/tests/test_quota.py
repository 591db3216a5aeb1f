"""How many jobs a user may have queued or running."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.services.run import resume_job, start_job
from tunix.api.exceptions import OverQuota
from tunix.evaluation.services import evaluate_run
from tunix.runs.services import create_run
from tunix.runs.tests.factories import make_run

from ...tests.factories import imported_dataset, job_request, make_base_model, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def low_limits(settings: Any) -> None:
    settings.MAX_ACTIVE_JOBS = settings.MAX_ACTIVE_RUNS = 1


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING])
def test_a_job_too_many_is_not_started(user: Any, status: str) -> None:
    make_job(owner=user, status=status)
    job = make_job(owner=user)

    with pytest.raises(OverQuota, match="running tuning jobs per user is reached: 1 of 1"):
        start_job(job=job, actor=user)

    assert TuningJob.objects.get(pk=job.pk).status == JobStatus.CREATED
    assert not job.events.exists()


def test_a_job_too_many_is_not_resumed(user: Any) -> None:
    make_job(owner=user, status=JobStatus.RUNNING)

    with pytest.raises(OverQuota):
        resume_job(job=make_job(owner=user, status=JobStatus.CANCELED), actor=user)


@pytest.mark.parametrize("status", [JobStatus.CREATED, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED])
def test_what_is_not_under_way_does_not_count(user: Any, status: str) -> None:
    make_job(owner=user, status=status)

    assert start_job(job=make_job(owner=user), actor=user).status == JobStatus.QUEUED


def test_jobs_of_others_do_not_count(user: Any, viewer: Any) -> None:
    make_job(owner=viewer, status=JobStatus.RUNNING)

    assert start_job(job=make_job(owner=user), actor=user).status == JobStatus.QUEUED


def test_zero_is_no_limit(user: Any, settings: Any) -> None:
    settings.MAX_ACTIVE_JOBS = 0
    make_job(owner=user, status=JobStatus.RUNNING)

    assert start_job(job=make_job(owner=user), actor=user).status == JobStatus.QUEUED


def test_the_api_says_429_and_takes_the_same_key_later(api: APIClient, user: Any) -> None:
    first = make_job(owner=user, status=JobStatus.RUNNING)
    url = f"/api/tuning/jobs/{make_job(owner=user).pk}/start"

    answer = api.post(url, headers={"Idempotency-Key": "once"})
    assert (answer.status_code, answer.data["code"]) == (429, "over_quota")
    assert answer["Content-Type"] == "application/problem+json"

    TuningJob.objects.filter(pk=first.pk).update(status=JobStatus.COMPLETED)
    assert api.post(url, headers={"Idempotency-Key": "once"}).status_code == 202


def test_the_command_counts_as_well(tmp_path: Path) -> None:
    make_job(owner=None, status=JobStatus.RUNNING)
    file = tmp_path / "job.json"
    file.write_text(str(job_request()).replace("'", '"'))

    with pytest.raises(CommandError, match="per user is reached"):
        call_command("tune", str(file), stderr=StringIO())


def test_single_runs_count(user: Any) -> None:
    data = {"dataset_key": imported_dataset().key, "base_model_id": make_base_model().base_model_id}
    create_run(data=data, owner=user)

    with pytest.raises(OverQuota, match="single runs"):
        create_run(data=data, owner=user)


def test_evaluations_count(user: Any) -> None:
    run = make_run(status="completed", dataset=imported_dataset())
    evaluate_run(run=run, data={}, actor=user)

    with pytest.raises(OverQuota, match="evaluations"):
        evaluate_run(run=run, data={}, actor=user)
