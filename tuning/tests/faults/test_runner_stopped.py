"""A runner that is stopped past its lease: when it continues, another one has the job, and it writes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.work.keeper import EXIT_LEASE_LOST
from tunix.work.tests.installation import Installation

from .conftest import AddJob
from .jobs import take_step
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("runner stopped", ray=True)]  # a worker of Ray ends its trial meanwhile


def all_rows(installation: Installation) -> dict[str, Any]:
    tables = ("tuning_tuningjob", "tuning_tuningtrial", "tuning_tuningattempt", "tuning_tuningevent", "runs_tunixrun")
    return {table: installation.query(f"SELECT * FROM {table} ORDER BY id") for table in tables}  # noqa: S608


def test_stopped_runner_wakes_up_under_an_older_epoch_and_writes_nothing(
    new_job: AddJob, installation: Installation
) -> None:
    """Its trial ends while it is stopped, so that it has something to write when it continues."""
    job = new_job(num_samples=2)
    runner = job.start_runner(NOOP_SECONDS="2")
    job.wait_until_training()
    before = job.params()
    stopped = job.stop_runner()
    job.continue_without_ray()

    assert take_step(installation, "take_back", job.id, "1") == "queued"
    job.finish()
    rows = all_rows(installation)
    stopped.resume()

    assert runner.wait(timeout=120) == EXIT_LEASE_LOST
    assert all_rows(installation) == rows
    job.end_orphans()
    assert_nothing_is_lost(job, before=before)
    assert job.epoch == 2
