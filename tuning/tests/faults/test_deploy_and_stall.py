"""A worker that shuts down, and trials without progress."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob, BreakAt
from .jobs import TASK, Job
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost

pytestmark = pytest.mark.slow
SECONDS_TO_RELEASE = 15


@row("deploy", ray=True)
def test_a_worker_that_shuts_down_releases_its_job(new_job: AddJob, installation: Installation, redis: Broker) -> None:
    installation.env["NOOP_SECONDS"] = "3"
    worker = installation.start_worker()
    job = new_job()
    redis.send(TASK, job.id)
    job.wait_until_training()
    before = job.params()

    asked_at = time.monotonic()
    worker.terminate()
    worker.wait(timeout=60)
    seconds = time.monotonic() - asked_at
    assert (job.status, job.column("restarts")) == ("queued", 0)
    assert installation.orphans() == []
    installation.start_worker(name="next")
    job.wait_for("completed")

    assert seconds < SECONDS_TO_RELEASE
    assert_nothing_is_lost(job, before=before)
    assert job.attempts()[0] == (0, 1, "lost", "runner_lost")


@row("no progress", ray=True)
def test_runner_without_progress_is_killed_and_the_job_resumes(
    new_job: AddJob, break_at: BreakAt, installation: Installation
) -> None:
    """The trial hangs once; the heartbeats continue."""
    installation.env["STALL_SECONDS"] = "5"
    break_at("trial.training", "hang")
    job = new_job(num_samples=1)
    command = job.supervise()

    show_progress(job, until=job.is_training)
    job.continue_without_ray()
    wait_until(lambda: job.epoch == 2)
    show_progress(job, until=lambda: job.status == "completed")
    command.communicate(timeout=60)

    assert_nothing_is_lost(job)
    assert job.attempts() == [(0, 1, "lost", "runner_lost"), (0, 2, "completed", "")]


def show_progress(job: Job, until: Callable[[], bool]) -> None:
    """Ray may take longer to start on a busy machine than this test can wait for a stall."""

    def has_come() -> bool:
        job.update(progress_at=datetime.now(UTC).isoformat(sep=" "))
        return until()

    wait_until(has_come, timeout=120)


@row("no progress", ray=True)
def test_trial_over_its_time_fails(new_job: AddJob, installation: Installation) -> None:
    installation.env["NOOP_SECONDS"] = "20"
    job = new_job(num_samples=1)
    budget = json.loads(job.column("budget_json")) | {"max_trial_seconds": 1}
    job.update(budget_json=json.dumps(budget))

    job.finish()

    assert_nothing_is_lost(job, "failed")
    assert job.trials() == [("failed", "timeout")]
