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
from django.db.models import Q
from django.utils import timezone

from .dispatch import dispatch
from .lease import take_back
from .leftovers import end_leftovers
from .log_context import ids_of, log_context
from .models import LeasedWork, kinds_of_work

logger = logging.getLogger(__name__)


class Reconciler:
    """Keeps, between turns, when it last saw each running row's heartbeat move."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str, int], tuple[int, float]] = {}

    def turn(self) -> dict[str, int]:
        """Look at every kind of work once. Returns how many rows were sent again and taken over."""
        done = {"dispatched": 0, "taken_over": 0}
        alive: set[tuple[str, str, int]] = set()
        for model in kinds_of_work():
            done["dispatched"] += self._send_again(model)
            self._put_files_right(model)
            for work in model.leased().filter(status="running"):
                key = (model.KIND, str(work.pk), work.epoch)
                alive.add(key)
                if self._is_lost(key, work.heartbeat):
                    with log_context(**ids_of(work.KIND, work.pk), epoch=work.epoch):
                        done["taken_over"] += self._take_over(work)
        self._seen = {key: seen for key, seen in self._seen.items() if key in alive}
        return done

    def _is_lost(self, key: tuple[str, str, int], heartbeat: int) -> bool:
        now = self._clock()
        last = self._seen.get(key)
        if last is None or last[0] != heartbeat:
            self._seen[key] = (heartbeat, now)
            return False
        return now - last[1] >= settings.LEASE_SECONDS

    def _send_again(self, model: type[LeasedWork]) -> int:
        """Queued rows whose wake-up was not sent, or was sent and led to nothing."""
        before = timezone.now() - timedelta(seconds=settings.REDISPATCH_SECONDS)
        late = Q(dispatched_at__lt=before) | Q(dispatched_at=None, queued_at__lt=before)
        return sum(dispatch(work) for work in model.leased().filter(late, status=model.WAITING))

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
        if status == work.WAITING:
            dispatch(work)
        return int(status is not None)
