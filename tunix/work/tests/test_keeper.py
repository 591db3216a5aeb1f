"""The thread that keeps a lease, with answers of the database as the test gives them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from tunix.work import keeper
from tunix.work.keeper import LeaseKeeper
from tunix.work.lease import Beat
from tunix.work.tests.factories import make_work
from tunix.work.tests.installation import wait_until

pytestmark = pytest.mark.django_db
HELD = Beat(held=True, cancel_requested=False)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """Why the process would have ended itself."""
    settings.HEARTBEAT_SECONDS, settings.LEASE_SECONDS = 0.01, 0.2
    causes: list[str] = []
    monkeypatch.setattr(keeper, "end_process", causes.append)
    return causes


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterable[Beat | Exception]], None]:
    """Lets the beats be answered so, and as the last one from then on."""

    def answers(given: Iterable[Beat | Exception]) -> None:
        left = list(given)

        def beat(*args: object) -> Beat:
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(keeper, "beat", beat)

    return answers


def keep() -> LeaseKeeper:
    work = make_work("running")
    return LeaseKeeper(type(work), work.pk, 1)


def test_cancel_reaches_the_work(ended: list[str], answers: Any) -> None:
    answers([HELD, Beat(held=True, cancel_requested=True)])
    with keep() as kept:
        assert kept.cancel_event.wait(timeout=5)


def test_lost_lease_ends_the_process(ended: list[str], answers: Any) -> None:
    answers([HELD, Beat(held=False, cancel_requested=False)])
    with keep():
        wait_until(lambda: ended, timeout=5)
    assert "belongs to another runner" in ended[0]


@pytest.mark.parametrize("error", [OperationalError("locked"), InterfaceError("connection is closed")])
def test_database_that_stays_away_ends_the_process(ended: list[str], answers: Any, error: Exception) -> None:
    answers([HELD, error])
    with keep():
        wait_until(lambda: ended, timeout=5)
    assert ended[0] == "no heartbeat could be written"


def test_database_that_comes_back_in_time_changes_nothing(ended: list[str], answers: Any, settings: Any) -> None:
    settings.LEASE_SECONDS = 600  # "in time" on a machine of any speed; the cancel shows that the database came back
    answers([OperationalError("locked"), OperationalError("locked"), Beat(held=True, cancel_requested=True)])
    with keep() as kept:
        assert kept.cancel_event.wait(timeout=60)
    assert ended == []


def test_work_that_ends_after_the_keeper_has_left_does_not_end_the_process(ended: list[str], answers: Any) -> None:
    answers([HELD])
    with keep() as kept:
        kept.leave()
        answers([Beat(held=False, cancel_requested=False)])
        time.sleep(0.05)
    assert ended == []


def test_a_beat_that_is_stuck_in_the_database_ends_the_process(
    ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(keeper, "beat", lambda *args: released.wait(5) and HELD)
    with keep():
        wait_until(lambda: ended, timeout=5)
        released.set()
    assert ended[0] == "no heartbeat could be written"
