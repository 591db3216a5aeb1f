"""The best of a job: the best finite value of a completed search trial, with its run and its parameters."""

import json
from typing import Any

import pytest

from tuning.choices import JobStatus, TrialKind
from tuning.ledger.fence import fence
from tuning.models import TuningJob, TuningTrial

from ...tests.ledger_steps import ask, complete, fail, running_job, take
from ..finish import finish_job

pytestmark = pytest.mark.django_db


def job_with_scores(*scores: float, **overrides: object) -> TuningJob:
    job = running_job(num_samples=len(scores), **overrides)
    for score in scores:
        complete(job, take(job), score)
    return job


def test_the_best_so_far_is_on_the_job_after_each_trial() -> None:
    job = job_with_scores(0.2, 0.9, 0.4)

    job.refresh_from_db()

    assert (job.best_value, job.best_params_json) == (0.9, ask(1).params)
    assert job.best_run == job.trials.get(number=1).run


def test_with_mode_min_the_smallest_value_is_best() -> None:
    job = job_with_scores(0.2, 0.9, 0.1, metric_mode="min")

    job.refresh_from_db()

    assert job.best_value == 0.1


def test_only_a_search_trial_can_be_the_best() -> None:
    job = running_job(num_samples=1)
    assignment = take(job)
    TuningTrial.objects.update(kind=TrialKind.DEFAULT)

    complete(job, assignment)

    job.refresh_from_db()
    assert job.best_run is None


def test_best_json_appears_when_the_rows_are_committed(django_capture_on_commit_callbacks: Any) -> None:
    job = job_with_scores(0.2, 0.9)

    with django_capture_on_commit_callbacks(execute=True):
        finish_job(job.pk, 1, JobStatus.COMPLETED)
        assert not (job.work_dir() / "best.json").exists()

    best = json.loads((job.work_dir() / "best.json").read_text())
    job.refresh_from_db()
    assert (best["best_value"], best["best_run_id"]) == (0.9, str(job.best_run_id))


def test_a_failed_job_keeps_its_best() -> None:
    job = running_job()
    complete(job, take(job), 0.6)
    fail(job, take(job))

    finished = finish_job(job.pk, 1, JobStatus.FAILED, error="too many trials failed")

    assert (finished.status, finished.best_value, finished.error) == ("failed", 0.6, "too many trials failed")


def test_a_job_without_completed_trials_fails() -> None:
    job = running_job(num_samples=1)
    fail(job, take(job))

    finished = finish_job(job.pk, 1, JobStatus.COMPLETED)

    assert finished.status == JobStatus.FAILED
    assert "None of 1 trials completed" in finished.error


def test_a_job_whose_budget_ends_before_any_trial_fails() -> None:
    finished = finish_job(running_job().pk, 1, JobStatus.COMPLETED, detail="the budget of 1 seconds is used up")

    assert finished.status == JobStatus.FAILED
    assert "the budget of 1 seconds" in finished.error


def test_the_best_so_far_is_read_once_the_lock_is_held() -> None:
    job = job_with_scores(0.2)

    with fence(job.pk, 1) as held:
        assert not TuningJob.best_trial.is_cached(held)  # type: ignore[attr-defined]
        assert held.best_trial is not None
