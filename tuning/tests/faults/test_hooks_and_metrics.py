"""A hook that raises, and results that are no results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tunix.work.tests.installation import Installation

from .conftest import AddJob, BreakAt
from .jobs import take_step
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("hook or metric")]
TIME = "2026-01-01T00:00:00+00:00"


def test_hooks_that_raise_end_the_runner_and_corrupt_nothing(new_job: AddJob, break_at: BreakAt) -> None:
    """First the hook that asks for parameters, then, in the next epoch, the one that is told of an end."""
    break_at("hook.suggest", "error")
    break_at("hook.ended", "error")
    job = new_job()

    job.finish()

    assert_nothing_is_lost(job)
    assert job.attempts()[0] == (0, 2, "lost", "runner_lost")
    assert (job.epoch, job.trials()) == (3, [("completed", ""), ("completed", "")])


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", None])
def test_metric_that_is_no_number_is_never_the_best(value: str | None, new_job: AddJob) -> None:
    metrics = {} if value is None else {"score_mean": "VALUE"}
    result = {"run_id": "RUN", "outcome": "completed", "metrics": metrics, "started_at": TIME, "finished_at": TIME}
    job = new_job("running", epoch=1)

    take_step(job.installation, "end_a_trial_with", job.id, json.dumps(result).replace('"VALUE"', str(value)))

    ((status, reason),) = job.trials()
    assert status in {"failed", "pending"}
    assert reason or job.attempts()[0][3]
    assert job.column("best_trial_id") is None
    assert job.status == "running"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run_id": "RUN"}'])
def test_result_that_cannot_be_read_is_a_lost_attempt(text: str, new_job: AddJob) -> None:
    job = new_job("running", epoch=1)

    take_step(job.installation, "end_a_trial_with", job.id, text)

    assert job.trials()[0][0] == "pending"
    assert job.attempts() == [(0, 1, "lost", "lost")]
