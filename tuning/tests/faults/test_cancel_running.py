"""Cancel while a trial is asleep in a real Ray: no new trial, a terminal state, and no process left."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest

from tunix.work.tests.installation import Installation, wait_until

from .conftest import AddJob, BreakAt
from .jobs import TASK, Job, take_step
from .matrix import row
from .servers import Broker
from .truth import assert_nothing_is_lost

pytestmark = [pytest.mark.slow, row("cancel")]
SECONDS_TO_THE_LAST_TRIAL, SECONDS_TO_THE_END = 2, 30


@row("cancel", ray=True)
def test_cancel_while_a_trial_is_asleep(
    new_job: AddJob, break_at: BreakAt, installation: Installation, redis: Broker
) -> None:
    break_at("trial.training", "hang")
    installation.start_worker()
    job = new_job(num_samples=50)
    redis.send(TASK, job.id)
    job.wait_until_training()

    seconds = seconds_of_a_cancel(job)

    assert_nothing_is_lost(job, "canceled")
    assert seconds < SECONDS_TO_THE_END
    assert job.attempts() == [(0, 1, "canceled", "canceled")]


def test_cancel_while_trials_follow_each_other(new_job: AddJob, installation: Installation) -> None:
    """No trial begins later than two seconds after the cancel."""
    job = new_job(num_samples=10_000)
    command = job.supervise()
    wait_until(lambda: job.outcomes().count("completed") >= 2)

    seconds = seconds_of_a_cancel(job)
    command.communicate(timeout=30)

    assert_nothing_is_lost(job, "canceled")
    assert seconds < SECONDS_TO_THE_END
    assert seconds_from_cancel_to_the_last_trial(job) < SECONDS_TO_THE_LAST_TRIAL


def test_cancel_while_the_runner_does_not_react(new_job: AddJob, installation: Installation) -> None:
    """It was stopped: past the grace it is killed, and the job is canceled, not resumed."""
    installation.env["NOOP_SECONDS"] = "60"
    job = new_job()
    command = job.supervise()
    job.wait_until_training()
    job.stop_runner()

    seconds = seconds_of_a_cancel(job)
    command.communicate(timeout=30)

    assert_nothing_is_lost(job, "canceled")
    assert seconds < SECONDS_TO_THE_END


@row("cancel", ray=True)
def test_cancel_while_ray_starts(new_job: AddJob, installation: Installation) -> None:
    job = new_job()
    command = job.supervise()
    wait_until(lambda: "running" in job.events())

    seconds = seconds_of_a_cancel(job)
    command.communicate(timeout=30)

    assert_nothing_is_lost(job, "canceled")
    assert seconds < SECONDS_TO_THE_END


def seconds_of_a_cancel(job: Job) -> float:
    """From the button, which is pressed twice, to the terminal state."""
    assert take_step(job.installation, "cancel", job.id) == {job.id: "running"}
    asked = time.monotonic()
    take_step(job.installation, "cancel", job.id)
    job.wait_for("canceled")
    return time.monotonic() - asked


def seconds_from_cancel_to_the_last_trial(job: Job) -> float:
    sql = "SELECT max(a.started_at) FROM tuning_tuningattempt a JOIN tuning_tuningtrial t ON t.id = a.trial_id"
    ((last,),) = job.installation.query(f"{sql} WHERE t.job_id = ?", job.hex)
    return (moment(last) - moment(job.column("cancel_requested_at"))).total_seconds()


def moment(value: Any) -> datetime:
    """SQLite keeps times as text."""
    return datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) else value.replace(tzinfo=None)
