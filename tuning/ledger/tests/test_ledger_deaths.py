"""How an execution ends without a result, and whether its trial gets another one."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import AttemptOutcome, EventKind, JobStatus, TrialStatus
from tuning.ledger.assignment import Finished
from tuning.models import TuningAttempt, TuningJob
from tuning.services.run import resume_job
from tunix.pipeline.spec import FailureReason
from tunix.work.lease import claim, take_back

from ...tests.ledger_steps import complete, fail, result_of, running_job, take
from ..finish import finish_job
from ..record import record_death, record_outcome

pytestmark = pytest.mark.django_db


def die(job: TuningJob, reason: FailureReason = FailureReason.LOST, epoch: int = 1) -> str:
    """Take a trial and record the death of its worker; returns the status of the trial."""
    assignment = take(job, epoch)
    record_death(job.pk, epoch, assignment.attempt_id, "signal SIGKILL", reason, "node/7")
    return str(job.trials.get(number=assignment.number).status)


@pytest.mark.parametrize("reason", [FailureReason.LOST, FailureReason.QUARANTINED])
def test_a_trial_whose_worker_is_gone_waits_for_another_execution(reason: FailureReason) -> None:
    assert die(running_job(), reason) == TrialStatus.PENDING


@pytest.mark.parametrize("reason", [FailureReason.OUT_OF_MEMORY, FailureReason.ERROR, FailureReason.NO_SPACE])
def test_other_deaths_fail_the_trial(reason: FailureReason) -> None:
    assert die(running_job(), reason) == TrialStatus.FAILED


def test_a_trial_may_lose_its_worker_max_attempts_times(settings: Any) -> None:
    settings.MAX_ATTEMPTS = 2
    job = running_job()
    assert [die(job), die(job)] == [TrialStatus.PENDING, TrialStatus.FAILED]


def test_a_refusal_by_a_quarantined_worker_is_not_counted(settings: Any) -> None:
    settings.MAX_ATTEMPTS = 1
    job = running_job()
    assert [die(job, FailureReason.QUARANTINED) for _ in range(3)] == [TrialStatus.PENDING] * 3


def test_the_loss_of_the_runner_is_not_counted(settings: Any) -> None:
    settings.MAX_ATTEMPTS = 1
    job = running_job()
    take(job)
    take_back(job, 1, "signal SIGKILL")
    epoch = claim(TuningJob, job.pk) or 0
    complete(job, take(job, epoch), epoch=epoch)

    reasons = TuningAttempt.objects.order_by("number").values_list("outcome", "reason")
    assert list(reasons) == [(AttemptOutcome.LOST, FailureReason.RUNNER_LOST), (AttemptOutcome.COMPLETED, "")]


def test_an_attempt_keeps_its_failure_reason_and_its_worker() -> None:
    die(running_job())
    attempt = TuningAttempt.objects.get()
    assert (attempt.reason, attempt.error, attempt.worker) == ("lost", "signal SIGKILL", "node/7")


def test_the_attempts_of_a_lost_runner_keep_the_cause() -> None:
    job = running_job()
    take(job)
    take_back(job, 1, "A required process is gone: raylet")
    assert TuningAttempt.objects.get().error == "A required process is gone: raylet"


def test_a_full_disk_ends_the_job_with_that_reason() -> None:
    job = running_job()
    fail(job, take(job), FailureReason.NO_SPACE, "OSError: [Errno 28] No space left on device")

    end = take(job)

    assert isinstance(end, Finished)
    assert end.reason == FailureReason.NO_SPACE
    assert "trial 0" in end.failure


def test_too_little_space_ends_the_job_before_the_next_trial(settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6
    end = take(running_job())
    assert end.reason == FailureReason.NO_SPACE
    assert "MIN_FREE_BYTES" in end.failure


def test_trials_that_failed_for_lack_of_space_run_again_after_a_resume() -> None:
    job = running_job()
    fail(job, take(job), FailureReason.NO_SPACE)
    finish_job(job.pk, 1, JobStatus.FAILED, error="full", reason=FailureReason.NO_SPACE)
    job.refresh_from_db()
    assert job.reason == FailureReason.NO_SPACE

    resume_job(job=job, actor=None)

    assert job.trials.get().status == TrialStatus.PENDING


def test_a_worker_that_keeps_failing_is_quarantined_with_one_event() -> None:
    job = running_job(max_concurrent_trials=2, num_samples=20, budget_json={"max_failed_trials": 20})
    for worker, reason in [("a/1", "error"), ("a/2", None)] * 3:
        assignment = take(job)
        if reason:
            record_death(job.pk, 1, assignment.attempt_id, f"odd {assignment.number}", FailureReason.ERROR, worker)
        else:
            record_outcome(job.pk, 1, assignment.attempt_id, result_of(assignment), "f" * 64, worker=worker)

    assert [take(job).quarantined, take(job).quarantined] == [("a/1",), ("a/1",)]
    assert job.events.filter(kind=EventKind.WORKER_QUARANTINED).count() == 1
