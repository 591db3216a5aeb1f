"""Rate limits of the API. Requests are counted in the cache, which all processes share."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.throttling import SimpleRateThrottle

from .addresses import client_address

logger = logging.getLogger(__name__)

LOCK = ".counting"
"""The file by whose lock processes take turns where the cache is a folder."""


class SharedRate(SimpleRateThrottle):
    """A rate from a setting. If the cache is unreachable, all requests pass: a limit must not become an outage.

    Requests are counted in fixed windows by an atomic increment, so concurrent ones cannot pass on one count, as they
    do with DRF's list of times. The former window counts by the share of it that lies within the last period.
    """

    setting: str
    _counts = (0, 0)
    """Requests of this window and of the former one when the last request was refused."""

    def get_rate(self) -> str | None:
        return getattr(settings, self.setting) or None

    def allow_request(self, request: Any, view: Any) -> bool:
        key = self.get_cache_key(request, view) if self.rate else None
        if key is None:
            return True
        try:
            with one_at_a_time(self.cache):
                return self._count(key)
        except (OSError, RedisError, ValueError) as error:  # ValueError: the count was removed meanwhile
            logger.warning("the cache is unreachable, requests are not limited: %s", error)
            return True

    def _count(self, key: str) -> bool:
        """Counts a request; one that is refused does not count."""
        window, passed = divmod(self.timer(), self.duration)
        current, former = (f"{key}:{int(window) - age}" for age in (0, 1))
        self.cache.add(current, 0, timeout=2 * self.duration)
        count, before = self.cache.incr(current), self.cache.get(former, 0)
        self.cache.touch(current, 2 * self.duration)  # an increment in a folder sets the default timeout
        if count + before * (1 - passed / self.duration) <= self.num_requests:
            return True
        self._counts = self.cache.decr(current), before
        return False

    def wait(self) -> float:
        """Seconds until a refused request would be within the limit, if no other comes."""
        current, before = self._counts
        passed, room = self.timer() % self.duration, self.num_requests - 1
        if current <= room:
            return max(0.0, float(self.duration * (1 - (room - current) / max(1, before)) - passed))
        return float(self.duration - passed + self.duration * max(0.0, 1 - room / current))

    def get_ident(self, request: Any) -> str:
        return client_address(request) or "local"


@contextmanager
def one_at_a_time(cache: Any) -> Iterator[None]:
    """Excludes other processes and threads if the cache is a folder: its increment is a read and a write."""
    folder = getattr(cache, "_dir", None)
    if folder is None:
        yield
        return
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    with (Path(folder) / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class UserRate(SharedRate):
    """API requests of one user."""

    scope = "user"
    setting = "API_RATE"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        if not request.user.is_authenticated:
            return None  # counted by `count_anonymous`
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}


class AnonymousRate(SharedRate):
    """API requests without a valid token or session, by address."""

    scope = "anon"
    setting = "ANON_RATE"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def count_anonymous(request: Any) -> None:
    """Called by authentication, because an anonymous request gets 401 before views throttle. Raises Throttled."""
    rate = AnonymousRate()
    if not rate.allow_request(request, None):
        raise exceptions.Throttled(rate.wait())
