"""Rate limits of the API. Requests are counted in the cache, which all processes share."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.throttling import SimpleRateThrottle

from .addresses import client_address

logger = logging.getLogger(__name__)


class SharedRate(SimpleRateThrottle):
    """A rate from a setting. If the cache is unreachable, all requests pass: a limit must not become an outage."""

    setting: str

    def get_rate(self) -> str | None:
        return getattr(settings, self.setting) or None

    def allow_request(self, request: Any, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except (OSError, RedisError) as error:
            logger.warning("the cache is unreachable, requests are not limited: %s", error)
            return True

    def get_ident(self, request: Any) -> str:
        return client_address(request) or "local"


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
