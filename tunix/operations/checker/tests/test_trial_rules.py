"""Each rule about trials and attempts finds what it is about, in rows that were changed by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tuning.choices import AttemptOutcome, JobStatus, TrialStatus
from tuning.tests.ledger_steps import result_of, take
from tunix.runs.choices import RunStatus

from .worlds import (
    broken_rules,
    change,
    completed_job,
    ended,
    failed_job,
    findings_of,
    first_trial,
    last_attempt,
    record,
    running_job,
)

pytestmark = pytest.mark.django_db


def test_a_missing_slot() -> None:
    change(first_trial(completed_job()), number=2)

    assert findings_of("trials_are_numbered")[0].detail == "numbers are not contiguous: [0] are missing"


def test_changed_parameters() -> None:
    change(first_trial(completed_job()), params_json={"learning_rate": 1, "batch_size": 16})

    assert findings_of("parameters_are_as_they_were")[0].trial == 0


def test_a_run_that_was_given_other_parameters() -> None:
    run = last_attempt(completed_job()).run
    run.config_json["hyperparameters"]["batch_size"] = 64
    change(run, config_json=run.config_json)

    assert findings_of("runs_have_their_trials_parameters")[0].detail == f"run {run.pk} has a different batch_size"


def test_a_run_with_the_config_of_another_one() -> None:
    run = last_attempt(completed_job()).run
    change(run, config_json=run.config_json | {"run_id": "0"})

    assert len(findings_of("runs_have_their_trials_parameters")) == 1


def test_a_trial_that_counts_twice() -> None:
    trial = first_trial(completed_job())
    change(trial.attempts.get(number=1), outcome=AttemptOutcome.COMPLETED)

    assert findings_of("trials_are_counted_once")[0].detail == "the trial is completed, but has 2 completed attempts"


def test_a_completed_attempt_that_does_not_count() -> None:
    change(first_trial(completed_job()), status=TrialStatus.FAILED)

    assert len(findings_of("trials_are_counted_once")) == 1


def test_a_trial_that_names_an_execution_that_was_lost() -> None:
    trial = first_trial(completed_job())
    change(trial, run=trial.attempts.get(number=1).run)

    assert findings_of("trials_name_the_run_that_counts")[0].guarantee == "G3"


def test_a_running_trial_that_nobody_executes() -> None:
    job = running_job()
    take(job)
    change(last_attempt(job), outcome=AttemptOutcome.LOST)

    assert len(findings_of("running_trials_are_being_executed")) == 1


@pytest.mark.parametrize("columns", [{"finished_at": None}, {"reason": ""}])
def test_an_ended_trial_that_is_not_closed(columns: dict[str, Any]) -> None:
    change(first_trial(failed_job()), **columns)

    assert len(findings_of("ended_trials_are_closed")) == 1


@pytest.mark.parametrize("value", [None, 0.7])
def test_a_value_that_the_run_did_not_report(value: float | None) -> None:
    change(first_trial(completed_job()), metric_value=value)

    assert findings_of("values_are_those_of_the_runs")[0].trial == 0


def test_a_further_value_that_the_run_did_not_report() -> None:
    change(first_trial(completed_job()), values_json={"eval_loss": 0.1})

    assert "eval_loss" in findings_of("values_are_those_of_the_runs")[0].detail


def test_a_missing_attempt() -> None:
    first_trial(completed_job()).attempts.get(number=1).delete()

    assert findings_of("attempts_are_numbered")[0].detail == "the numbers of its attempts are [2]"


def test_an_epoch_that_the_job_has_not_reached() -> None:
    change(last_attempt(completed_job()), epoch=2)

    assert findings_of("epochs_rise")[0].guarantee == "G4"


def test_an_epoch_that_falls() -> None:
    job = completed_job()
    change(job, epoch=3)
    change(first_trial(job).attempts.get(number=1), epoch=2)

    assert findings_of("epochs_rise")[0].detail == "the epochs of its attempts decrease: [2, 1]"


def test_an_attempt_of_an_older_epoch_that_still_runs() -> None:
    job = running_job()
    take(job)
    change(job, epoch=2)

    assert len(findings_of("only_the_current_epoch_executes")) == 1


@pytest.mark.parametrize("columns", [{"finished_at": None}, {"reason": ""}])
def test_an_ended_attempt_without_a_cause(columns: dict[str, Any]) -> None:
    change(last_attempt(failed_job()), **columns)

    assert len(findings_of("ended_attempts_have_a_cause")) == 1


@pytest.mark.parametrize("columns", [{"status": RunStatus.LOST}, {"finished_at": None}])
def test_a_run_that_stands_otherwise_than_its_attempt(columns: dict[str, Any]) -> None:
    change(last_attempt(completed_job()).run, **columns)

    assert len(findings_of("attempts_and_runs_agree")) == 1


def test_a_completed_attempt_without_a_hash() -> None:
    change(last_attempt(completed_job()).run, result_hash="")

    assert len(findings_of("completed_attempts_have_a_hash")) == 1


def test_a_run_without_the_metric_is_a_failed_attempt_and_no_fault() -> None:
    job = running_job()
    for _ in range(2):
        assignment = take(job)
        record(job, assignment, result_of(assignment, metrics={"eval_loss": 1.0}))
    ended(job, JobStatus.COMPLETED)

    assert last_attempt(job).reason == "metric_missing"
    assert broken_rules() == set()


def test_an_attempt_that_began_during_a_pause() -> None:
    job = running_job()
    take(job)
    change(job, paused_at=timezone.now() - timedelta(seconds=60))

    assert len(findings_of("nothing_starts_during_a_pause")) == 1


def test_an_attempt_that_began_before_the_pause() -> None:
    job = running_job()
    take(job)
    change(job, paused_at=timezone.now())

    assert not findings_of("nothing_starts_during_a_pause")
