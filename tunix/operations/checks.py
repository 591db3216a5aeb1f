"""System checks of the settings for operators."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("settings")
def metrics_allowed_are_networks(**kwargs: Any) -> list[CheckMessage]:
    """Without this check a typing error would only show at the first scrape."""
    return [
        Error(
            f"METRICS_ALLOWED contains {network!r}, which is neither an address nor a network.",
            hint="Write for example 10.0.0.7 or 10.0.0.0/24, separated by commas.",
            id="operations.E001",
        )
        for network in settings.METRICS_ALLOWED
        if not _is_network(network)
    ]


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
