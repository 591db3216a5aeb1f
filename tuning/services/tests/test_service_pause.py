"""pause_job and unpause_job: no new trial, and on again, without the pause counting as time of the job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tuning.choices import LIVE_JOB_STATUSES, JobStatus
from tuning.models import TuningJob
from tuning.services.pause import pause_job, unpause_job
from tuning.services.run import cancel_job, resume_job
from tunix.api.exceptions import Conflict
from tunix.work.lease import claim, take_back
from tunix.work.reconciler import Reconciler

from ...tests.factories import make_job

LIVE = sorted(LIVE_JOB_STATUSES)
OTHERS = sorted(set(JobStatus) - LIVE_JOB_STATUSES)

pytestmark = pytest.mark.django_db


def paused_job(**overrides: Any) -> TuningJob:
    return pause_job(job=make_job(**{"status": JobStatus.QUEUED} | overrides), actor=None)


def ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


@pytest.mark.parametrize("status", LIVE)
def test_a_live_job_is_paused_and_keeps_its_state(status: str) -> None:
    job = paused_job(status=status)

    assert (job.is_paused, job.status) == (True, status)


@pytest.mark.parametrize("verb", [pause_job, unpause_job])
@pytest.mark.parametrize("status", OTHERS)
def test_any_other_job_is_refused(status: str, verb: Any) -> None:
    job = make_job(status=status)

    with pytest.raises(Conflict, match=f"The job is {status}"):
        verb(job=job, actor=None)

    assert not job.events.exists()


def test_each_is_an_event_and_only_where_something_changes(user: Any) -> None:
    job = make_job(status="running")

    for verb in (unpause_job, pause_job, pause_job, unpause_job, unpause_job):
        verb(job=job, actor=user)

    assert [(event.kind, event.actor) for event in job.events.order_by("pk")] == [("paused", user), ("unpaused", user)]


def test_a_paused_job_is_not_claimed() -> None:
    job = paused_job()

    assert claim(TuningJob, job.pk) is None
    unpause_job(job=job, actor=None)
    assert claim(TuningJob, job.pk) == 1


def test_no_worker_is_woken_for_a_paused_job(sent_tasks: list[Any]) -> None:
    paused_job(queued_at=ago(3600))

    assert Reconciler().run_once()["dispatched"] == 0
    assert sent_tasks == []


def test_unpausing_a_waiting_job_wakes_a_worker(sent_tasks: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    job = paused_job()
    with django_capture_on_commit_callbacks(execute=True):
        unpause_job(job=job, actor=None)

    assert sent_tasks == [("tuning.run_tuning_job", [str(job.pk)])]


def test_unpausing_a_running_job_needs_no_worker(
    sent_tasks: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    job = paused_job(status="running")
    with django_capture_on_commit_callbacks(execute=True):
        unpause_job(job=job, actor=None)

    assert sent_tasks == []


def test_it_is_still_paused_when_its_runner_is_lost() -> None:
    job = paused_job(status="running")

    assert take_back(job, 1, "gone") == "queued"

    job.refresh_from_db()
    assert job.is_paused
    assert claim(TuningJob, job.pk) is None


def test_time_stands_still_during_a_pause() -> None:
    job = make_job(status="running", started_at=ago(100), paused_at=ago(60), paused_seconds=10.0)

    assert job.elapsed_seconds == pytest.approx(30, abs=2)


def test_a_pause_that_is_over_does_not_count_either() -> None:
    job = make_job(status="running", started_at=ago(100), paused_at=ago(60))

    job = unpause_job(job=job, actor=None)

    assert job.paused_seconds == pytest.approx(60, abs=2)
    assert job.elapsed_seconds == pytest.approx(40, abs=2)


def test_a_pause_before_the_start_is_no_time_of_the_job() -> None:
    job = unpause_job(job=make_job(status="queued", paused_at=ago(60)), actor=None)

    assert job.paused_seconds == 0


def test_a_paused_job_that_waits_is_canceled_at_once() -> None:
    job = cancel_job(job=paused_job(), actor=None)

    assert (job.status, job.is_paused) == ("canceled", False)


def test_a_job_that_is_resumed_is_not_paused_any_more() -> None:
    job = make_job(status="canceled", paused_at=ago(60), paused_seconds=10.0)

    job = resume_job(job=job, actor=None)

    assert (job.is_paused, job.paused_seconds) == (False, 0)
