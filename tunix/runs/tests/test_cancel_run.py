"""Cancelling a single run in every state."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import Conflict
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.services import cancel_run
from tunix.runs.tests.factories import make_run

pytestmark = pytest.mark.django_db


def test_pending_run_is_canceled_now() -> None:
    run = cancel_run(run=make_run(status=RunStatus.PENDING), actor=None)
    assert run.status == RunStatus.CANCELED
    assert run.finished_at is not None


def test_running_run_is_asked_to_stop() -> None:
    run = cancel_run(run=make_run(status=RunStatus.RUNNING), actor=None)
    assert (run.status, run.is_canceling) == (RunStatus.RUNNING, True)


def test_second_cancel_keeps_the_time_of_the_first() -> None:
    run = cancel_run(run=make_run(status=RunStatus.RUNNING), actor=None)
    first = run.cancel_requested_at
    assert cancel_run(run=run, actor=None).cancel_requested_at == first


def test_canceled_run_stays_so() -> None:
    assert cancel_run(run=make_run(status=RunStatus.CANCELED), actor=None).status == RunStatus.CANCELED


@pytest.mark.parametrize("status", [RunStatus.COMPLETED, RunStatus.FAILED])
def test_run_that_has_ended_is_refused(status: RunStatus) -> None:
    with pytest.raises(Conflict, match=f"The run is {status}"):
        cancel_run(run=make_run(status=status), actor=None)


def test_trial_is_canceled_with_its_job_only() -> None:
    with pytest.raises(Conflict, match="Cancel its tuning job"):
        cancel_run(run=make_run(status=RunStatus.RUNNING, origin=RunOrigin.TRIAL), actor=None)


def test_stale_copy_of_a_run_does_not_matter() -> None:
    stale = make_run(status=RunStatus.PENDING)
    type(stale).objects.update(status=RunStatus.RUNNING)
    assert cancel_run(run=stale, actor=None).is_canceling
