"""The second look: sends wake-ups that were lost and takes over work whose runner is gone.

Safe in many copies: whatever it does is a conditional UPDATE. It trusts no clock but its own monotonic one.
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
from .orphans import end_leftovers

logger = logging.getLogger(__name__)


MAX_REDISPATCH_SECONDS = 900
"""Work that waits for days because all workers are busy must not fill the broker with wake-ups."""

Key = tuple[object, ...]


class Reconciler:
    """Keeps, between turns, when each heartbeat last moved, and since when it knows what waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Key, tuple[int, float]] = {}
        self._waits: dict[Key, tuple[float, float]] = {}  # (since when, for how long before the next wake-up)

    def turn(self) -> dict[str, int]:
        """Look at every kind of work once. Returns how many rows were sent again and taken over."""
        done = {"dispatched": 0, "taken_over": 0}
        alive: set[Key] = set()
        waiting: set[Key] = set()
        for model in kinds_of_work():
            for work in model.ready():
                waiting.add((model.KIND, work.pk, work.queued_at))
                done["dispatched"] += self._send_again(work)
            self._put_files_right(model)
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
        """Whether the heartbeat stood still for a lease time; sooner where somebody waits for its cancel."""
        now = self._clock()
        last = self._seen.get(key)
        if last is None or last[0] != work.heartbeat:
            self._seen[key] = (work.heartbeat, now)
            return False
        patience = settings.LEASE_SECONDS
        if work.cancel_requested_at is not None:
            patience = min(patience, settings.CANCEL_GRACE_SECONDS)
        return now - last[1] >= patience

    def _send_again(self, work: LeasedWork) -> bool:
        """Waiting work whose wake-up was not sent, or was sent and led to nothing.

        What it has known for a while is judged by its own clock, and asked for less and less often.
        """
        now, key = self._clock(), (work.KIND, work.pk, work.queued_at)
        since, pause = self._waits.setdefault(key, (now, settings.REDISPATCH_SECONDS))
        if now == since and not _waits_for_long(work):
            return False
        if now != since and now - since < pause:
            return False
        self._waits[key] = (now, min(2 * pause, MAX_REDISPATCH_SECONDS))
        return dispatch(work)

    def _put_files_right(self, model: type[LeasedWork]) -> None:
        try:
            model.put_files_right()
        except OSError as error:  # a full disk must not keep lost work waiting
            logger.warning("%s: files cannot be put right: %s", model.KIND, error)

    def _take_over(self, work: LeasedWork) -> int:
        end_leftovers(work.KIND, work.pk, work.epoch)
        try:
            status = take_back(work, work.epoch, "Its heartbeat stopped")
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # a bug in one kind of work must not keep the others waiting
            logger.exception("%s %s cannot be taken over", work.KIND, work.pk)
            return 0
        if status == work.WAITING and type(work).ready().filter(pk=work.pk).exists():
            dispatch(work)
        return int(status is not None)


def _waits_for_long(work: LeasedWork) -> bool:
    """By the clock on the wall, which is all that a reconciler has to go by when it sees a row for the first time."""
    sent = work.dispatched_at or work.queued_at
    return sent is not None and timezone.now() - sent > timedelta(seconds=settings.REDISPATCH_SECONDS)
