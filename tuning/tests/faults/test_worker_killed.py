"""kill -9 the Celery worker, which takes the supervisor with it: the runner exits, another worker continues."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob, BreakAt
from .jobs import TASK, Job
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("worker or runner killed")]


@pytest.fixture
def working(installation: Installation, redis: Broker, new_job: AddJob) -> Any:
    """Starts two workers and a reconciler, and one job that a worker has taken."""

    def start() -> Job:
        for name in ("one", "two"):
            installation.start_worker(name=name, concurrency=1)
        installation.start_reconciler()
        job = new_job()
        redis.send(TASK, job.id)
        return job

    return start


def kill_the_worker_of(job: Job) -> None:
    psutil.Process(int(job.column("lease_owner").rpartition(":")[2])).kill()


@pytest.mark.parametrize("point", ["offer.committed", "record.before", "finish.files"])
def test_worker_killed_while_the_runner_is_between_two_writes(
    point: str, working: Any, break_at: BreakAt, installation: Installation
) -> None:
    break_at(point, "hang")
    job = working()
    trap = installation.folder / "faults" / point
    wait_until(lambda: not trap.exists())
    before = {} if point == "finish.files" else job.params()

    kill_the_worker_of(job)
    job.wait_for("completed")

    assert_nothing_is_lost(job, before=before)
    assert job.epoch == 2


@row("worker or runner killed", ray=True)
def test_worker_killed_in_the_middle_of_a_trial(working: Any, installation: Installation) -> None:
    installation.env["NOOP_SECONDS"] = "2"
    job = working()
    job.wait_until_training()
    before = job.params()
    job.continue_without_ray()

    kill_the_worker_of(job)
    job.wait_for("completed")

    assert_nothing_is_lost(job, before=before)
    assert job.attempts()[0] == (0, 1, "lost", "runner_lost")
