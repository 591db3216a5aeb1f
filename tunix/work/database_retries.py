"""Retries for a database that is locked or unreachable, for a limited time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


def retry_database(action: Callable[[], Answer]) -> Answer:
    """The result of `action`, which is retried while the database does not answer, up to settings.PATIENCE_SECONDS.

    After that the last error is raised; any other error is raised at once. `action` must be safe to repeat: the first
    call may have committed before the connection broke.
    """
    return Retrying(
        retry=retry_if_exception_type((DatabaseError, InterfaceError)),
        stop=stop_after_delay(settings.PATIENCE_SECONDS),
        wait=wait_exponential(multiplier=0.1, max=5),
        before_sleep=_reconnect,
        reraise=True,
    )(action)


def _reconnect(state: RetryCallState) -> None:
    logger.warning("the database does not answer: %s", state.outcome.exception() if state.outcome else "")
    connection.close()  # Django opens a new one: a broken connection is not repaired
