"""The minimum of free disk space: below it nothing new starts, because a full disk damages files being written."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from tunix.api.exceptions import NoSpace
from tunix.validation.sizes import bytes_in_words


def free_bytes() -> int:
    """Free bytes of the file system that holds the artifacts."""
    folder = settings.ARTIFACTS_DIR
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(nearest).free


def lacks_space() -> str:
    """Why nothing new may start, in a sentence; empty if there is enough space."""
    free, floor = free_bytes(), settings.MIN_FREE_BYTES
    if free >= floor:
        return ""
    return f"{bytes_in_words(free)} are free for artifacts, {bytes_in_words(floor)} are required (MIN_FREE_BYTES)."


def why_not_writable() -> str:
    """Why nothing can be written to the artifacts folder, in a few words without a path; empty if it can.

    Tried, not looked up: permissions do not show a quota that is used up. A full disk is the matter of `lacks_space`.
    If the folder does not exist yet, the nearest one above it counts, where it will be created.
    """
    folder = settings.ARTIFACTS_DIR
    try:
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        with tempfile.TemporaryFile(dir=nearest, buffering=0) as file:
            file.write(b"0")
            return ""
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return ""
        return error.strerror or type(error).__name__


def refuse_without_space() -> None:
    """Raises NoSpace."""
    if lacking := lacks_space():
        raise NoSpace(lacking)


@contextmanager
def refuse_full_disk(message: str) -> Iterator[None]:
    """Raises NoSpace with `message` if writing fails because the disk or the user's quota is full."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace(message) from error
        raise
