"""An artifacts folder that cannot be written for a while: no runner can start, and no job fails for good."""

from __future__ import annotations

import time

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob
from .jobs import TASK
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("folder read-only")]

MINUTE = 6.0
"""The times of the tests are a tenth of the real ones."""


def test_job_survives_a_minute_in_which_its_folder_cannot_be_written(
    new_job: AddJob, installation: Installation, redis: Broker
) -> None:
    """A file in place of the folder: permissions do not stop root, who may run the tests."""
    folder = installation.artifacts / "tuning"
    away = folder.with_name("tuning.away")
    job = new_job()
    if folder.exists():
        folder.rename(away)
    folder.touch()
    installation.env |= {"RESTART_BACKOFF_SECONDS": "1.5", "WORKER_LOOK_SECONDS": "0.5", "MAX_RESTARTS": "3"}
    installation.start_worker(concurrency=1)
    installation.start_reconciler()
    redis.send(TASK, job.id)
    wait_until(lambda: job.column("restarts") > 0)

    time.sleep(MINUTE)
    assert job.status in {"queued", "running"}
    folder.unlink()
    if away.exists():
        away.rename(folder)

    job.wait_for("completed")
    assert_nothing_is_lost(job)
