"""Measuring and removing a file or a folder, without ever leaving its root or following a link."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEMPORARY = re.compile(r"\..+\.\d+\.tmp")
"""Names that a writer gives to what is not whole yet: `tunix.pipeline.files`, and `remove`."""


class NotOurs(Exception):
    """The path is a link, or leads out of its root."""


@dataclass(frozen=True)
class Removable:
    """Something that may go: where it is below `root`, and why it may."""

    kind: str
    root: Path
    path: Path
    why: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(self.root))


def is_real(path: Path, root: Path) -> bool:
    """Whether the path exists, and neither it nor a folder between `root` and it is a link."""
    try:
        return path.resolve(strict=True) == root.resolve() / path.relative_to(root)
    except (OSError, ValueError):
        return False


def newest_change(path: Path) -> float:
    """When something in the tree was last written, as Unix time."""
    return max((stat.st_mtime for stat in _stats(path)), default=0.0)


def size(path: Path) -> int:
    """Bytes of all files in the tree."""
    return sum(stat.st_size for stat in _stats(path, folders=False))


def remove(removable: Removable) -> None:
    """Remove it. A folder is renamed first, so that it is whole or gone; what a kill leaves is found the next time.

    Raises NotOurs and OSError.
    """
    path = removable.path
    if not is_real(path, removable.root):
        raise NotOurs(f"{removable.name} is a link or leads elsewhere.")
    if not path.is_dir():
        path.unlink()
        return
    if not TEMPORARY.fullmatch(path.name):
        path = path.rename(path.with_name(f".{path.name}.{os.getpid()}.tmp"))
    shutil.rmtree(path)


def _stats(path: Path, *, folders: bool = True) -> Iterator[os.stat_result]:
    if not path.is_dir() or path.is_symlink():
        yield path.lstat()
        return
    for folder, _, files in os.walk(path):
        if folders:
            yield Path(folder).lstat()
        for name in files:
            try:
                yield Path(folder, name).lstat()
            except FileNotFoundError:
                continue  # gone meanwhile
