"""A worker with a free thread finds waiting work in the database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery import current_app
from celery.concurrency.prefork import TaskPool as ProcessPool
from celery.concurrency.thread import TaskPool
from celery.worker import state
from django.db import OperationalError
from django.utils import timezone

from tunix.work import worker_look
from tunix.work.tests.factories import make_work
from tunix.work.worker_look import LookForWork, WaitingWork

pytestmark = pytest.mark.django_db


class Pool:
    """Keeps what it was given, to be done when the test says so."""

    def __init__(self) -> None:
        self.given: list[tuple[Callable[..., None], Any]] = []

    def apply_async(self, target: Callable[..., None], args: tuple[Any, ...], callback: Any) -> None:
        self.given.append((target, args[0]))

    def ids(self) -> list[Any]:
        return [work.pk for _, work in self.given]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(state, "reserved_requests", set())
    return SimpleNamespace(pool_cls=TaskPool, pool=Pool(), concurrency=2, hostname="worker@host")


@pytest.fixture
def look(worker: Any) -> LookForWork:
    return LookForWork(worker)


def test_work_is_found_at_the_second_look() -> None:
    """Between two looks its message has time to arrive."""
    work, waiting = make_work(), WaitingWork()
    assert waiting.look() == []
    assert waiting.look() == [work]


def test_claimed_work_is_not_found() -> None:
    work, waiting = make_work(), WaitingWork()
    waiting.look()
    type(work).leased().update(status="running")
    assert waiting.look() == []


def test_each_idle_thread_gets_one_piece_of_work_the_oldest_first(look: LookForWork, worker: Any) -> None:
    now = timezone.now()
    made = [make_work(queued_at=now - timedelta(seconds=age)) for age in (1, 3, 2)]
    for _ in range(3):
        look.look_once(worker)
    assert worker.pool.ids() == [made[1].pk, made[2].pk]


def test_a_busy_worker_takes_nothing(look: LookForWork, worker: Any) -> None:
    make_work()
    state.reserved_requests.update({1, 2})
    look.look_once(worker)
    look.look_once(worker)
    assert worker.pool.given == []


def test_found_work_is_done_as_its_message_would_have_it_done(
    look: LookForWork, worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, done = make_work(), []
    monkeypatch.setitem(current_app.tasks, work.TASK, SimpleNamespace(run=done.append))
    monkeypatch.setattr(worker_look.connection, "close", lambda: None)
    look.look_once(worker)
    look.look_once(worker)
    target, found = worker.pool.given[0]
    target(found)
    assert done == [str(work.pk)]


def test_the_thread_survives_a_database_that_is_away(
    look: LookForWork, worker: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def fail(self: LookForWork, worker: Any) -> None:
        looks.append(None)
        if len(looks) == 3:
            look.stop(worker)
        raise OperationalError("away")

    settings.WORKER_LOOK_SECONDS = 0.01
    monkeypatch.setattr(LookForWork, "look_once", fail)
    monkeypatch.setattr(worker_look, "record_worker", lambda name, threads: None)
    thread = threading.Thread(target=look._keep_looking, args=(worker,))
    thread.start()
    thread.join(10)
    assert len(looks) == 3


def test_a_worker_records_that_it_is_alive(look: LookForWork, worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[tuple[str, int]] = []
    monkeypatch.setattr(worker_look, "record_worker", lambda name, threads: beats.append((name, threads)))
    monkeypatch.setattr(worker_look.connection, "close", lambda: None)
    monkeypatch.setattr(LookForWork, "look_once", lambda self, worker: self.stop(worker))
    look._keep_looking(worker)
    assert beats == [("worker@host", 2)]


def test_a_pool_of_processes_has_no_threads_to_give_work_to(worker: Any) -> None:
    worker.pool_cls = ProcessPool
    assert not LookForWork(worker).enabled


def test_every_worker_looks() -> None:
    assert "tunix.work.worker_look:LookForWork" in current_app.steps["worker"]
