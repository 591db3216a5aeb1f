"""Sends messages to workers within a second, whatever the broker does.

A broker that is down refuses at once. One that hangs accepts the connection and never answers: then every step of a
publish waits for a socket timeout, and a client that retries waits several times over. So a message is sent on a thread
of its own, its sender waits WAIT_SECONDS at most, and after a failure no one waits for a while.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.pools import producers

WAIT_SECONDS = 1.0
"""How long a sender waits for the broker's answer, which takes milliseconds."""

PAUSE_SECONDS = 10.0
"""After a failure, how long no message is sent. Then one sender tries."""

TRANSPORT_OPTIONS: dict[str, Any] = {
    # For each read and write. Consumers need longer ones, because they wait for messages: see tunix.settings.
    "socket_timeout": WAIT_SECONDS,
    "socket_connect_timeout": WAIT_SECONDS,
    # Each repetition would wait for the timeout again. The reconciler repeats, without a request that waits.
    "retry_on_timeout": False,
    "max_retries": 0,
}


class NotPublished(Exception):
    """The broker did not take the message in time. It may still arrive."""


class Breaker:
    """Remembers that the broker failed, so that the next senders do not wait for it as well."""

    def __init__(self, pause: float = PAUSE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause, self._clock = pause, clock
        self._lock = threading.Lock()
        self._retry_at: float | None = None

    def admits(self) -> bool:
        """Whether a message may be sent: always after a success; after a failure, one for each pause."""
        with self._lock:
            if self._retry_at is None:
                return True
            if self._clock() < self._retry_at:
                return False
            self._retry_at = self._clock() + self._pause
            return True

    def note(self, *, answered: bool) -> None:
        """Record how an attempt ended."""
        with self._lock:
            self._retry_at = None if answered else self._clock() + self._pause


breaker = Breaker()
_threads: list[ThreadPoolExecutor] = []
_starting = threading.Lock()


def publish(task: str, *arguments: object) -> None:
    """Send a message. Raises NotPublished after WAIT_SECONDS at the latest."""
    if not breaker.admits():
        raise NotPublished("the broker does not answer")
    try:
        sending = _thread().submit(_send, task, arguments)
        sending.result(timeout=WAIT_SECONDS)
    except NotInTime:
        sending.cancel()  # if it still waits behind another one
        breaker.note(answered=False)
        raise NotPublished(f"the broker has not answered within {WAIT_SECONDS:g} s") from None
    except Exception as error:  # transports raise many types
        raise NotPublished(str(error)) from error


def _send(task: str, arguments: tuple[object, ...]) -> None:
    # Noted here: of an attempt that no one waits for any more, too, so that a slow broker is tried again at once.
    try:
        connection = current_app.connection_for_write(transport_options=TRANSPORT_OPTIONS if settings.REDIS_URL else {})
        with producers[connection].acquire(block=True, timeout=WAIT_SECONDS) as producer:
            current_app.send_task(task, args=list(arguments), producer=producer)
    except BaseException:
        breaker.note(answered=False)
        raise
    breaker.note(answered=True)


def _thread() -> ThreadPoolExecutor:
    """One thread for all senders of this process. The breaker keeps them from queueing up behind one that waits."""
    with _starting:
        if not _threads:
            _threads.append(ThreadPoolExecutor(max_workers=1, thread_name_prefix="publisher"))
        return _threads[0]


# A process that is forked off has none of the threads of its parent.
os.register_at_fork(after_in_child=_threads.clear)
