"""Trials that are stopped early: what the ledger stores, and how it treats them afterwards."""

from __future__ import annotations

import pytest

from tuning.analysis.early_stopping import known_rungs, saved_sentence, steps_json
from tuning.choices import EventKind, JobStatus, TrialStatus
from tuning.domain.early_stopping.decisions import KnownRungs
from tuning.execution.ledger_source import LedgerSource, observation_of
from tuning.ledger.fence import LeaseLost
from tuning.models import TrialMetric, TuningAttempt, TuningJob
from tuning.services.run import resume_job
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun

from ...tests.ledger_steps import complete, fail, result_of, running_job, take
from ...tests.stopping_steps import prune, reach, stopping_job
from ..finish import finish_job, give_up_epoch
from ..record import record_outcome

pytestmark = pytest.mark.django_db


def with_progress(job: TuningJob) -> TuningJob:
    return TuningJob.objects.with_progress().get(pk=job.pk)


def test_a_search_trial_has_its_rungs() -> None:
    assert take(stopping_job()).spec["rungs"] == {"metric": "eval_loss", "unit": "share", "at": [1 / 9, 1 / 3]}


def test_a_control_runs_to_its_end() -> None:
    controls = {"controls": True, "automatic": False, "top": 3, "seeds": 3}
    assert "rungs" not in take(stopping_job(confirmation_json=controls)).spec


def test_without_early_stopping_there_are_no_rungs() -> None:
    assert "rungs" not in take(running_job()).spec


def test_trial_run_and_attempt_are_pruned() -> None:
    job = stopping_job()
    trial = prune(job, take(job))
    assert trial is not None
    assert (trial.status, trial.metric_value, trial.steps, trial.trained_steps) == (TrialStatus.PRUNED, None, 90, 10)
    assert TunixRun.objects.get().status == RunStatus.PRUNED
    assert (TuningAttempt.objects.get().outcome, TuningAttempt.objects.get().worker) == ("pruned", "host/1")


def test_the_event_has_rung_value_and_threshold() -> None:
    job = stopping_job()
    prune(job, take(job))
    assert job.events.get(kind=EventKind.PRUNED).detail == (
        "trial 0 stopped at step 10 of 90 (rung 1): eval_loss 2.31, the best third of 9 trials there had at most 1.9"
    )


def test_a_rung_without_a_stop_is_only_stored() -> None:
    job = stopping_job()
    assert reach(job, take(job)) is None
    assert list(TrialMetric.objects.values_list("step", "name", "value")) == [(10, "eval_loss", 2.31)]
    assert job.trials.get().status == TrialStatus.RUNNING


def test_a_stop_that_is_reported_twice_counts_once() -> None:
    job = stopping_job()
    assignment = take(job)
    prune(job, assignment)
    assert prune(job, assignment) is None
    assert job.events.filter(kind=EventKind.PRUNED).count() == 1


def test_an_end_that_comes_after_the_stop_changes_nothing() -> None:
    job = stopping_job()
    assignment = take(job)
    prune(job, assignment)
    assert record_outcome(job.pk, 1, assignment.attempt_id, result_of(assignment), "f" * 64) is None
    assert job.trials.get().status == TrialStatus.PRUNED


def test_the_folder_of_a_stopped_trial_is_not_read() -> None:
    job = stopping_job()
    source, assignment = LedgerSource(job, 1, "noop"), take(job)
    source._stopped.add(assignment.attempt_id)
    source.ended({"attempt_id": assignment.attempt_id, "spec": assignment.spec}, {})
    assert job.trials.get().status == TrialStatus.RUNNING


def test_a_runner_of_an_older_epoch_stops_nothing() -> None:
    job = stopping_job()
    assignment = take(job)
    with pytest.raises(LeaseLost):
        reach(job, assignment, epoch=2)


def test_a_pruned_trial_is_not_assigned_again_after_a_crash() -> None:
    job = stopping_job()
    prune(job, take(job))
    give_up_epoch(job, 1, "killed")
    assert take(job).number == 1


def test_a_resume_leaves_it() -> None:
    job = stopping_job()
    prune(job, take(job))
    finish_job(job.pk, 1, JobStatus.CANCELED)
    job.refresh_from_db()
    resume_job(job=job, actor=None, foreground=True)
    assert job.trials.get().status == TrialStatus.PRUNED


def test_it_never_wins_and_is_not_a_failure() -> None:
    job = stopping_job(num_samples=2)
    complete(job, take(job), score=0.1)
    prune(job, take(job))
    ended = finish_job(job.pk, 1, JobStatus.COMPLETED)
    counted = with_progress(job)
    assert ended.best_trial.number == 0
    assert (counted.ended_trials, counted.pruned_trials, counted.failed_trials) == (2, 1, 0)


@pytest.mark.parametrize(("metric_mode", "value"), [("max", -2.31), ("min", 2.31)])
def test_the_sampler_gets_value_and_rung(metric_mode: str, value: float) -> None:
    job = stopping_job(metric_mode=metric_mode)
    trial = prune(job, take(job))
    assert trial is not None
    observation = observation_of([trial])
    assert (observation.outcome, observation.value, observation.step) == ("pruned", value, 1)


def test_a_rebuilt_rule_knows_the_rungs_of_ended_trials() -> None:
    job = stopping_job()
    first = take(job)
    reach(job, first, 2.0)
    reach(job, first, 1.5, rung=2)
    complete(job, first)
    prune(job, take(job), 2.5)
    assert known_rungs(job) == [
        KnownRungs(0, ((1 / 9, 2.0), (1 / 3, 1.5))),
        KnownRungs(1, ((1 / 9, 2.5),)),
    ]


def test_what_runs_or_failed_is_not_among_them() -> None:
    job = stopping_job(max_concurrent_trials=2)
    failing, running = take(job), take(job)
    reach(job, failing)
    reach(job, running)
    fail(job, failing)
    assert known_rungs(job) == []


def test_the_saved_steps_are_reported() -> None:
    job = stopping_job()
    assignment = take(job)
    record_outcome(job.pk, 1, assignment.attempt_id, result_of(assignment, step=90), "f" * 64)
    prune(job, take(job))
    counted = with_progress(job)
    assert steps_json(counted) == {"planned": 180, "trained": 100, "saved_share": pytest.approx(80 / 180)}
    assert saved_sentence(counted) == "100 of 180 steps trained; early stopping saved 44%"
