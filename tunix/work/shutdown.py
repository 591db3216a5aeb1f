"""A Celery worker that shuts down releases its work instead of waiting for it: a job may run for days."""

from __future__ import annotations

import threading
from typing import Any

from celery.signals import worker_shutting_down

shutting_down = threading.Event()
"""Set when the worker of this process shuts down. Its supervisors are threads of the same process."""

RELEASED = "The worker is shutting down and has released the work"


@worker_shutting_down.connect
def note_shutdown(**kwargs: Any) -> None:
    """SIGTERM (warm) or SIGQUIT (cold) has arrived."""
    shutting_down.set()
