"""Atomic writes: a file is written under a temporary name, synced, then renamed, so it is complete or absent."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

_NOT_FILES = frozenset({errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENOTDIR})
"""What the system says of links in a circle, of sockets and devices, and of files in place of folders."""


class NotRegular(FileNotFoundError):
    """What is there is not a file. A FileNotFoundError, because for a reader the file is missing."""


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


def read_or_create_secret(path: Path) -> str:
    """A random text that only its owner may read. It is created once: the first of several processes wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def open_inside(folder: Path, path: Path) -> BinaryIO:
    """Opens a file in `folder` for reading.

    Raises FileNotFoundError if it is missing, a link leads out of the folder, or it is not a regular file: reading a
    pipe would block.
    """
    real = Path(os.path.realpath(path))  # unlike resolve(), it does not raise for links in a circle
    if not real.is_relative_to(os.path.realpath(folder)):
        raise FileNotFoundError(f"{path.name} leads out of its folder")
    return open_regular(real)


def open_regular(path: Path) -> io.BufferedReader:
    """Opens a file for reading, without waiting for the writer of a pipe.

    Raises OSError: FileNotFoundError if it is missing, NotRegular if it is a folder, a pipe, a socket or a device.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _NOT_FILES:
            raise NotRegular(errno.EINVAL, "it is not a regular file", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegular(errno.EINVAL, "it is not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises OSError as `open_regular` does."""
    with open_regular(path) as file:
        return file.read()


def read_text(path: Path) -> str:
    """The content of a file in UTF-8. Raises OSError as `open_regular` does, and UnicodeDecodeError."""
    return read_bytes(path).decode()


def sha256(path: Path) -> str:
    """The file's sha256, in hexadecimal. Raises OSError as `open_regular` does."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
