"""A runner that is gone, and a job that is canceled: nothing stays open, no parameter changes."""

from typing import Any

import pytest
from django.utils import timezone

from tuning.choices import AttemptOutcome, JobStatus, TrialStatus
from tuning.models import TuningAttempt, TuningJob
from tunix.runs.choices import RunStatus
from tunix.work.lease import claim, take_back

from ...tests.ledger_steps import complete, running_job, take
from ..finish import finish_job
from ..record import record_death

pytestmark = pytest.mark.django_db


def test_a_lost_epoch_leaves_its_trial_waiting_and_its_attempt_lost() -> None:
    job = running_job()
    assignment = take(job)

    assert take_back(job, 1, "its heartbeat stopped") == JobStatus.QUEUED

    assert job.trials.get().status == TrialStatus.PENDING
    assert TuningAttempt.objects.get(pk=assignment.attempt_id).outcome == AttemptOutcome.LOST


def test_the_next_epoch_assigns_the_pending_trial_first_with_its_parameters() -> None:
    job = running_job()
    first = take(job)
    take_back(job, 1, "its heartbeat stopped")

    epoch = claim(TuningJob, job.pk)
    again = take(job, epoch or 0)

    assert (again.number, again.params) == (first.number, first.params)
    assert again.run_id != first.run_id


def test_completed_trials_survive_the_loss_of_the_runner() -> None:
    job = running_job()
    complete(job, take(job), 0.8)
    take(job)

    take_back(job, 1, "its heartbeat stopped")

    assert list(job.trials.values_list("status", flat=True)) == [TrialStatus.COMPLETED, TrialStatus.PENDING]


def test_a_lost_job_that_was_to_be_canceled_is_canceled() -> None:
    job = running_job(cancel_requested_at=timezone.now())
    take(running_job())

    assert take_back(job, 1, "killed") == JobStatus.CANCELED


def test_canceling_leaves_nothing_open() -> None:
    job = running_job()
    complete(job, take(job), 0.8)
    assignment = take(job)

    finished = finish_job(job.pk, 1, JobStatus.CANCELED)

    attempt = TuningAttempt.objects.get(pk=assignment.attempt_id)
    assert (finished.status, finished.best_value) == (JobStatus.CANCELED, 0.8)
    assert (attempt.outcome, attempt.run.status) == (AttemptOutcome.CANCELED, RunStatus.CANCELED)


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED])
def test_no_trial_waits_under_a_job_that_has_ended(status: JobStatus) -> None:
    job = running_job()
    complete(job, take(job), 0.8)
    record_death(job.pk, 1, take(job).attempt_id, "its worker is gone")

    finish_job(job.pk, 1, status, detail="the budget of 60 seconds is used up")

    assert list(job.trials.values_list("status", flat=True)) == [TrialStatus.COMPLETED, TrialStatus.CANCELED]


def test_a_job_whose_runner_is_lost_again_and_again_fails(settings: Any) -> None:
    settings.MAX_RESTARTS = 1
    job = running_job()
    take_back(job, 1, "signal SIGKILL")
    epoch = claim(TuningJob, job.pk) or 0
    job.refresh_from_db()

    assert take_back(job, epoch, "signal SIGKILL") == JobStatus.FAILED

    job.refresh_from_db()
    assert "started 2 times" in job.error


def test_a_job_that_fails_by_losses_leaves_nothing_open_and_says_so(settings: Any) -> None:
    settings.MAX_RESTARTS = 0
    job = running_job()
    take(job)

    take_back(job, 1, "signal SIGKILL")

    assert job.trials.get().status == TrialStatus.CANCELED
    assert "SIGKILL" in job.events.get(kind="failed").detail


@pytest.mark.parametrize(("asked_at", "status"), [(timezone.now(), "canceled"), (None, "failed")])
def test_a_full_disk_does_not_prevent_the_end_of_a_job(
    settings: Any, monkeypatch: pytest.MonkeyPatch, asked_at: Any, status: str
) -> None:
    def stage(*args: object) -> None:
        raise OSError(28, "No space left on device")

    settings.MAX_RESTARTS = 0
    monkeypatch.setattr("tuning.ledger.best.stage_best", stage)

    assert take_back(running_job(cancel_requested_at=asked_at), 1, "signal SIGKILL") == status


def test_a_trial_that_ends_resets_the_count_of_restarts() -> None:
    job = running_job(restarts=2)

    complete(job, take(job))

    job.refresh_from_db()
    assert job.restarts == 0
