"""Cancel while a trial is asleep in a real Ray: no new trial, a terminal state, and no process left."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import WHOLE, AddJob, BreakAt
from .jobs import TASK, Job, take_step
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("cancel")]
SECONDS_TO_THE_END = 30 if os.environ.get(WHOLE) else 300
"""The guarantee is about a machine that does nothing else, as with `make faults`; beside other tests it only waits."""


@row("cancel", ray=True)
def test_cancel_while_a_trial_is_asleep(
    new_job: AddJob, break_at: BreakAt, installation: Installation, redis: Broker
) -> None:
    break_at("trial.training", "hang")
    installation.start_worker()
    job = new_job(num_samples=50)
    redis.send(TASK, job.id)
    job.wait_until_training()

    cancel(job)

    assert_nothing_is_lost(job, "canceled")
    assert job.attempts() == [(0, 1, "canceled", "canceled")]


def test_cancel_while_trials_follow_each_other(new_job: AddJob, installation: Installation) -> None:
    """The one that is being assigned may begin; the thousands after it do not."""
    job = new_job(num_samples=10_000)
    command = job.supervise()
    wait_until(lambda: job.outcomes().count("completed") >= 2)

    cancel(job)
    command.communicate(timeout=SECONDS_TO_THE_END)

    assert_nothing_is_lost(job, "canceled")
    assert started_after_the_cancel(job) <= 1


def test_cancel_while_the_runner_does_not_react(new_job: AddJob, installation: Installation) -> None:
    """It was stopped: past the grace it is killed, and the job is canceled, not resumed."""
    installation.env["NOOP_SECONDS"] = "600"
    job = new_job()
    command = job.supervise()
    job.wait_until_training()
    job.stop_runner()

    cancel(job)
    command.communicate(timeout=SECONDS_TO_THE_END)

    assert_nothing_is_lost(job, "canceled")


@row("cancel", ray=True)
def test_cancel_while_ray_starts(new_job: AddJob, installation: Installation) -> None:
    job = new_job()
    command = job.supervise()
    wait_until(lambda: "running" in job.events())

    cancel(job)
    command.communicate(timeout=SECONDS_TO_THE_END)

    assert_nothing_is_lost(job, "canceled")


def cancel(job: Job) -> None:
    """Press the button twice, and wait for the terminal state."""
    assert take_step(job.installation, "cancel", job.id) == {job.id: "running"}
    take_step(job.installation, "cancel", job.id)
    job.wait_for("canceled", timeout=SECONDS_TO_THE_END)


def started_after_the_cancel(job: Job) -> int:
    sql = "SELECT a.started_at FROM tuning_tuningattempt a JOIN tuning_tuningtrial t ON t.id = a.trial_id"
    starts = [moment(start) for (start,) in job.installation.query(f"{sql} WHERE t.job_id = ?", job.hex)]
    asked = moment(job.column("cancel_requested_at"))
    return sum(start > asked for start in starts)


def moment(value: Any) -> datetime:
    """SQLite keeps times as text."""
    return datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) else value.replace(tzinfo=None)
