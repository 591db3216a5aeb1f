"""Counts the programs that JAX compiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

import jax

_COMPILED = "/jax/core/compile/backend_compile_duration"


class Compilations:
    """How many programs were compiled inside `counting`, by the thread that is counting."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Counts meanwhile, programs that JAX finds in its cache on disk included."""
        thread = get_ident()

        def listen(event: str, duration_secs: float, **_: object) -> None:
            if event == _COMPILED and get_ident() == thread:
                self.count += 1

        jax.monitoring.register_event_duration_secs_listener(listen)
        try:
            yield
        finally:
            jax.monitoring.unregister_event_duration_listener(listen)
