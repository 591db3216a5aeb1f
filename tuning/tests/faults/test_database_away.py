"""A database that is locked or restarted while a job runs."""

from __future__ import annotations

import time

import pytest

from tunix.work.tests.installation import Installation

from .conftest import AddJob
from .jobs import take_step
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("database away")]


def test_database_locked_for_five_seconds_changes_nothing(new_job: AddJob, installation: Installation) -> None:
    installation.env |= {"LEASE_SECONDS": "30", "NOOP_SECONDS": "1"}
    job = new_job()
    command = job.supervise()
    job.wait_until_training()

    with installation.database.locked("tuning_tuningjob"):
        time.sleep(5)
    command.communicate(timeout=120)

    assert_nothing_is_lost(job)
    assert (job.epoch, job.outcomes()) == (1, ["completed", "completed"])


def test_runner_exits_when_the_database_is_locked_for_longer_than_patience_seconds(
    new_job: AddJob, installation: Installation
) -> None:
    """It has lost its lease when the lock is released: the job resumes, and no trial has failed."""
    installation.env |= {"DATABASE_TIMEOUT_SECONDS": "1", "PATIENCE_SECONDS": "2", "NOOP_SECONDS": "1"}
    job = new_job()
    runner = job.start_runner()
    job.wait_until_training()
    before = job.params()

    with installation.database.locked("tuning_tuningjob"):
        code = runner.wait(timeout=60)
    job.end_orphans()
    assert take_step(installation, "take_back", job.id, "1") == "queued"  # as its supervisor would
    job.finish()

    assert code == 75
    assert_nothing_is_lost(job, before=before)


def test_restart_of_the_server_changes_nothing(
    new_job: AddJob, installation: Installation, request: pytest.FixtureRequest
) -> None:
    """A crash: the server stops without notice to its clients, and recovers from its log."""
    if "postgres" not in request.node.callspec.id:
        pytest.skip("SQLite has no server")
    _, server = request.getfixturevalue("postgres")
    if server is None:
        pytest.skip("a server from the environment is not restarted")
    installation.env |= {"LEASE_SECONDS": "30", "NOOP_SECONDS": "1"}
    job = new_job()
    command = job.supervise()
    job.wait_until_training()

    server.crash()
    time.sleep(2)
    server.start_again()
    command.communicate(timeout=120)

    assert_nothing_is_lost(job)
    assert (job.epoch, job.outcomes()) == (1, ["completed", "completed"])
