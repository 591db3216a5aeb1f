"""Messages are sent in a bounded time, whatever the broker does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tunix.work import publishing
from tunix.work.publishing import Breaker, NotPublished, publish
from tunix.work.tests.hanging_broker import hanging_broker


@pytest.fixture
def sent_tasks() -> None:
    """Messages are sent for real here."""


@pytest.fixture
def broker_that_hangs(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(publishing, "breaker", Breaker())
    with hanging_broker() as url:
        settings.REDIS_URL = url
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", url)  # Celery read its settings long ago
        yield


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def seconds_of_refusal() -> float:
    started = time.monotonic()
    with pytest.raises(NotPublished):
        publish("tuning.run_tuning_job", "7")
    return time.monotonic() - started


def test_a_broker_that_hangs_holds_its_sender_for_a_second(broker_that_hangs: None) -> None:
    assert seconds_of_refusal() < 5  # one second, unless the machine is busy


def test_after_a_failure_nobody_waits(broker_that_hangs: None) -> None:
    seconds_of_refusal()
    assert seconds_of_refusal() < 0.8


def test_one_sender_tries_after_each_pause() -> None:
    clock = Clock()
    breaker = Breaker(10, clock)
    breaker.note(answered=False)
    assert not breaker.admits()
    clock.now += 10
    assert (breaker.admits(), breaker.admits()) == (True, False)


def test_an_answer_lets_all_senders_through() -> None:
    breaker = Breaker(10, Clock())
    breaker.note(answered=False)
    breaker.note(answered=True)
    assert breaker.admits()
    assert breaker.admits()


def test_a_failure_is_no_longer_remembered_once_the_broker_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message whose sender no longer waits may still arrive."""
    answers = iter([ConnectionError("no broker"), None])

    def send(*arguments: object, **options: object) -> None:
        if error := next(answers):
            raise error

    clock = Clock()
    monkeypatch.setattr(publishing, "breaker", Breaker(10, clock))
    monkeypatch.setattr("celery.app.base.Celery.send_task", send)
    seconds_of_refusal()
    clock.now += 10
    publish("tuning.run_tuning_job", "7")
    assert publishing.breaker.admits()
