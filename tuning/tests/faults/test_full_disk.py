"""ENOSPC: the job fails with that reason, and a resume runs the failed trials again."""

from __future__ import annotations

import json

import pytest

from tuning.management.tests.test_tune_command import SHORT
from tunix.work.tests.installation import Installation

from .conftest import AddJob, BreakAt
from .jobs import Job
from .matrix import row
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("disk full")]


def test_job_without_room_for_a_result_fails_and_is_resumed(new_job: AddJob, break_at: BreakAt) -> None:
    break_at("trial.result", "no_space")
    job = new_job()

    assert job.finish() == "failed"
    before = job.params()
    assert (job.column("reason"), job.trials()) == ("no_space", [("failed", "no_space")])

    job.finish()
    assert_nothing_is_lost(job, before=before)
    assert job.outcomes() == ["failed", "completed", "completed"]


@row("disk full", ray=True)
def test_real_training_without_room_for_a_checkpoint_fails_and_is_resumed(
    installation: Installation, break_at: BreakAt
) -> None:
    break_at("trial.checkpoint", "no_space")
    definition = installation.write_definition("short.json", SHORT | {"num_samples": 1})

    failed = installation.run("tune", definition, "--json")
    job = Job(installation, json.loads(failed.stdout)["job_id"])
    before = job.params()
    assert (job.status, job.column("reason")) == ("failed", "no_space")

    job.finish()
    assert_nothing_is_lost(job, before=before)


def test_no_trial_starts_below_the_floor_of_free_space(new_job: AddJob, installation: Installation) -> None:
    installation.env["MIN_FREE_BYTES"] = str(2**60)
    job = new_job()

    job.finish()

    assert_nothing_is_lost(job, "failed")
    assert (job.column("reason"), job.trials()) == ("no_space", [])
