"""Work whose runner was lost waits before it is tried again, longer after each loss."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tunix.work.foreground import run_in_foreground
from tunix.work.lease import MAX_BACKOFF_SECONDS, claim, restart_delay, take_back
from tunix.work.models import fields_when_queued
from tunix.work.reconciler import Reconciler
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _patient(settings: Any) -> None:
    settings.RESTART_BACKOFF_SECONDS = 15.0


def make_past(work: Any) -> None:
    type(work).leased().update(next_try_at=timezone.now() - timedelta(seconds=1))


def test_delays_grow_and_add_up_to_minutes(settings: Any) -> None:
    delays = [restart_delay(restarts) for restarts in range(settings.MAX_RESTARTS)]
    assert delays == sorted(delays)
    assert 120 < sum(delays) < 600


def test_delays_differ_and_are_limited() -> None:
    """Many jobs that were lost together do not come back together."""
    delays = {restart_delay(9) for _ in range(20)}
    assert len(delays) == 20
    assert max(delays) <= MAX_BACKOFF_SECONDS


def test_lost_work_is_not_claimed_before_its_time() -> None:
    work = make_work("running")
    take_back(work, 1, "The runner could not be started: [Errno 30] Read-only file system")
    assert claim(type(work), work.pk) is None
    make_past(work)
    assert claim(type(work), work.pk) == 2


def test_a_claim_ends_the_wait() -> None:
    work = make_work(next_try_at=timezone.now() - timedelta(seconds=1))
    claim(type(work), work.pk)
    work.refresh_from_db()
    assert work.next_try_at is None


def test_work_that_a_worker_releases_is_ready_at_once() -> None:
    work = make_work("running")
    take_back(work, 1, "The worker is shutting down", counted=False)
    assert claim(type(work), work.pk) == 2


def test_work_that_a_user_queues_again_does_not_wait() -> None:
    work = make_work(next_try_at=timezone.now() + timedelta(hours=1))
    type(work).leased().update(**fields_when_queued())
    assert claim(type(work), work.pk) == 1


def test_it_is_sent_when_its_time_has_come(sent_tasks: list[Any]) -> None:
    work, reconciler = make_work("running"), Reconciler()
    take_back(work, 1, "gone")
    assert reconciler.run_once()["dispatched"] == 0
    make_past(work)
    assert (reconciler.run_once()["dispatched"], len(sent_tasks)) == (1, 1)


def test_it_says_when_the_next_try_comes() -> None:
    work = make_work("running")
    take_back(work, 1, "gone")
    work.refresh_from_db()
    assert work.is_backing_off
    assert work.next_try_at is not None
    assert work.next_try_at.isoformat(timespec="seconds") in work.waiting_note


def test_the_terminal_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    work = make_work(next_try_at=timezone.now() + timedelta(hours=1))
    tried: list[object] = []

    def supervise(model: Any, pk: object, on_poll: Any, *, foreground: bool) -> str:
        tried.append(pk)
        model.leased().update(status="completed")
        return "completed"

    def make_it_end() -> None:
        assert not tried
        make_past(work)

    monkeypatch.setattr("tunix.work.foreground.supervise", supervise)
    monkeypatch.setattr("tunix.work.foreground.POLL_SECONDS", 0.01)
    run_in_foreground(work, on_poll=make_it_end, cancel=lambda: None, say=lambda text: None)
    assert tried == [work.pk]
