"""A rate limit holds for requests at the same time, with every cache that is counted in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache

from tunix.access.throttles import UserRate

LIMIT, THREADS, EACH = 20, 8, 8


def in_a_folder(folder: Path) -> Any:
    return FileBasedCache(str(folder / "requests"), {})


def in_memory(folder: Path) -> Any:
    return LocMemCache(str(folder), {})


class SlowRate(UserRate):
    """Of one user, at a time that stands still; lets other threads run between a read and a write."""

    rate = f"{LIMIT}/minute"
    timer = staticmethod(lambda: 6_000_010.0)
    THROTTLE_RATES = {"user": rate}

    def get_cache_key(self, request: Any, view: Any) -> str:
        return "somebody"


@pytest.mark.parametrize("make", [in_a_folder, in_memory])
def test_concurrent_requests_cannot_pass_on_one_count(make: Callable[[Path], Any], tmp_path: Path) -> None:
    cache, barrier = make(tmp_path), threading.Barrier(THREADS)

    def ask(_: int) -> int:
        rate = SlowRate()
        rate.cache = cache
        barrier.wait()
        return sum(rate.allow_request(None, None) for _ in range(EACH))

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(ask, range(THREADS))) == LIMIT


def test_requests_of_the_last_minute_count_across_the_turn_of_a_window(tmp_path: Path) -> None:
    rate = SlowRate()
    rate.cache = in_memory(tmp_path)
    rate.timer = lambda: 6_000_059.0
    assert sum(rate.allow_request(None, None) for _ in range(LIMIT + 5)) == LIMIT
    rate.timer = lambda: 6_000_061.0
    assert sum(rate.allow_request(None, None) for _ in range(LIMIT)) <= 1
    rate.timer = lambda: 6_000_130.0
    assert rate.allow_request(None, None)
