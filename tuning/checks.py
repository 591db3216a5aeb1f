"""System checks of what jobs need besides the settings."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from tunix.work.orphans import scratch_dir

MAX_SOCKET_CHARACTERS = 107
"""Of the path of a Unix socket on Linux: 108 with the zero behind it."""

LONGEST_SOCKET = "r/session_2026-11-30_15-30-00_123456_4194304/sockets/plasma_store"
"""The longest path that Ray creates a socket with, below the temporary folder of an epoch."""


def spare_socket_characters() -> int:
    """How much longer the system's temporary folder may be; negative if Ray cannot create its sockets there."""
    longest = scratch_dir("00000000", 99_999) / LONGEST_SOCKET
    return MAX_SOCKET_CHARACTERS - len(str(longest).encode())


@register("settings")
def sockets_of_ray_fit(**kwargs: Any) -> list[CheckMessage]:
    """Otherwise each job would fail as lost, and only Ray's text in the log of its runner would say why."""
    if settings.WITHOUT_RAY or settings.RAY_ADDRESS != "local" or (spare := spare_socket_characters()) >= 0:
        return []
    return [
        Error(
            f"The temporary folder {tempfile.gettempdir()} is {-spare} characters too long for Ray's sockets.",
            hint="Set TMPDIR to a short path, such as /tmp, for worker and reconciler alike.",
            id="tuning.E001",
        )
    ]
