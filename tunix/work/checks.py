"""System checks: wrong settings are reported at start, with a hint."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import Error as DatabaseError

from .database_space import why_database_full
from .disk import why_not_writable
from .worker_heartbeat import living_workers


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
    why = why_not_writable()
    if not why:
        return []
    return [
        Error(
            f"The artifacts folder {settings.ARTIFACTS_DIR} is not writable: {why}.",
            hint="Set ARTIFACTS_DIR to a folder that the service's user owns, on a file system that is not read-only.",
            id="work.E002",
        )
    ]


@register(Tags.database)
def database_has_room(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """A full database takes no change, and looks like one that is busy."""
    why = _asked(why_database_full) if databases else ""
    if not why:
        return []
    return [
        Error(
            f"The database is full: {why}.",
            hint="Free some space on the disk of the database, or move it to a larger one.",
            id="work.E004",
        )
    ]


@register(Tags.database)
def a_worker_is_alive(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Without a worker everything that is started stays in the queue."""
    if not databases or _asked(living_workers) != []:
        return []
    return [
        CheckWarning(
            "No worker is alive: jobs stay in the queue.",
            hint="Start one: `systemctl start tunix-worker`, or `make serve` on a development machine.",
            id="work.W001",
        )
    ]


def _asked(question: Any) -> Any:
    """The answer of the database; None if it does not answer, or has no tables yet, which other checks report."""
    try:
        return question()
    except DatabaseError:
        return None
