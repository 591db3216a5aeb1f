"""kill -9 the runner when a stop is committed and Ray does not know it yet, under a real Ray."""

from __future__ import annotations

import json

import pytest

from tuning.tests.stopping_steps import stopping_json

from .conftest import AddJob, BreakAt
from .jobs import Job
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("worker or runner killed", ray=True)]


def pruned(job: Job) -> list[int]:
    sql = "SELECT number FROM tuning_tuningtrial WHERE job_id = ? AND status = 'pruned' ORDER BY number"
    return [number for (number,) in job.installation.query(sql, job.hex)]


def test_a_trial_that_was_stopped_stays_stopped(new_job: AddJob, break_at: BreakAt) -> None:
    """Four trials; the runner dies when the first stop is committed. The next one continues with the others."""
    columns = {
        "num_samples": 4,
        "algorithm_json": json.dumps({"name": "random"}),
        "early_stopping_json": json.dumps(stopping_json()),
        "fixed_params_json": json.dumps({"num_steps": 90}),
        "confirmation_json": json.dumps({"controls": False, "automatic": False, "top": 3, "seeds": 3}),
    }
    job = new_job(**columns)
    break_at("prune.committed")

    job.finish(timeout=300)

    assert_nothing_is_lost(job)
    assert job.epoch == 2
    assert pruned(job)
    assert job.outcomes().count("pruned") == len(pruned(job)) == job.events().count("pruned")
    assert "lost" not in job.outcomes()
