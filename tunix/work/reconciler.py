"""Sends lost wake-ups again and takes over work whose runner is gone.

Several reconcilers may run at once, because every change is a conditional UPDATE. They use no clock but their own
monotonic one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from .dispatch import dispatch
from .lease import take_back
from .log_context import ids_of, log_context
from .models import LeasedWork, kinds_of_work
from .orphans import end_orphans

logger = logging.getLogger(__name__)


MAX_REDISPATCH_SECONDS = 900
"""Limits the wake-ups of work that waits for days because all workers are busy: they would fill the broker."""

Key = tuple[object, ...]


class Reconciler:
    """Remembers between cycles when each heartbeat last changed, and since when each piece of work waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Key, tuple[int, float]] = {}
        self._waits: dict[Key, tuple[float, float]] = {}  # (last wake-up or first sight, seconds until the next one)

    def run_once(self) -> dict[str, int]:
        """Check all work once. Returns how many wake-ups were sent and how much work was taken over."""
        done = {"dispatched": 0, "taken_over": 0}
        alive: set[Key] = set()
        waiting: set[Key] = set()
        for model in kinds_of_work():
            for work in model.ready():
                waiting.add((model.KIND, work.pk, work.queued_at))
                done["dispatched"] += self._send_again(work)
            self._repair_files(model)
            for work in model.leased().filter(status="running"):
                key = (model.KIND, str(work.pk), work.epoch)
                alive.add(key)
                if self._is_lost(key, work):
                    with log_context(**ids_of(work.KIND, work.pk), epoch=work.epoch):
                        done["taken_over"] += self._take_over(work)
        self._seen = {key: seen for key, seen in self._seen.items() if key in alive}
        self._waits = {key: wait for key, wait in self._waits.items() if key in waiting}
        return done

    def _is_lost(self, key: Key, work: LeasedWork) -> bool:
        """Whether the heartbeat has not changed for LEASE_SECONDS, or for the shorter grace period after a cancel."""
        now = self._clock()
        last = self._seen.get(key)
        if last is None or last[0] != work.heartbeat:
            # Also on first sight: a reconciler that has just started knows nothing about how old a heartbeat is.
            self._seen[key] = (work.heartbeat, now)
            return False
        limit = settings.LEASE_SECONDS
        if work.cancel_requested_at is not None:
            limit = min(limit, settings.CANCEL_GRACE_SECONDS)
        return now - last[1] >= limit

    def _send_again(self, work: LeasedWork) -> bool:
        """Send the wake-up of waiting work again if it was never sent, or had no effect.

        Measured by this process's own clock, with growing intervals. On first sight it can only compare the time of
        the last wake-up with the system clock.
        """
        now, key = self._clock(), (work.KIND, work.pk, work.queued_at)
        since, pause = self._waits.setdefault(key, (now, settings.REDISPATCH_SECONDS))
        if now == since:
            sent = work.dispatched_at or work.queued_at
            if sent is None or timezone.now() - sent <= timedelta(seconds=settings.REDISPATCH_SECONDS):
                return False
        elif now - since < pause:
            return False
        self._waits[key] = (now, min(2 * pause, MAX_REDISPATCH_SECONDS))
        return dispatch(work)

    def _repair_files(self, model: type[LeasedWork]) -> None:
        try:
            model.repair_files()
        except OSError as error:  # a full disk must not stop the recovery of lost work
            logger.warning("%s: files cannot be repaired: %s", model.KIND, error)

    def _take_over(self, work: LeasedWork) -> int:
        # First, so that processes of the old epoch no longer use the machine when the next one starts.
        end_orphans(work.KIND, work.pk, work.epoch)
        try:
            status = take_back(work, work.epoch, "Its heartbeat stopped")
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # a bug in one kind of work must not stop the recovery of others
            logger.exception("%s %s cannot be taken over", work.KIND, work.pk)
            return 0
        if status == work.WAITING and type(work).ready().filter(pk=work.pk).exists():
            dispatch(work)
        return int(status is not None)
