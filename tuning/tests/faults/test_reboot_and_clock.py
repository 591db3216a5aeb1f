"""A machine that is restarted, and machines whose clocks are wrong."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime, timedelta

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob
from .jobs import TASK
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("reboot or clock")]
HOUR = 3600


@row("reboot or clock", ray=True)
def test_job_resumes_after_a_reboot(new_job: AddJob, installation: Installation, redis: Broker) -> None:
    """Every process is gone at once, and the temporary folder is empty."""
    installation.env["NOOP_SECONDS"] = "2"
    job = new_job()
    installation.start_worker()
    redis.send(TASK, job.id)
    job.wait_until_training()
    before = job.params()

    installation.kill_all()
    redis.kill()
    for folder in installation.scratch.iterdir():
        shutil.rmtree(folder)
    redis.start()
    installation.start_worker()
    installation.start_reconciler()
    job.wait_for("completed")

    assert_nothing_is_lost(job, before=before)
    assert job.attempts()[0] == (0, 1, "lost", "runner_lost")


def test_reconcilers_whose_clocks_are_an_hour_off_take_over_what_is_lost_and_nothing_else(
    new_job: AddJob, installation: Installation
) -> None:
    installation.env |= {"LEASE_SECONDS": "3", "FAULT_AT": "runner.started:hang"}
    job = new_job()
    runner = job.start_runner()
    for shift in (-HOUR, HOUR):
        installation.serve(f"reconciler{shift}", "-m", "tuning.tests.faults.steps", "reconcile", shift)
    first = job.column("heartbeat")
    wait_until(lambda: job.column("heartbeat") > first)
    cycles = cycles_of(installation)
    wait_until(lambda: cycles_of(installation) > cycles + 2 * 3 / 0.5)  # for more than a lease

    assert (job.status, job.epoch, job.column("restarts")) == ("running", 1, 0)
    runner.kill()
    runner.wait()
    job.wait_for("queued", timeout=20)
    assert job.column("restarts") == 1


def test_runners_whose_clocks_are_an_hour_off_are_not_taken_over(new_job: AddJob, installation: Installation) -> None:
    """Their heartbeats count, not the times that they wrote."""
    installation.env |= {"LEASE_SECONDS": "3", "FAULT_AT": "runner.started:hang"}
    jobs = {-HOUR: new_job(), HOUR: new_job()}
    for job in jobs.values():
        job.start_runner()
    wait_until(lambda: all(job.column("heartbeat") > 0 for job in jobs.values()))
    installation.start_reconciler()
    wait_until(lambda: cycles_of(installation) > 0)
    cycles = cycles_of(installation)
    while cycles_of(installation) < cycles + 3 / 0.5 + 2:  # for more than a lease
        for shift, job in jobs.items():
            wrong = (datetime.now(UTC) + timedelta(seconds=shift)).isoformat(sep=" ")
            job.update(heartbeat_at=wrong, started_at=wrong, queued_at=wrong)
        time.sleep(0.1)

    for job in jobs.values():
        assert (job.status, job.epoch, job.column("restarts")) == ("running", 1, 0)


def cycles_of(installation: Installation) -> int:
    rows = installation.query("SELECT turns FROM work_reconcilerturn")
    return int(rows[0][0]) if rows else 0
