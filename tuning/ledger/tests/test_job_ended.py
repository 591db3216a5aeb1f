"""However a job ends, `job_ended` is called once for it, and only when the end is committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.services.run import cancel_job
from tunix.work.lease import take_back

from ...tests.factories import make_job
from ...tests.ledger_steps import complete, running_job, take
from ..ended import job_ended
from ..files import stage_best
from ..finish import finish_job, release_job

pytestmark = pytest.mark.django_db


def ended_by_the_runner(status: JobStatus) -> TuningJob:
    job = running_job(num_samples=1)
    complete(job, take(job))
    return finish_job(job.pk, 1, status, error="x" if status == JobStatus.FAILED else "")


def ended_by_a_release() -> TuningJob:
    job = running_job(cancel_requested_at=timezone.now())
    return release_job(job.pk, 1, "paused, and no trial runs")


def ended_by_a_loss(**fields: Any) -> TuningJob:
    job = running_job(**fields)
    take_back(job, 1, "Its heartbeat stopped")
    job.refresh_from_db()
    return job


ENDS: dict[str, Callable[[], TuningJob]] = {
    "the runner completes it": lambda: ended_by_the_runner(JobStatus.COMPLETED),
    "the runner fails it": lambda: ended_by_the_runner(JobStatus.FAILED),
    "the runner cancels it": lambda: ended_by_the_runner(JobStatus.CANCELED),
    "its runner releases it after a cancel": ended_by_a_release,
    "its runner is lost too often": lambda: ended_by_a_loss(restarts=1),
    "its runner is lost after a cancel": lambda: ended_by_a_loss(cancel_requested_at=timezone.now()),
    "it is canceled before it starts": lambda: cancel_job(job=make_job(), actor=None),
    "it is canceled while it waits again": lambda: cancel_job(job=make_job(status="queued", epoch=1), actor=None),
}


@pytest.fixture
def ended(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The keys of the jobs for which `job_ended` was called."""
    settings.MAX_RESTARTS = 1
    called: list[object] = []
    monkeypatch.setattr("tuning.ledger.ended.job_ended", lambda job: called.append(job.pk))
    return called


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_each_end_is_announced_once_and_on_commit(
    end: Callable[[], TuningJob], ended: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = end()
        assert (job.is_terminal, ended) == (True, [])

    assert ended == [job.pk]


def test_a_job_that_is_requeued_has_not_ended(ended: list[object], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ended_by_a_loss()

    assert ended == []


def test_a_cancel_that_changes_nothing_is_no_second_end(
    ended: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        cancel_job(job=make_job(status="canceled"), actor=None)
        cancel_job(job=make_job(status="running"), actor=None)

    assert ended == []


def test_an_error_in_what_follows_leaves_the_end_as_it_is(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr("tuning.ledger.ended.publish_best", lambda job: 1 / 0)

    with django_capture_on_commit_callbacks(execute=True):
        job = ended_by_the_runner(JobStatus.COMPLETED)

    assert job.status == JobStatus.COMPLETED


def test_the_staged_best_of_the_job_is_published() -> None:
    job = make_job(epoch=2)
    stage_best(job, None)

    job_ended(job)

    assert [path.name for path in job.work_dir().glob("best*")] == ["best.json"]


def test_what_a_rolled_back_end_has_staged_is_not_published_when_the_disk_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write(*args: object) -> None:
        raise OSError(28, "No space left on device")

    job = make_job(epoch=2)
    stage_best(job, None)
    monkeypatch.setattr("tuning.ledger.files.write_json", write)

    with pytest.raises(OSError, match="No space"):
        stage_best(job, None)
    job_ended(job)

    assert list(job.work_dir().glob("best*")) == []
