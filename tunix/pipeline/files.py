"""Atomic writes: a file is written under a temporary name, synced, then renamed, so it is complete or absent."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO


def write_text(path: Path, content: str) -> None:
    """Writes a text file atomically, creating its folder."""
    write_bytes(path, content.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file atomically, creating its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def open_inside(folder: Path, path: Path) -> BinaryIO:
    """Opens a file in `folder` for reading.

    Raises FileNotFoundError if it is missing, a link leads out of the folder, or it is not a regular file: reading a
    pipe would block.
    """
    real = path.resolve()
    if not real.is_relative_to(folder.resolve()):
        raise FileNotFoundError(f"{path.name} leads out of its folder")
    descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(f"{path.name} is not a regular file")
    return os.fdopen(descriptor, "rb")


def sha256(path: Path) -> str:
    """The file's sha256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
