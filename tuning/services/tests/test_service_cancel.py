"""cancel_job: at once while the job waits, by request while it runs."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.models import TuningJob
from tuning.services.run import cancel_job
from tunix.api.exceptions import Conflict

from ...tests.factories import make_job, make_trial

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["created", "queued"])
def test_a_waiting_job_is_canceled_at_once(status: str) -> None:
    job = cancel_job(job=make_job(status=status), actor=None)

    assert job.status == "canceled"
    assert job.finished_at is not None


def test_a_running_job_is_asked_to_stop() -> None:
    job = cancel_job(job=make_job(status="running"), actor=None)

    assert (job.status, job.is_canceling) == ("running", True)


def test_asking_twice_keeps_the_first_time() -> None:
    job = cancel_job(job=make_job(status="running"), actor=None)
    asked_at = job.cancel_requested_at

    assert cancel_job(job=job, actor=None).cancel_requested_at == asked_at
    assert job.events.count() == 1


def test_a_canceled_job_stays_as_it_is() -> None:
    job = make_job(status="canceled")

    assert cancel_job(job=job, actor=None).finished_at == job.finished_at
    assert not job.events.exists()


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_an_ended_job_is_refused(status: str) -> None:
    job = make_job(status=status)

    with pytest.raises(Conflict, match=f"The job is {status}"):
        cancel_job(job=job, actor=None)

    assert not job.events.exists()


def test_a_job_that_ended_meanwhile_is_refused() -> None:
    job = make_job(status="running")
    TuningJob.objects.filter(pk=job.pk).update(status="completed")

    with pytest.raises(Conflict):
        cancel_job(job=job, actor=None)


@pytest.mark.parametrize(("status", "kind"), [("queued", "canceled"), ("running", "cancel_requested")])
def test_canceling_is_an_event(user: Any, status: str, kind: str) -> None:
    event = cancel_job(job=make_job(status=status), actor=user).events.get()

    assert (event.kind, event.actor) == (kind, user)


def test_trials_that_wait_are_canceled_with_their_job() -> None:
    job = make_job(status="queued")
    waiting, done = make_trial(job, status="pending"), make_trial(job)

    cancel_job(job=job, actor=None)

    for trial in (waiting, done):
        trial.refresh_from_db()
    assert (waiting.status, waiting.reason, done.status) == ("canceled", "canceled", "completed")


def test_a_job_that_was_resumed_meanwhile_is_canceled() -> None:
    job = make_job(status="canceled")
    TuningJob.objects.filter(pk=job.pk).update(status="running")

    assert cancel_job(job=job, actor=None).is_canceling
