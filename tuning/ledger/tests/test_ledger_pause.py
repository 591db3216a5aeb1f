"""Assignments of a paused job, when its runner releases it, and requests at the end of a job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tuning.choices import JobStatus
from tuning.ledger.assignment import Assignment, Finished, Wait
from tuning.models import TuningJob
from tuning.services.jobs import update_job
from tuning.services.pause import pause_job, unpause_job
from tuning.services.retry import retry_trial
from tuning.services.run import cancel_job

from ...tests.factories import imported_dataset
from ...tests.ledger_steps import complete, fail, running_job, take
from ..assign import begin_epoch
from ..finish import finish_job, release_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def release_seconds(settings: Any) -> None:
    settings.PAUSE_RELEASE_SECONDS = 60


def paused_for(job: TuningJob, seconds: float) -> None:
    since = timezone.now() - timedelta(seconds=seconds)
    TuningJob.objects.filter(pk=job.pk).update(paused_at=since, progress_at=since)


def ended(job: TuningJob) -> Finished:
    """The decision to end, after the job's only trial."""
    complete(job, take(job))
    end = take(job)
    assert isinstance(end, Finished)
    return end


def closed(job: TuningJob, end: Finished) -> TuningJob:
    """Carry the decision out, as the runner does."""
    status = JobStatus.FAILED if end.failure else JobStatus.COMPLETED
    return finish_job(job.pk, 1, status, error=end.failure, last_request=end.last_request)


def one_trial(**overrides: Any) -> TuningJob:
    return running_job(**{"num_samples": 1, "dataset": imported_dataset()} | overrides)


def test_no_trial_starts_while_paused() -> None:
    job = running_job(max_concurrent_trials=2)
    assignment = take(job)
    pause_job(job=job, actor=None)

    assert isinstance(take(job), Wait)
    assert complete(job, assignment) is not None
    assert isinstance(take(job), Wait)


def test_the_search_continues_afterwards() -> None:
    job = running_job()
    pause_job(job=job, actor=None)
    unpause_job(job=job, actor=None)

    assert isinstance(take(job), Assignment)


def test_a_pause_keeps_a_job_from_ending() -> None:
    job = running_job(num_samples=1)
    complete(job, take(job))
    pause_job(job=job, actor=None)

    assert isinstance(take(job), Wait)


def test_a_cancel_ends_a_paused_job() -> None:
    job = running_job()
    pause_job(job=job, actor=None)
    cancel_job(job=job, actor=None)

    assert take(job).detail == "canceled"


def test_used_up_time_does_not_end_a_paused_job() -> None:
    job = running_job(budget_json={"max_seconds": 10, "max_failed_trials": 3})
    pause_job(job=job, actor=None)

    assert isinstance(take(job), Wait)


def test_an_idle_runner_releases_the_job_after_a_while() -> None:
    job = running_job()
    paused_for(job, 61)

    end = take(job)

    assert (end.requeues, end.failure) == (True, "")


def test_a_runner_with_a_running_trial_does_not_release_the_job() -> None:
    job = running_job()
    take(job)
    paused_for(job, 61)

    assert isinstance(take(job), Wait)


def test_idle_time_begins_with_the_end_of_the_last_trial() -> None:
    job = running_job()
    assignment = take(job)
    paused_for(job, 61)
    complete(job, assignment)

    assert isinstance(take(job), Wait)


def test_a_released_job_waits_and_is_still_paused() -> None:
    job = pause_job(job=running_job(restarts=1), actor=None)

    job = release_job(job.pk, 1, "paused, and no trial runs")

    assert (job.status, job.is_paused, job.lease_owner, job.restarts) == ("queued", True, "", 1)
    assert job.events.filter(kind="handed_back", detail="paused, and no trial runs").count() == 1


def test_a_cancel_during_the_release_is_carried_out() -> None:
    job = pause_job(job=running_job(), actor=None)
    cancel_job(job=job, actor=None)

    assert release_job(job.pk, 1, "paused").status == "canceled"


def test_waiting_for_the_next_runner_does_not_count_as_elapsed() -> None:
    now = timezone.now()
    job = running_job(epoch=2, started_at=now - timedelta(seconds=100), queued_at=now - timedelta(seconds=30))

    begin_epoch(job.pk, 2)

    job.refresh_from_db()
    assert job.elapsed_seconds == pytest.approx(70, abs=2)


def test_the_first_wait_came_before_the_start() -> None:
    job = running_job()

    begin_epoch(job.pk, 1)

    assert TuningJob.objects.get(pk=job.pk).paused_seconds == 0


def test_a_paused_job_with_nothing_running_is_not_stalled() -> None:
    job = pause_job(job=running_job(), actor=None)

    assert job.progress_mark() != job.progress_mark()


def test_a_job_without_new_requests_ends() -> None:
    job = one_trial()

    assert closed(job, ended(job)).status == "completed"


def test_trials_added_at_the_very_end_are_not_forgotten() -> None:
    job = one_trial()
    end = ended(job)
    update_job(job=job, data={"num_samples": 2}, actor=None)

    job = closed(job, end)

    assert (job.status, job.num_samples, job.finished_at) == ("queued", 2, None)


def test_a_pause_at_the_very_end_holds() -> None:
    job = one_trial()
    end = ended(job)
    pause_job(job=job, actor=None)

    job = closed(job, end)

    assert (job.status, job.is_paused) == ("queued", True)


def test_a_retry_at_the_very_end_is_not_forgotten() -> None:
    job = one_trial(budget_json={"max_seconds": None, "max_failed_trials": 0})
    fail(job, take(job))
    end = take(job)
    retry_trial(trial=job.trials.get(number=0), actor=None)

    job = closed(job, end)

    assert (job.status, job.trials.get().status) == ("queued", "pending")


def test_a_cancel_at_the_very_end_takes_precedence() -> None:
    job = one_trial()
    end = ended(job)
    update_job(job=job, data={"num_samples": 2}, actor=None)
    cancel_job(job=job, actor=None)

    assert finish_job(job.pk, 1, JobStatus.CANCELED, last_request=end.last_request).status == "canceled"
