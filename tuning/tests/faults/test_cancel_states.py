"""Cancel in every state, twice, and against the finish. No runner is needed: the rows decide."""

from __future__ import annotations

import pytest

from .conftest import AddJob
from .jobs import take_step
from .matrix import row

pytestmark = [pytest.mark.slow, row("cancel")]
RACES = 12


def test_cancel_and_cancel_again_in_every_state(new_job: AddJob) -> None:
    states = ("created", "queued", "running", "completed", "failed", "canceled")
    jobs = {state: new_job(state, epoch=1) for state in states}
    ids = [job.id for job in jobs.values()]

    first = take_step(jobs["created"].installation, "cancel", *ids)
    second = take_step(jobs["created"].installation, "cancel", *ids)

    assert [first[job_id].split(":")[0] for job_id in ids] == [
        "canceled", "canceled", "running", "refused", "refused", "canceled",
    ]  # fmt: skip
    assert second == first
    kept = {state: job.status for state, job in jobs.items()}
    assert kept == dict(
        zip(states, ("canceled", "canceled", "running", "completed", "failed", "canceled"), strict=True)
    )
    assert jobs["running"].column("cancel_requested_at") is not None
    assert jobs["running"].events() == ["cancel_requested"]


def test_cancel_that_races_the_finish_leaves_one_correct_terminal_state(new_job: AddJob) -> None:
    """The first one wins, the other is refused, and the history has one end."""
    jobs = [new_job("running", epoch=1, num_samples=1) for _ in range(RACES)]

    answers = take_step(jobs[0].installation, "race_cancel_with_finish", *(job.id for job in jobs))

    for job in jobs:
        canceled, finished = answers[job.id]
        assert finished == job.status == "failed"  # no trial has run: nothing could be completed
        assert canceled in {"running", "failed"} or canceled.startswith("refused")
        ends = [kind for kind in job.events() if kind in {"completed", "failed", "canceled"}]
        assert ends == ["failed"]
