"""System checks: wrong settings are reported at start, with a hint."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("settings")
def lease_outlives_heartbeat(**kwargs: Any) -> list[CheckMessage]:
    """A lease must span several heartbeats, or healthy work would be taken over."""
    if settings.LEASE_SECONDS >= 3 * settings.HEARTBEAT_SECONDS > 0:
        return []
    return [
        Error(
            "LEASE_SECONDS must be at least three times HEARTBEAT_SECONDS, and both above 0.",
            hint=f"They are {settings.LEASE_SECONDS} and {settings.HEARTBEAT_SECONDS}; the defaults are 60 and 2.",
            id="work.E001",
        )
    ]


@register("settings")
def no_faults_in_production(**kwargs: Any) -> list[CheckMessage]:
    """Kill points are for tests. In production they do nothing, so a variable that sets one is a mistake."""
    asked = [name for name in ("FAULT_AT", "FAULT_DIR") if name in os.environ]
    if not asked or not settings.PRODUCTION:
        return []
    return [
        Error(
            f"{' and '.join(asked)} must not be set in production: it makes processes fail on purpose.",
            hint="Remove it from the environment.",
            id="work.E003",
        )
    ]


@register("settings")
def artifacts_folder_can_be_written(**kwargs: Any) -> list[CheckMessage]:
    """Every run writes its outputs to this folder."""
    folder = settings.ARTIFACTS_DIR
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return []
    return [
        Error(
            f"The artifacts folder {folder} is not writable.",
            hint="Set ARTIFACTS_DIR to a folder that the service's user owns.",
            id="work.E002",
        )
    ]
