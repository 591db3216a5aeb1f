"""Whether the broker accepts messages: Redis, or files if there is no Redis."""

from __future__ import annotations

import os

from django.conf import settings
from redis import Redis

TIMEOUT_SECONDS = 2


class MessagesNotTaken(Exception):
    """Messages cannot be written as files. The text holds no secret and may be shown to every user."""


def ask_broker() -> str:
    """The state of the broker in a few words. Raises MessagesNotTaken, RedisError and OSError."""
    if not settings.REDIS_URL:
        if not os.access(settings.BROKER_DIR / "messages", os.W_OK):
            raise MessagesNotTaken("the message folder is not writable")
        return "keeps messages in files"
    with Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    ) as client:
        client.ping()
    return "answers"
