"""A runner that dies at every start: the job is not restarted forever."""

from __future__ import annotations

import pytest

from tunix.work.tests.installation import Installation

from .conftest import AddJob
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("crash at start")]


def test_job_whose_runner_dies_at_every_start_fails(new_job: AddJob, installation: Installation) -> None:
    installation.env |= {"FAULT_AT": "runner.started", "MAX_RESTARTS": "2"}
    job = new_job()

    job.finish()

    assert_nothing_is_lost(job, "failed")
    assert (job.epoch, job.column("reason"), job.trials()) == (3, "lost", [])
    assert "SIGKILL" in job.column("error")


def test_job_that_failed_so_is_resumed_once_the_cause_is_gone(new_job: AddJob, installation: Installation) -> None:
    installation.env |= {"FAULT_AT": "runner.started", "MAX_RESTARTS": "0"}
    job = new_job(num_samples=1)
    assert job.finish() == "failed"

    del installation.env["FAULT_AT"]
    job.finish()

    assert_nothing_is_lost(job)
    assert job.epoch == 2
