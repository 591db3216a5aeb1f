"""System checks of the settings that decide who can sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from .addresses import networks


@register(Tags.security)
def proxies_are_addresses(**kwargs: Any) -> list[CheckMessage]:
    """TRUSTED_PROXIES contains only addresses and networks."""
    try:
        networks(tuple(settings.TRUSTED_PROXIES))
    except ValueError as error:
        hint = "Use comma-separated addresses or networks, such as 10.0.0.5 or 10.0.0.0/24."
        return [Error(f"TRUSTED_PROXIES: {error}.", hint=hint, id="access.E002")]
    return []


@register(Tags.security)
def header_needs_proxies(**kwargs: Any) -> list[CheckMessage]:
    """A header that signs users in needs proxies that are trusted to set it."""
    if not settings.TRUSTED_USER_HEADER or settings.TRUSTED_PROXIES:
        return []
    return [
        Error(
            "TRUSTED_USER_HEADER is set, but TRUSTED_PROXIES is empty: no one can sign in.",
            hint="Set TRUSTED_PROXIES to the addresses of the proxies that set the header.",
            id="access.E001",
        )
    ]
