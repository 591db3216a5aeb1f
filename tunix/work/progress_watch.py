"""Detects work without progress. A heartbeat shows that a process is alive, not that it is working."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings

from .models import LeasedWork

CHECKS = 20
"""How often progress is checked within STALL_SECONDS."""


class ProgressWatch:
    """Measures by a monotonic clock how long the progress mark of one piece of work has not changed."""

    def __init__(self, work: LeasedWork, clock: Callable[[], float] = time.monotonic) -> None:
        self._work, self._clock = work, clock
        self._since = self._checked = clock()
        self._progress: object = None

    def is_stalled(self) -> bool:
        """Whether there was no progress for STALL_SECONDS. Most calls read nothing, because this is called often."""
        now = self._clock()
        if now - self._checked < settings.STALL_SECONDS / CHECKS:
            return False
        self._checked = now
        progress = self._work.progress_mark()
        if progress != self._progress:
            self._progress, self._since = progress, now
        return now - self._since >= settings.STALL_SECONDS
