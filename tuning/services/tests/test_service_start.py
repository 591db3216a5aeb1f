"""start_job: created -> queued, once, and a wake-up on commit."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.services.run import start_job
from tunix.api.exceptions import Conflict, NoSpace

from ...tests.factories import make_job

pytestmark = pytest.mark.django_db


def test_a_created_job_is_queued() -> None:
    job = start_job(job=make_job(), actor=None)

    assert job.status == "queued"
    assert job.queued_at is not None


@pytest.mark.parametrize("status", [status for status in JobStatus if status != JobStatus.CREATED])
def test_any_other_job_is_refused_unchanged(status: str) -> None:
    job = make_job(status=status)

    with pytest.raises(Conflict, match=f"The job is {status}"):
        start_job(job=job, actor=None)

    assert (TuningJob.objects.get(pk=job.pk).status, job.events.count()) == (status, 0)


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_resumable_job_is_pointed_to_resume(status: str) -> None:
    with pytest.raises(Conflict, match="Resume it instead"):
        start_job(job=make_job(status=status), actor=None)


def test_two_starts_at_once_start_it_once() -> None:
    job = make_job()
    seen_by_two = [TuningJob.objects.get(pk=job.pk) for _ in range(2)]
    start_job(job=seen_by_two[0], actor=None)

    with pytest.raises(Conflict):
        start_job(job=seen_by_two[1], actor=None)

    assert job.events.count() == 1


def test_starting_is_an_event(user: Any) -> None:
    event = start_job(job=make_job(), actor=user).events.get()

    assert (event.kind, event.actor) == ("started", user)


def test_the_wake_up_is_sent_on_commit(sent_tasks: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = start_job(job=make_job(), actor=None)
        assert sent_tasks == []

    assert sent_tasks == [("tuning.run_tuning_job", [str(job.pk)])]
    assert job.dispatch_state == "sent"


def test_a_broker_that_is_down_defers(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", refuse)

    with django_capture_on_commit_callbacks(execute=True):
        job = start_job(job=make_job(), actor=None)

    assert (job.status, job.dispatch_state) == ("queued", "deferred")


def test_a_start_without_room_changes_nothing(settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6
    job = make_job()
    with pytest.raises(NoSpace):
        start_job(job=job, actor=None)
    job.refresh_from_db()
    assert job.status == JobStatus.CREATED
