"""A Celery worker that is asked to end hands its work back instead of waiting for it: a job may run for days."""

from __future__ import annotations

import threading
from typing import Any

from celery.signals import worker_shutting_down

shutting_down = threading.Event()
"""Set once the worker of this process was asked to end. Its supervisors are threads of the same process."""

HANDED_BACK = "The worker is shutting down and handed the work back"


@worker_shutting_down.connect
def note_shutdown(**kwargs: Any) -> None:
    """SIGTERM (warm) or SIGQUIT (cold) has arrived."""
    shutting_down.set()
