"""Whether the files of a model are those that were recorded: by their stamps, or by their hashes where these differ."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tunix.pipeline.files import open_inside
from tunix.pipeline.lru import LeastRecentlyUsed
from tunix.pipeline.stamps import Stamp, seconds_until_settled, stamp_of

_MOST_HASHES = 256

_hashes = LeastRecentlyUsed(_MOST_HASHES)
"""Hashes by path and stamp, so that a process reads a file once that has no recorded stamp, or was only touched."""


@dataclass(frozen=True)
class RecordedFile:
    """A file as it was. `stamp` leaves out the device, which changes with each mount; it is empty if none was kept."""

    sha256: str
    stamp: Stamp = ()


def changed_files(folder: Path, files: Mapping[str, RecordedFile]) -> list[str]:
    """The names of files with other content than they had. Raises OSError, also if one is missing."""
    return [name for name, file in files.items() if _is_changed(folder, name, file)]


def hash_of(folder: Path, name: str) -> str:
    """The sha256 of a file that is really in the folder. Raises OSError."""
    with open_inside(folder, folder / name) as file:
        return hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest()


def content_hash_of(hashes: Mapping[str, str]) -> str:
    """The hash of a model: sha256 over the sorted lines `<file>:<sha256 of the file>`."""
    lines = sorted(f"{name}:{digest}\n" for name, digest in hashes.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_changed(folder: Path, name: str, file: RecordedFile) -> bool:
    stamp = stamp_of(folder / name)
    if stamp[1:] == file.stamp:
        return False
    if seconds_until_settled([stamp]):
        return hash_of(folder, name) != file.sha256
    return _hashes.get((folder / name, stamp), lambda: hash_of(folder, name)) != file.sha256
