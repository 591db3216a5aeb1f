"""The runner's side of the lease: a thread renews it, and the process exits when it is lost."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error, connection

from .lease import Beat, beat
from .models import LeasedWork

logger = logging.getLogger(__name__)

EXIT_LEASE_LOST = 75


class LeaseKeeper:
    """Writes heartbeats for one lease until `leave`. Sets `cancel_event` when a cancel is requested.

    If no heartbeat could be written for three quarters of the lease, the process exits with code 75, so that it is
    gone before another runner may claim the work. A second thread checks this, because a heartbeat may hang in the
    database. The process also exits at once if the row shows that the lease belongs to another epoch.
    """

    def __init__(self, model: type[LeasedWork], pk: object, epoch: int) -> None:
        self.model, self.pk, self.epoch = model, pk, epoch
        self.cancel_event = threading.Event()
        self._left = threading.Event()
        self._last_success = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name="lease-keeper", daemon=True)
        self._watchdog = threading.Thread(target=self._watch, name="lease-watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._last_success = time.monotonic()
        self._thread.start()
        self._watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Stop the heartbeats. Call it before the terminal commit if more must be done after that commit: a heartbeat
        that finds the work ended would end the process in between.
        """
        self._left.set()
        self._thread.join(timeout=settings.LEASE_SECONDS)

    def _keep(self) -> None:
        while not self._left.wait(settings.HEARTBEAT_SECONDS):
            answer = self._beat()
            if answer is None:
                continue
            if not answer.held:
                end_process("the lease belongs to another runner, or the work has ended")
            self._last_success = time.monotonic()
            if answer.cancel_requested:
                self.cancel_event.set()
        connection.close()  # Django's connections belong to their thread

    def _watch(self) -> None:
        # Monotonic, like the reconciler's clock: neither side depends on a system clock that may be set.
        while not self._left.wait(settings.HEARTBEAT_SECONDS):
            if time.monotonic() - self._last_success > 0.75 * settings.LEASE_SECONDS:
                end_process("no heartbeat could be written")

    def _beat(self) -> Beat | None:
        """Write one heartbeat; None if the database did not answer."""
        try:
            return beat(self.model, self.pk, self.epoch)
        except Error as error:
            logger.warning("heartbeat failed: %s", error)
            connection.close()
            return None


def end_process(why: str) -> None:
    """Exit at once without changing any row: the next epoch takes over.

    `os._exit`, because `sys.exit` would only end the calling thread, and Ray's exit hooks may hang.
    """
    logger.error("the runner exits: %s", why)
    sys.stderr.flush()
    os._exit(EXIT_LEASE_LOST)


def end_with_parent() -> None:
    """Exit when standard input closes. The kernel closes this pipe when the supervisor dies, even by SIGKILL."""

    def watch() -> None:
        sys.stdin.buffer.read()
        end_process("the supervisor is gone")

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
