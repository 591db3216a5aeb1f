"""Two Celery workers, 20 jobs, and a Redis that dies in between."""

from __future__ import annotations

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob
from .jobs import take_step
from .matrix import row
from .servers import Broker
from .truth import assert_checker_is_clean, assert_job_is_true

pytestmark = [pytest.mark.slow, row("messages")]
JOBS = 20


def test_two_workers_do_twenty_jobs_once_each_though_redis_is_killed(
    new_job: AddJob, installation: Installation, redis: Broker, request: pytest.FixtureRequest
) -> None:
    """Each job is sent three times over. Half of them are started while there is no Redis."""
    if "postgres" not in request.node.callspec.id:
        pytest.skip("said of Redis and PostgreSQL; SQLite is for one machine and a few jobs")
    if not redis.is_ours:
        pytest.skip("a Redis from the environment is not killed")
    jobs = [new_job("created", num_samples=1) for _ in range(JOBS)]
    for name in ("one", "two"):
        installation.start_worker(name=name, concurrency=1)
    installation.start_reconciler()
    take_step(installation, "start", *(job.id for job in jobs[: JOBS // 2]))
    wait_until(lambda: any(job.status == "completed" for job in jobs), timeout=120)

    redis.kill()
    take_step(installation, "start", *(job.id for job in jobs[JOBS // 2 :]))
    redis.start()
    for job in jobs:
        job.wait_for("completed", timeout=400)

    for job in jobs:
        assert_job_is_true(job)
    assert_checker_is_clean(installation)
    assert [job.epoch for job in jobs] == [1] * JOBS
    assert [job.outcomes() for job in jobs] == [["completed"]] * JOBS
