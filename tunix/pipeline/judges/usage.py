"""Counts a judge's use of a service."""

from __future__ import annotations

from threading import Lock

from tunix.pipeline.spec import Usage


class Meter:
    """The usage so far. Several threads may add to it; it can be read at any time, even after the judge failed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._usage: Usage | None = None

    @property
    def usage(self) -> Usage | None:
        """None if no service was called."""
        return self._usage

    @property
    def cost(self) -> float:
        return self._usage.cost if self._usage else 0.0

    def used_since(self, before: Usage | None) -> Usage | None:
        """The usage since `before` was read; None if no service was called since then."""
        if self._usage is None or self._usage == before:
            return None
        known = before or Usage()
        return Usage(**{name: getattr(self._usage, name) - getattr(known, name) for name in Usage.model_fields})

    def add(
        self,
        *,
        calls: int = 0,
        cache_hits: int = 0,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        cost: float = 0.0,
    ) -> None:
        """Adds to the usage. The sum is replaced as one immutable value, so a reader never sees half of it."""
        with self._lock:
            known = self._usage or Usage()
            self._usage = Usage(
                calls=known.calls + calls,
                cache_hits=known.cache_hits + cache_hits,
                prompt_tokens=known.prompt_tokens + prompt_tokens,
                completion_tokens=known.completion_tokens + completion_tokens,
                cost=known.cost + cost,
            )
