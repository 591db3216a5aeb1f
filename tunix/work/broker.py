"""Whether the broker takes messages: Redis, or files where there is no Redis."""

from __future__ import annotations

import os

from django.conf import settings
from redis import Redis

TIMEOUT_SECONDS = 2


class MessagesNotTaken(Exception):
    """Messages cannot be written as files; the text may be shown to anybody."""


def ask_broker() -> str:
    """How the broker stands, in a few words. Raises MessagesNotTaken, RedisError and OSError."""
    if not settings.REDIS_URL:
        return _message_folder()
    with Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    ) as client:
        client.ping()
    return "answers"


def _message_folder() -> str:
    if not os.access(settings.BROKER_DIR / "messages", os.W_OK):
        raise MessagesNotTaken("the folder of messages cannot be written")
    return "messages are files"
