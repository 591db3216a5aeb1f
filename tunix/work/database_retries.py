"""A database that is locked or away is asked again for a while, before work is given up."""

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
    """What `action` returns; called again while the database does not answer, for settings.PATIENCE_SECONDS.

    Then, and for every other error, what it raised is raised.
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
    connection.close()
