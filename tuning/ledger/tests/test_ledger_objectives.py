"""The values of further objectives: what the ledger stores, and what the sampler gets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tuning.analysis.best import front_of
from tuning.choices import JobStatus, TrialStatus
from tuning.domain.sampling.algorithm import Algorithm
from tuning.execution.ledger_source import observation_of, sampler_of
from tuning.models import TuningJob, TuningTrial

from ...tests.ledger_steps import result_of, running_job, take
from ..assign import next_trial
from ..finish import finish_job
from ..record import record_outcome

pytestmark = pytest.mark.django_db

OBJECTIVES = [{"metric": "tokens_per_second", "mode": "max"}, {"metric": "eval_loss", "mode": "min"}]


def job_with_two(**overrides: Any) -> TuningJob:
    return running_job(objectives_json=OBJECTIVES[:1], **overrides)


def complete(job: TuningJob, score: float, **further: float) -> TuningTrial:
    assignment = take(job)
    result = result_of(assignment, score=score, metrics={"score_mean": score, **further})
    trial = record_outcome(job.pk, 1, assignment.attempt_id, result, "f" * 64)
    assert trial is not None
    return TuningTrial.objects.get(pk=trial.pk)


def test_values_are_stored_with_the_trial() -> None:
    job = running_job(objectives_json=OBJECTIVES)
    trial = complete(job, 0.5, tokens_per_second=100.0, eval_loss=1.5, train_loss=2.0)
    assert (trial.metric_value, trial.values_json) == (0.5, {"tokens_per_second": 100.0, "eval_loss": 1.5})


def test_a_job_with_one_objective_stores_none() -> None:
    assert complete(running_job(), 0.5, tokens_per_second=100.0).values_json == {}


def test_a_trial_that_lacks_a_value_completes_but_is_not_on_the_front() -> None:
    job = job_with_two()
    trial = complete(job, 0.9, eval_loss=1.0)
    complete(job, 0.5, tokens_per_second=100.0)
    assert (trial.status, trial.values_json) == (TrialStatus.COMPLETED, {"tokens_per_second": None})
    assert front_of(job).numbers == (1,)


def test_the_sampler_gets_every_objective() -> None:
    job = job_with_two()
    complete(job, 0.5, tokens_per_second=100.0)
    (observation,) = [observation_of([trial]) for trial in job.trials.all()]
    assert (observation.outcome, observation.all_values) == ("completed", [0.5, 100.0])


def test_the_sampler_gets_no_values_of_a_trial_that_lacks_one() -> None:
    job = job_with_two()
    assert observation_of([complete(job, 0.5)]).outcome == "failed"


def test_a_sampler_built_after_a_crash_proposes_what_the_living_one_does() -> None:
    job = job_with_two(algorithm_json=Algorithm.parse({"name": "tpe", "n_startup_trials": 2}).to_json())
    living = sampler_of(job)
    for number in range(6):
        assignment = next_trial(job.pk, 1, living.propose)
        metrics = {"score_mean": 0.1 * number, "tokens_per_second": float(7 * number % 5)}
        record_outcome(job.pk, 1, assignment.attempt_id, result_of(assignment, metrics=metrics), "f" * 64)  # type: ignore[union-attr]
        living.tell(observation_of([job.trials.get(number=number)]))
    assert living.ask(6) == sampler_of(job).ask(6)


def test_the_best_is_chosen_by_the_first_metric() -> None:
    job = job_with_two()
    complete(job, 0.5, tokens_per_second=900.0)
    complete(job, 0.9, tokens_per_second=100.0)
    finish_job(job.pk, 1, JobStatus.COMPLETED)
    job.refresh_from_db()
    assert (job.best_trial and job.best_trial.number, job.best_value) == (1, 0.9)


def test_ties_in_the_first_metric_are_broken_as_ever() -> None:
    job = job_with_two()
    complete(job, 0.5, tokens_per_second=100.0)
    complete(job, 0.5, tokens_per_second=900.0)
    finish_job(job.pk, 1, JobStatus.COMPLETED)
    job.refresh_from_db()
    assert job.best_trial is not None and job.best_trial.number == 0


def test_best_json_names_the_front(django_capture_on_commit_callbacks: Any) -> None:
    job = job_with_two()
    for score, speed in ((0.5, 900.0), (0.9, 100.0), (0.4, 800.0)):
        complete(job, score, tokens_per_second=speed)
    with django_capture_on_commit_callbacks(execute=True):
        finish_job(job.pk, 1, JobStatus.COMPLETED)
    written = json.loads((job.work_dir() / "best.json").read_text())
    assert (written["pareto_front"], written["objectives"]) == ([0, 1], OBJECTIVES[:1])
    assert (written["best_trial"], written["best_values"]) == (1, {"tokens_per_second": 100.0})


def test_an_excluded_trial_leaves_the_front() -> None:
    job = job_with_two()
    for speed in (100.0, 900.0):
        complete(job, 0.5, tokens_per_second=speed)
    job.trials.filter(number=1).update(excluded_at="2026-01-01T00:00:00Z")
    assert front_of(job).numbers == (0,)
