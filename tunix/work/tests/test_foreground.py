"""Work at the terminal, with a supervisor that only polls."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import OperationalError

from tunix.work import foreground
from tunix.work.foreground import run_in_foreground
from tunix.work.models import LeasedWork
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def statuses(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the supervisor return these statuses in turn; it polls three times each."""

    def statuses(*ends: str | None) -> None:
        left = list(ends)

        def supervise(model: type[LeasedWork], pk: object, on_poll: Any, *, foreground: bool) -> str | None:
            for _ in range(3):
                on_poll()
            status = left.pop(0)
            if status is not None:
                model._default_manager.filter(pk=pk).update(status=status)
            return status

        monkeypatch.setattr(foreground, "supervise", supervise)

    return statuses


def watch(work: LeasedWork, **overrides: Any) -> None:
    """Runs it with nothing to show."""
    silent: dict[str, Any] = {"on_poll": lambda: None, "cancel": lambda: None, "say": lambda text: None}
    run_in_foreground(work, **silent | overrides)


def test_lost_runner_is_followed_by_the_next(statuses: Any) -> None:
    statuses("pending", "pending", "completed")
    work = make_work()
    watch(work)
    assert work.status == "completed"


def test_work_that_is_held_back_is_waited_for(statuses: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses("completed")
    held = [True, True, False]
    monkeypatch.setattr(LeasedWork, "is_held_back", property(lambda self: held.pop(0)))
    monkeypatch.setattr(foreground, "POLL_SECONDS", 0)
    polls: list[None] = []
    work = make_work()

    watch(work, on_poll=lambda: polls.append(None))

    assert (work.status, len(polls)) == ("completed", 2 + 3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_interrupt_cancels_once(statuses: Any, number: signal.Signals) -> None:
    statuses("canceled")
    canceled, said, polls = [], [], []

    def poll() -> None:
        if not polls:
            os.kill(os.getpid(), number)
        polls.append(1)

    watch(make_work(), on_poll=poll, cancel=lambda: canceled.append(1), say=said.append)
    assert canceled == [1]
    assert said == ["Canceling. Press Ctrl-C again to exit at once."]


def test_second_interrupt_leaves_at_once(statuses: Any) -> None:
    statuses("canceled")
    with pytest.raises(KeyboardInterrupt):
        watch(make_work(), on_poll=lambda: os.kill(os.getpid(), signal.SIGINT))


def test_signals_mean_afterwards_what_they_meant_before(statuses: Any) -> None:
    statuses("completed")
    before = signal.getsignal(signal.SIGINT)
    watch(make_work())
    assert signal.getsignal(signal.SIGINT) is before


def test_work_that_another_worker_claimed_is_left_alone(statuses: Any) -> None:
    statuses(None)
    said: list[str] = []
    watch(make_work(), say=said.append)
    assert said == ["Another worker has claimed it."]


def test_work_that_was_canceled_while_it_waited_is_nobody_elses(statuses: Any) -> None:
    statuses("pending", None)
    said: list[str] = []
    polls: list[int] = []
    work = make_work()

    def cancel_in_the_second_turn() -> None:
        polls.append(1)
        if len(polls) > 3:
            type(work)._default_manager.filter(pk=work.pk).update(status="canceled")

    watch(work, on_poll=cancel_in_the_second_turn, say=said.append)
    assert (work.status, said) == ("canceled", [])


def test_interrupt_is_kept_until_the_database_takes_the_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def supervise(model: type[LeasedWork], pk: object, on_poll: Any, *, foreground: bool) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(3):
            with suppress(OperationalError):
                on_poll()
        model._default_manager.filter(pk=pk).update(status="canceled")
        return "canceled"

    def cancel() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("locked")

    monkeypatch.setattr(foreground, "supervise", supervise)
    watch(make_work(), cancel=cancel)
    assert len(tries) == 2
