"""System checks of what jobs need besides the settings."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as CheckWarning

from tunix.work.orphans import scratch_dir

from .execution.ray_walls import FOLDER, token_path

MAX_SOCKET_CHARACTERS = 107
"""Of the path of a Unix socket on Linux: 108 with the zero behind it."""

LONGEST_SOCKET = f"{FOLDER}/session_2026-11-30_15-30-00_123456_4194304/sockets/plasma_store"
"""The longest path that Ray creates a socket with, below the temporary folder of an epoch."""


def spare_socket_characters() -> int:
    """How much longer the system's temporary folder may be; negative if Ray cannot create its sockets there."""
    longest = scratch_dir("00000000", 99_999) / LONGEST_SOCKET
    return MAX_SOCKET_CHARACTERS - len(str(longest).encode())


@register("settings")
def sockets_of_ray_fit(**kwargs: Any) -> list[CheckMessage]:
    """Otherwise each job would fail as lost, and only Ray's text in the log of its runner would say why."""
    if not _ray_is_local() or (spare := spare_socket_characters()) >= 0:
        return []
    return [
        CheckWarning(
            f"The temporary folder {tempfile.gettempdir()} is {-spare} characters too long for Ray's sockets.",
            hint="Set TMPDIR to a short path, such as /tmp, for worker and reconciler alike.",
            id="tuning.W001",
        )
    ]


@register("settings")
def token_of_ray_can_be_read(**kwargs: Any) -> list[CheckMessage]:
    """Every process of a local Ray reads it. If there is none yet, the first job creates it."""
    path = token_path(settings.ARTIFACTS_DIR)
    why = _why_unusable(path) if _ray_is_local() and path.exists() else ""
    if not why:
        return []
    return [
        CheckWarning(
            f"The token file of Ray, {path}, {why}.",
            hint="Delete it, as its owner, while no job runs: the next one creates another. It must belong to the "
            "service's user.",
            id="tuning.W002",
        )
    ]


def _why_unusable(path: Path) -> str:
    found = path.stat()
    # Commands are also run as root, to whom the file of the service's user is no fault.
    if found.st_uid not in (os.getuid(), path.parent.stat().st_uid):
        return "belongs to another user"
    if stat.S_IMODE(found.st_mode) & 0o077:
        return "can be read by other users"
    return "" if found.st_size else "is empty"


def _ray_is_local() -> bool:
    return not settings.WITHOUT_RAY and settings.RAY_ADDRESS == "local"
