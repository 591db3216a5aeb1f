"""Measures and removes files and folders, without leaving their root or following links."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEMPORARY = re.compile(r"\..+\.\d+\.tmp")
"""Names of incomplete files and folders, as `tunix.pipeline.files` and `remove` write them."""


class NotOurs(Exception):
    """The path is a link, or leads out of its root."""


@dataclass(frozen=True)
class Removable:
    """A file or folder below `root` that may be removed, and why."""

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
    """The newest modification time in the tree, as Unix time."""
    return max((stat.st_mtime for stat in _stats(path)), default=0.0)


def size(path: Path) -> int:
    """Bytes of all files in the tree."""
    return sum(stat.st_size for stat in _stats(path, folders=False))


def remove(removable: Removable) -> None:
    """Remove it. A folder is renamed first, so that it is complete or gone. After a kill, the rest is found next time.

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
                continue  # removed in the meantime
