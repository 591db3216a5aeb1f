"""Takes over work whose runner is gone, and sends lost wake-ups again.

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

PUBLISHING_SECONDS = 2.0
"""How much of one turn is spent on wake-ups."""

Key = tuple[object, ...]
Name = tuple[str, object]


class Reconciler:
    """Remembers between cycles when each heartbeat last changed, and since when each piece of work waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Key, tuple[int, float]] = {}
        self._waits: dict[Key, tuple[float, float]] = {}  # (last wake-up or first sight, seconds until the next one)
        self._due: set[Key] = set()  # wake-ups that the broker has not taken yet

    def run_once(self) -> dict[str, int]:
        """Check all work once. Returns how many wake-ups were sent and how much work was taken over.

        Leases come first, because they need nothing but the database: a broker that hangs, or a file system, must not
        keep lost work from being taken over.
        """
        taken_over = self._check_leases()
        dispatched = self._send_wake_ups(set(taken_over))
        for model in kinds_of_work():
            self._repair_files(model)
        return {"dispatched": dispatched, "taken_over": len(taken_over)}

    def _check_leases(self) -> list[Name]:
        """Takes over all work without a heartbeat; returns which."""
        alive: set[Key] = set()
        taken_over = []
        for model in kinds_of_work():
            for work in model.leased().filter(status="running"):
                key = (model.KIND, str(work.pk), work.epoch)
                alive.add(key)
                if self._is_lost(key, work):
                    with log_context(**ids_of(work.KIND, work.pk), epoch=work.epoch):
                        if self._take_over(work):
                            taken_over.append((model.KIND, work.pk))
        self._seen = {key: seen for key, seen in self._seen.items() if key in alive}
        return taken_over

    def _send_wake_ups(self, taken_over: set[Name]) -> int:
        """Send what is due, until the broker refuses a wake-up or the time for it is used up; returns how many.

        What is left over is still due at the next turn.
        """
        sent = 0
        waiting: dict[Key, LeasedWork] = {}
        for model in kinds_of_work():
            for work in model.ready():
                key = (model.KIND, work.pk, work.queued_at)
                waiting[key] = work
                if self._is_due(key, work) or (model.KIND, work.pk) in taken_over:
                    self._due.add(key)
        self._waits = {key: wait for key, wait in self._waits.items() if key in waiting}
        self._due &= waiting.keys()
        ends_at = self._clock() + PUBLISHING_SECONDS
        for key in [key for key in waiting if key in self._due]:
            if self._clock() >= ends_at or not dispatch(waiting[key]):
                break
            sent += 1
            self._note_sent(key)
        return sent

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

    def _is_due(self, key: Key, work: LeasedWork) -> bool:
        """Whether the wake-up of waiting work was never sent, or had no effect.

        Measured by this process's own clock, with growing intervals. On first sight it can only compare the time of
        the last wake-up with the system clock. Work that was held back after a loss has never been sent.
        """
        now = self._clock()
        if key not in self._waits:
            self._waits[key] = (now, settings.REDISPATCH_SECONDS)
            sent = work.dispatched_at or work.queued_at
            if work.next_try_at is not None and work.dispatched_at is None:
                return True
            return sent is not None and timezone.now() - sent > timedelta(seconds=settings.REDISPATCH_SECONDS)
        since, pause = self._waits[key]
        return now - since >= pause

    def _note_sent(self, key: Key) -> None:
        """The next wake-up of this work is due after twice the time."""
        self._due.discard(key)
        _, pause = self._waits[key]
        self._waits[key] = (self._clock(), min(2 * pause, MAX_REDISPATCH_SECONDS))

    def _repair_files(self, model: type[LeasedWork]) -> None:
        try:
            model.repair_files()
        except OSError as error:  # a full disk must not stop the recovery of lost work
            logger.warning("%s: files cannot be repaired: %s", model.KIND, error)

    def _take_over(self, work: LeasedWork) -> bool:
        # First, so that processes of the old epoch no longer use the machine when the next one starts.
        end_orphans(work.KIND, work.pk, work.epoch)
        try:
            status = take_back(work, work.epoch, "Its heartbeat stopped")
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # a bug in one kind of work must not stop the recovery of others
            logger.exception("%s %s cannot be taken over", work.KIND, work.pk)
            return False
        return status is not None
