"""Tells from a file's inode, size and times whether it has changed since it was hashed, as git does for its index."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tunix.pipeline.files import open_regular

SETTLED_SECONDS: Final = 2.0
"""A file is trusted once it is this old. Two writes within one tick of a file system's clock have the same times."""

Stamp = tuple[int, ...]
"""Device, inode, size, and the times of the last change of content and of status, in nanoseconds."""


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file. Raises OSError."""
    # Opened rather than only looked up: NFS checks a file's attributes with the server when it is opened.
    with open_regular(path) as file:
        status = os.fstat(file.fileno())
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def seconds_until_settled(stamps: Iterable[Stamp]) -> float:
    """How long until each of these files can be trusted; 0 if they can be trusted now."""
    newest = max((max(stamp[-2:]) for stamp in stamps), default=0)
    return max(0.0, newest / 1e9 + SETTLED_SECONDS - time.time())
