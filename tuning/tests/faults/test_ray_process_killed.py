"""SIGKILL what Ray has started: the worker of a trial, the raylet, the GCS."""

from __future__ import annotations

import time

import psutil
import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob, BreakAt
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = pytest.mark.slow
SECONDS_TO_NOTICE = 15


@row("trial worker killed", ray=True)
def test_killed_trial_worker_is_followed_by_another_attempt(new_job: AddJob, break_at: BreakAt) -> None:
    break_at("trial.training")
    job = new_job()

    job.finish()

    assert_nothing_is_lost(job)
    assert job.attempts()[0][2:] == ("lost", "lost")
    assert (job.epoch, job.outcomes()) == (1, ["lost", "completed", "completed"])


@row("trial worker killed", ray=True)
def test_trial_whose_worker_dies_every_time_fails(new_job: AddJob, installation: Installation) -> None:
    installation.env |= {"FAULT_AT": "trial.training", "MAX_ATTEMPTS": "2"}
    job = new_job(num_samples=1)

    job.finish()

    assert_nothing_is_lost(job, "failed")
    assert job.trials() == [("failed", "lost")]
    assert job.outcomes() == ["lost", "lost"]


@row("trial worker killed", ray=True)
def test_trial_that_runs_out_of_memory_fails_with_that_reason(new_job: AddJob, break_at: BreakAt) -> None:
    break_at("trial.training", "out_of_memory")
    job = new_job()

    job.finish()

    assert_nothing_is_lost(job)
    assert job.trials() == [("failed", "out_of_memory"), ("completed", "")]
    assert job.outcomes() == ["failed", "completed"]


@row("ray killed", ray=True)
@pytest.mark.parametrize("name", ["raylet", "gcs_server"])
def test_runner_whose_ray_is_gone_is_ended_and_the_job_resumes(
    name: str, new_job: AddJob, installation: Installation
) -> None:
    installation.env["NOOP_SECONDS"] = "3"
    job = new_job(num_samples=1)
    command = job.supervise()
    job.wait_until_training()
    before, epoch = job.params(), job.epoch
    job.continue_without_ray()

    killed_at = time.monotonic()
    process_named(name, installation).kill()
    wait_until(lambda: job.epoch > epoch)
    noticed = time.monotonic() - killed_at
    command.communicate(timeout=120)

    assert noticed < SECONDS_TO_NOTICE
    assert_nothing_is_lost(job, before=before)
    assert job.attempts() == [(0, 1, "lost", "runner_lost"), (0, 2, "completed", "")]


def process_named(name: str, installation: Installation) -> psutil.Process:
    return next(process for process in installation.orphans() if process.name() == name)
