"""The runner's side of the lease: a thread that keeps it, and ends the process when it is lost."""

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
    """Beats for one lease until left; sets `cancel_event` when somebody asked the work to stop.

    Without a successful beat for three quarters of the lease the process ends itself (exit 75), so that it is gone
    before anybody else may claim the work. A second thread sees to that, since a beat may be stuck in the database.
    The same happens at once when the row says that the lease is not ours.
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
        """Stop beating. To be called before the terminal commit where something has to follow it: a beat that finds
        the work ended would end the process in between.
        """
        self._left.set()
        self._thread.join(timeout=settings.LEASE_SECONDS)

    def _keep(self) -> None:
        while not self._left.wait(settings.HEARTBEAT_SECONDS):
            answer = self._beat()
            if answer is None:
                continue
            if not answer.held:
                end_process("the lease is held by somebody else, or the work has ended")
            self._last_success = time.monotonic()
            if answer.cancel_requested:
                self.cancel_event.set()
        connection.close()

    def _watch(self) -> None:
        while not self._left.wait(settings.HEARTBEAT_SECONDS):
            if time.monotonic() - self._last_success > 0.75 * settings.LEASE_SECONDS:
                end_process("no heartbeat could be written")

    def _beat(self) -> Beat | None:
        """One heartbeat; None when the database did not answer."""
        try:
            return beat(self.model, self.pk, self.epoch)
        except Error as error:
            logger.warning("heartbeat failed: %s", error)
            connection.close()
            return None


def end_process(why: str) -> None:
    """End this process at once, without touching any row: the next epoch takes over."""
    logger.error("runner ends itself: %s", why)
    sys.stderr.flush()
    os._exit(EXIT_LEASE_LOST)


def end_with_parent() -> None:
    """End this process when its standard input closes, which happens when the supervisor is gone."""

    def watch() -> None:
        sys.stdin.buffer.read()
        end_process("the supervisor is gone")

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
