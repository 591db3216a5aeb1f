"""A job is changed and paused while it runs under a real Ray; its trials take two seconds and train nothing."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tunix.work.tests.installation import Installation, wait_until

from ...tests.faults.jobs import UNDER_RAY, Job, add_job, take_step
from ...tests.faults.truth import assert_nothing_is_lost

pytestmark = pytest.mark.slow

QUICK = {"NOOP_SECONDS": "2", "PAUSE_RELEASE_SECONDS": "2", "MIN_FREE_BYTES": "0"}


@pytest.fixture
def job(installation: Installation) -> Job:
    """A queued job of many trials, one at a time."""
    installation.env |= QUICK | {"TRIAL_JOURNAL": str(installation.folder / "journal.jsonl")}
    pattern = take_step(installation, "prepare")["job"]
    return add_job(installation, pattern, status="queued", mode=UNDER_RAY, num_samples=500, max_concurrent_trials=1)


def running(job: Job) -> int:
    return sum(status == "running" for status, _ in job.trials())


def change(job: Job, **fields: Any) -> None:
    take_step(job.installation, "change_job", job.id, "update", json.dumps(fields))


def idle_workers(installation: Installation) -> list[str]:
    return [name for process in installation.processes() if "ray::IDLE" in (name := " ".join(process.cmdline()))]


def test_a_running_job_is_changed_and_paused(job: Job, installation: Installation) -> None:
    """One trial at a time, then two, then one; a pause until the machine is let go; fewer trials, and the end."""
    terminal = job.supervise()
    job.wait_until_training()
    assert idle_workers(installation) == []
    assert running(job) == 1

    change(job, max_concurrent_trials=2)
    wait_until(lambda: running(job) == 2)

    change(job, max_concurrent_trials=1)
    wait_until(lambda: running(job) == 1)
    assert {running(job) for _ in range(20) if time.sleep(0.2) is None} <= {0, 1}

    take_step(installation, "change_job", job.id, "pause")
    wait_until(lambda: running(job) == 0)
    ended = job.trials()
    job.wait_for("queued")
    wait_until(lambda: not installation.processes("tunix.work.runner"))
    assert job.trials() == ended
    assert terminal.poll() is None

    change(job, num_samples=len(ended) + 1)
    job.continue_without_ray()
    take_step(installation, "change_job", job.id, "unpause")
    terminal.communicate(timeout=120)

    assert_nothing_is_lost(job)
    assert "handed_back" in job.events()
    assert job.column("restarts") == 0
