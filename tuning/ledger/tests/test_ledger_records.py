"""What the ledger records of an execution: one outcome, counted once, written only by the current epoch."""

from typing import Any

import pytest

from tuning.choices import AttemptOutcome, TrialStatus
from tuning.ledger.fence import LeaseLost
from tuning.models import TrialMetric, TuningAttempt, TuningJob
from tunix.evaluation.models import Evaluation
from tunix.pipeline.spec import FailureReason
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun

from ...tests.ledger_steps import complete, fail, result_of, running_job, take
from ..record import record_death, record_outcome

pytestmark = pytest.mark.django_db


def test_a_completed_execution_gives_its_trial_the_metric_and_the_run() -> None:
    job = running_job()
    assignment = take(job)

    trial = complete(job, assignment, 0.75)

    assert trial is not None
    assert (trial.status, trial.metric_value) == (TrialStatus.COMPLETED, 0.75)
    assert str(job.trials.get().run_id) == assignment.run_id


def test_a_completed_execution_leaves_a_completed_run_with_its_verdict() -> None:
    job = running_job()
    assignment = take(job)

    complete(job, assignment, 0.75)

    assert TunixRun.objects.get(pk=assignment.run_id).status == RunStatus.COMPLETED
    assert Evaluation.objects.get(run=assignment.run_id).score_mean == 0.75


def test_intermediate_metrics_are_kept_once_per_step() -> None:
    job = running_job()
    assignment = take(job)

    record_outcome(
        job.pk,
        1,
        assignment.attempt_id,
        result_of(assignment),
        "f" * 64,
        [(10, "eval_loss", 2.0), (10, "eval_loss", 2.0)],
    )

    assert TrialMetric.objects.get().value == 2.0


def test_a_result_that_is_delivered_twice_counts_once() -> None:
    job = running_job()
    assignment = take(job)
    complete(job, assignment, 0.75)

    assert complete(job, assignment, 0.1) is None

    assert job.trials.get().metric_value == 0.75


def test_a_late_result_of_an_older_epoch_changes_nothing() -> None:
    job = running_job()
    assignment = take(job)
    TuningJob.objects.filter(pk=job.pk).update(epoch=2)

    with pytest.raises(LeaseLost):
        complete(job, assignment)

    assert TuningAttempt.objects.get().outcome == AttemptOutcome.RUNNING


def test_a_failed_execution_marks_its_trial_with_the_reason() -> None:
    job = running_job()

    trial = fail(job, take(job))

    assert trial is not None
    assert (trial.status, trial.reason, trial.error) == ("failed", "diverged", "loss is NaN at step 3")


def test_a_run_without_the_metric_fails() -> None:
    job = running_job(metric_name="eval_loss", metric_mode="min")

    trial = complete(job, take(job))

    assert trial is not None
    assert (trial.status, trial.reason) == (TrialStatus.FAILED, "metric_missing")


def test_a_trial_whose_worker_died_is_assigned_again_with_its_parameters() -> None:
    job = running_job()
    first = take(job)

    record_death(job.pk, 1, first.attempt_id, "the worker is gone")
    second = take(job)

    assert (second.number, second.params, second.attempt_number) == (first.number, first.params, 2)
    assert TunixRun.objects.get(pk=first.run_id).status == RunStatus.LOST


def test_a_trial_whose_worker_dies_every_time_fails_as_lost(settings: Any) -> None:
    settings.MAX_ATTEMPTS = 2
    job = running_job()

    for _ in range(2):
        record_death(job.pk, 1, take(job).attempt_id, "the worker is gone")

    assert job.trials.get().reason == FailureReason.LOST
