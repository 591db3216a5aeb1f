"""A worker that shuts down: its work is requeued at once, and the release does not count as a loss."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tunix.work import supervisor
from tunix.work.models import LeasedWork
from tunix.work.orphans import MARK, mark_of, processes_marked
from tunix.work.shutdown import note_shutdown, shutting_down
from tunix.work.supervisor import supervise
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sleeping_runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The runner only sleeps; the shutdown is forgotten after the test."""

    def start(work: LeasedWork, epoch: int) -> subprocess.Popen[bytes]:
        env = os.environ | {MARK: mark_of(work.KIND, work.pk, epoch)}
        return subprocess.Popen(["sleep", "60"], env=env, start_new_session=True)

    monkeypatch.setattr(supervisor, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(supervisor, "start_runner", start)
    yield
    shutting_down.clear()


def test_running_work_waits_again_and_no_process_is_left(sent_tasks: list[Any]) -> None:
    work = make_work(restarts=2)
    threading.Timer(0.2, note_shutdown).start()

    assert supervise(type(work), work.pk) == "pending"

    work.refresh_from_db()
    assert (work.restarts, len(sent_tasks)) == (2, 1)
    assert not list(processes_marked(mark_of(work.KIND, work.pk, 1)))


def test_a_release_never_fails_the_work(settings: Any) -> None:
    settings.MAX_RESTARTS = 0
    work = make_work()
    note_shutdown()
    assert supervise(type(work), work.pk, foreground=True) == "pending"


def test_celery_tells_of_its_shutdown() -> None:
    from celery.signals import worker_shutting_down

    worker_shutting_down.send(sender="worker", sig="SIGTERM", how="Warm", exitcode=0)
    assert shutting_down.is_set()
