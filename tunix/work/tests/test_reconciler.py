"""The reconciler, with a clock that the test advances."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tunix.work import reconciler as module
from tunix.work.reconciler import Reconciler
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db
Sent = list[tuple[str, list[str]]]


class Clock:
    """Monotonic seconds, as the test says."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_silence_of_a_lease_time_is_a_loss(clock: Clock, settings: Any) -> None:
    work, reconciler = make_work("running"), Reconciler(clock)
    reconciler.run_once()
    clock.now += settings.LEASE_SECONDS
    assert reconciler.run_once()["taken_over"] == 1
    work.refresh_from_db()
    assert (work.status, work.restarts) == ("pending", 1)


def test_work_taken_over_is_sent_at_once(clock: Clock, settings: Any, sent_tasks: Sent) -> None:
    work, reconciler = make_work("running"), Reconciler(clock)
    reconciler.run_once()
    clock.now += settings.LEASE_SECONDS
    reconciler.run_once()
    assert sent_tasks == [("tunix.runs.run_training", [str(work.pk)])]


def test_first_look_never_takes_over(clock: Clock) -> None:
    make_work("running", heartbeat_at=timezone.now() - timedelta(days=1))
    assert Reconciler(clock).run_once()["taken_over"] == 0


def test_moving_heartbeat_keeps_the_lease(clock: Clock, settings: Any) -> None:
    work, reconciler = make_work("running"), Reconciler(clock)
    for heartbeat in range(4):
        type(work).leased().update(heartbeat=heartbeat)
        assert reconciler.run_once()["taken_over"] == 0
        clock.now += settings.LEASE_SECONDS - 1


def test_new_epoch_starts_the_count_anew(clock: Clock, settings: Any) -> None:
    work, reconciler = make_work("running"), Reconciler(clock)
    reconciler.run_once()
    type(work).leased().update(epoch=2)
    clock.now += settings.LEASE_SECONDS
    assert reconciler.run_once()["taken_over"] == 0


def test_wall_clock_that_jumps_takes_nothing_over(clock: Clock) -> None:
    work, reconciler = make_work("running"), Reconciler(clock)
    reconciler.run_once()
    type(work).leased().update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert reconciler.run_once()["taken_over"] == 0


def test_lost_work_that_was_to_stop_ends_canceled(clock: Clock, settings: Any, sent_tasks: Sent) -> None:
    work, reconciler = make_work("running", cancel_requested_at=timezone.now()), Reconciler(clock)
    reconciler.run_once()
    clock.now += settings.LEASE_SECONDS
    reconciler.run_once()
    work.refresh_from_db()
    assert (work.status, sent_tasks) == ("canceled", [])


@pytest.mark.parametrize("column", ["queued_at", "dispatched_at"])
def test_old_wait_is_sent_again(column: str, settings: Any) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.REDISPATCH_SECONDS + 1)
    make_work(**{column: long_ago})
    assert Reconciler().run_once()["dispatched"] == 1


def test_fresh_wait_is_left_to_its_own_wake_up() -> None:
    make_work()
    assert Reconciler().run_once()["dispatched"] == 0


@pytest.mark.parametrize("bug", [RuntimeError("a bug"), IntegrityError("a row that breaks a rule")])
def test_work_that_cannot_be_taken_over_does_not_stop_the_others(
    bug: Exception, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good, reconciler = make_work("running"), make_work("running"), Reconciler(clock)

    def on_lost(self: Any, epoch: int, cause: str) -> None:
        if self.pk == bad.pk:
            raise bug

    monkeypatch.setattr(type(bad), "on_lost", on_lost)
    reconciler.run_once()
    clock.now += settings.LEASE_SECONDS
    assert reconciler.run_once()["taken_over"] == 1
    good.refresh_from_db()
    assert good.status == "pending"


def test_a_runner_that_is_silent_after_a_cancel_is_given_less_time(clock: Clock, settings: Any) -> None:
    work, reconciler = make_work("running", cancel_requested_at=timezone.now()), Reconciler(clock)
    reconciler.run_once()
    clock.now += settings.CANCEL_GRACE_SECONDS
    reconciler.run_once()
    work.refresh_from_db()
    assert work.status == "canceled"


def test_what_waits_for_long_is_asked_for_less_and_less_often(clock: Clock, settings: Any) -> None:
    make_work(dispatched_at=timezone.now(), queued_at=timezone.now())
    reconciler, sent = Reconciler(clock), []
    for second in range(0, 1000, 10):
        clock.now = 1000.0 + second
        if reconciler.run_once()["dispatched"]:
            sent.append(second)
    assert sent == [60, 180, 420, 900]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wrong_clock_delays_no_wake_up(clock: Clock, settings: Any, hours: int) -> None:
    wrong = timezone.now() + timedelta(hours=hours)
    make_work(dispatched_at=wrong, queued_at=wrong)
    reconciler = Reconciler(clock)
    first = reconciler.run_once()["dispatched"]
    clock.now += settings.REDISPATCH_SECONDS
    assert first + reconciler.run_once()["dispatched"] == 1


def waiting_for_long(settings: Any, number: int) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.REDISPATCH_SECONDS + 1)
    for _ in range(number):
        make_work(queued_at=long_ago)


def test_leases_are_checked_before_anything_is_sent(
    clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_for_long(settings, 1)
    work, reconciler = make_work("running"), Reconciler(clock)
    states: list[str] = []
    monkeypatch.setattr(module, "dispatch", lambda sent: states.append(type(work).leased().get(pk=work.pk).status))
    reconciler.run_once()
    clock.now += settings.LEASE_SECONDS
    reconciler.run_once()
    assert states == ["running", "pending"]


def test_a_broker_that_refuses_is_asked_once_a_turn(
    clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_for_long(settings, 4)
    asked: list[object] = []
    monkeypatch.setattr(module, "dispatch", lambda work: asked.append(work))
    reconciler = Reconciler(clock)
    assert (reconciler.run_once()["dispatched"], len(asked)) == (0, 1)


def test_what_a_broker_refused_is_sent_at_the_next_turn(
    clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch, sent_tasks: Sent
) -> None:
    waiting_for_long(settings, 4)
    reconciler = Reconciler(clock)
    with monkeypatch.context() as patched:
        patched.setattr(module, "dispatch", lambda work: False)
        reconciler.run_once()
    assert (reconciler.run_once()["dispatched"], len(sent_tasks)) == (4, 4)


def test_a_slow_broker_takes_a_limited_part_of_a_turn(
    clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dispatch_slowly(work: Any) -> bool:
        clock.now += module.PUBLISHING_SECONDS / 2
        return True

    waiting_for_long(settings, 4)
    monkeypatch.setattr(module, "dispatch", dispatch_slowly)
    assert Reconciler(clock).run_once()["dispatched"] == 2
