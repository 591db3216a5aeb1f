"""The address of a client. Forwarding headers count only if a trusted proxy sent them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=8)
def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Parses the addresses and networks in TRUSTED_PROXIES. Raises ValueError."""
    return tuple(ip_network(text.strip()) for text in texts)


def is_trusted(address: str) -> bool:
    """Whether `address` is one of TRUSTED_PROXIES."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks(tuple(settings.TRUSTED_PROXIES)))


def client_address(request: Any) -> str | None:
    """The client's address: the peer's, or the last address in X-Forwarded-For that is not a trusted proxy.

    None if the connection has no address, as on a Unix socket.
    """
    address = request.META.get("REMOTE_ADDR") or ""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while is_trusted(address) and forwarded and forwarded[-1]:
        address = forwarded.pop()
    try:
        return str(ip_address(address))
    except ValueError:
        return None
