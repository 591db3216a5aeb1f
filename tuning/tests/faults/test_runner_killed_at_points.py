"""kill -9 the runner: the job continues under the next epoch, and every trial counts once."""

from __future__ import annotations

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob, BreakAt
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("worker or runner killed")]


def test_runner_killed_after_each_commit_in_turn(
    new_job: AddJob, break_at: BreakAt, installation: Installation
) -> None:
    """After the commit of a suggestion, with a result before its row, with files before the job's row, and after it."""
    points = ("offer.committed", "record.before", "finish.files", "finish.committed")
    for point in points:
        break_at(point)
    job = new_job()

    job.finish()

    assert list((installation.folder / "faults").iterdir()) == []
    installation.start_reconciler()  # it renames best.json, which the runner could not
    wait_until(lambda: (installation.artifacts / "tuning" / job.id / "best.json").exists())
    assert_nothing_is_lost(job)
    assert job.attempts()[:2] == [(0, 1, "lost", "runner_lost"), (0, 2, "lost", "runner_lost")]
    assert (job.epoch, job.outcomes().count("completed")) == (4, 2)


@row("worker or runner killed", ray=True)
def test_runner_killed_in_the_middle_of_a_trial(new_job: AddJob, installation: Installation) -> None:
    installation.env["NOOP_SECONDS"] = "2"
    job = new_job()
    command = job.supervise()
    job.wait_until_training()
    before = job.params()

    job.runner().kill()
    command.communicate(timeout=120)

    assert_nothing_is_lost(job, before=before)
    assert job.attempts()[0] == (0, 1, "lost", "runner_lost")
