"""Work that holds its lease and gets nowhere: a heartbeat says that a process lives, not that it works."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings

from .models import LeasedWork

LOOKS = 20
"""So many looks within STALL_SECONDS."""


class StallWatch:
    """Remembers since when, by its own monotonic clock, the progress of one piece of work has not changed."""

    def __init__(self, work: LeasedWork, clock: Callable[[], float] = time.monotonic) -> None:
        self._work, self._clock = work, clock
        self._since = self._looked = clock()
        self._progress: object = None

    def is_stalled(self) -> bool:
        """Whether nothing has moved for STALL_SECONDS."""
        now = self._clock()
        if now - self._looked < settings.STALL_SECONDS / LOOKS:
            return False
        self._looked = now
        progress = self._work.progress_mark()
        if progress != self._progress:
            self._progress, self._since = progress, now
        return now - self._since >= settings.STALL_SECONDS
