"""Hooks that raise, and invalid results."""

from __future__ import annotations

import json

import pytest

from .conftest import AddJob, BreakAt
from .jobs import Job, take_step
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("hook or metric")]
TIME = "2026-01-01T00:00:00+00:00"
COMPLETED = {"run_id": "RUN", "outcome": "completed", "metrics": "METRICS", "started_at": TIME, "finished_at": TIME}


def test_hooks_that_raise_end_the_runner_and_corrupt_nothing(new_job: AddJob, break_at: BreakAt) -> None:
    """First the hook that asks for parameters, then, in the next epoch, the one that records an end."""
    break_at("hook.suggest", "error")
    break_at("hook.ended", "error")
    job = new_job()

    job.finish()

    assert_nothing_is_lost(job)
    assert job.attempts()[0] == (0, 1, "lost", "runner_lost")
    assert (job.epoch, job.trials()) == (3, [("completed", ""), ("completed", "")])


def test_metric_that_is_not_a_number_fails_its_trial_and_is_never_the_best(new_job: AddJob) -> None:
    """NaN, infinite in three spellings, and missing."""
    texts = [result_with(f'{{"score_mean": {value}}}') for value in ("NaN", "Infinity", "-Infinity", "1e999")]
    jobs = end_trials_with([*texts, result_with("{}")], new_job)

    for job in jobs:
        ((status, reason),) = job.trials()
        assert status in {"failed", "pending"}
        assert reason or job.attempts()[0][3]
        assert (job.status, job.column("best_trial_id")) == ("running", None)


def test_result_that_cannot_be_read_is_a_lost_attempt(new_job: AddJob) -> None:
    """No file, half a file, not an object, not a result."""
    jobs = end_trials_with(["", "{", "[]", '{"run_id": "RUN"}'], new_job)

    for job in jobs:
        assert (job.status, job.trials()[0][0]) == ("running", "pending")
        assert job.attempts() == [(0, 1, "lost", "lost")]


def result_with(metrics: str) -> str:
    """A completed result with these metrics, as a run writes it."""
    return json.dumps(COMPLETED).replace('"METRICS"', metrics)


def end_trials_with(texts: list[str], new_job: AddJob) -> list[Job]:
    """A job for each text, whose first trial ended with this text as its result."""
    jobs = [new_job("running", epoch=1) for _ in texts]
    given = {job.id: text for job, text in zip(jobs, texts, strict=True)}
    take_step(jobs[0].installation, "end_trials_with", json.dumps(given))
    return jobs
