"""Which addresses may read the metrics without signing in."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP")


def may_scrape(request: HttpRequest) -> bool:
    """Whether the peer is in METRICS_ALLOWED. A forwarded request never is: its address is that of the proxy."""
    if not settings.METRICS_ALLOWED or any(name in request.META for name in FORWARDED):
        return False
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a Unix socket has no address
        return False
    return any(peer in ip_network(network) for network in settings.METRICS_ALLOWED)
