"""Watching a real child process, which here is a shell instead of a runner."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from tunix.work import supervisor
from tunix.work.lease import finish
from tunix.work.models import LeasedWork
from tunix.work.orphans import MARK, mark_of, processes_marked
from tunix.work.supervisor import supervise
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the runner be a shell command."""
    monkeypatch.setattr(supervisor, "POLL_SECONDS", 0.05)

    def runs(command: str) -> None:
        def start(work: LeasedWork, epoch: int) -> subprocess.Popen[bytes]:
            env = os.environ | {MARK: mark_of(work.KIND, work.pk, epoch)}
            return subprocess.Popen(["/bin/sh", "-c", command], env=env, start_new_session=True)

        monkeypatch.setattr(supervisor, "start_runner", start)

    return runs


def test_work_that_is_not_waiting_is_left_alone() -> None:
    work = make_work("completed")
    assert supervise(type(work), work.pk) is None


def test_state_that_the_runner_wrote_stands(runs: Callable[[str], None]) -> None:
    runs("sleep 0.3")
    work = make_work()
    status = supervise(type(work), work.pk, lambda: finish(type(work), work.pk, 1, "completed"))
    assert status == "completed"


def test_crash_puts_the_work_back_and_wakes_a_worker(runs: Callable[[str], None], sent_tasks: list[Any]) -> None:
    runs("exit 3")
    work = make_work()
    assert supervise(type(work), work.pk) == "pending"
    assert len(sent_tasks) == 1


def test_crash_in_the_foreground_wakes_nobody(runs: Callable[[str], None], sent_tasks: list[Any]) -> None:
    runs("exit 3")
    work = make_work()
    supervise(type(work), work.pk, foreground=True)
    assert sent_tasks == []


def test_crash_at_every_start_fails_with_the_cause(runs: Callable[[str], None]) -> None:
    runs("kill -9 $$")
    work = make_work()
    while supervise(type(work), work.pk, foreground=True) == "pending":
        pass
    work.refresh_from_db()
    assert (work.status, work.epoch) == ("failed", 4)
    assert "signal SIGKILL" in work.error


def test_runner_that_does_not_stop_is_killed_with_all_it_started(runs: Callable[[str], None], settings: Any) -> None:
    settings.CANCEL_GRACE_SECONDS = 0.2
    runs("sleep 61 & setsid sleep 62 & trap '' TERM INT; sleep 63")
    work = make_work(cancel_requested_at=timezone.now())
    started = time.monotonic()
    assert supervise(type(work), work.pk) == "canceled"
    assert time.monotonic() - started < 60
    assert not list(processes_marked(mark_of(work.KIND, work.pk, 1)))


def test_database_that_is_away_does_not_end_the_runner(
    runs: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*args: object) -> bool:
        raise OperationalError("locked")

    runs("sleep 0.3; exit 3")
    work = make_work()
    monkeypatch.setattr(supervisor, "connection", type("Closed", (), {"close": lambda self: None})())
    monkeypatch.setattr("django.db.models.query.QuerySet.exists", look)
    supervise(type(work), work.pk, foreground=True)
    monkeypatch.undo()
    work.refresh_from_db()
    assert (work.status, work.restarts) == ("pending", 1)


def test_interrupted_supervisor_leaves_nothing_running(runs: Callable[[str], None]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    runs("sleep 60")
    work = make_work()
    with pytest.raises(KeyboardInterrupt):
        supervise(type(work), work.pk, interrupt)
    work.refresh_from_db()
    assert work.status == "pending"
    assert not list(processes_marked(mark_of(work.KIND, work.pk, 1)))


def test_database_that_is_away_while_progress_is_shown_does_not_end_the_runner(
    runs: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def show() -> None:
        raise OperationalError("locked")

    runs("sleep 0.3; exit 3")
    work = make_work()
    monkeypatch.setattr(supervisor, "connection", type("Closed", (), {"close": lambda self: None})())
    assert supervise(type(work), work.pk, show, foreground=True) == "pending"


def test_runner_that_cannot_be_started_fails_the_work_with_the_cause(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def start(work: LeasedWork, epoch: int) -> None:
        raise OSError(28, "No space left on device")

    settings.MAX_RESTARTS = 0
    monkeypatch.setattr(supervisor, "start_runner", start)
    work = make_work()
    assert supervise(type(work), work.pk) == "failed"
    work.refresh_from_db()
    assert "No space left on device" in work.error
