"""A new folder: written under a temporary name, then renamed. A folder that exists is never touched."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunix.pipeline.files import open_inside, sync_folder
from tunix.pipeline.models.export.errors import ExportError

_CHUNK = 1024 * 1024


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that becomes it at the end, or is removed if the body fails.

    Raises ExportError if anything has the name of the target, before the body and after it.
    """
    _refuse_existing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.{os.getpid()}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        sync_folder(temporary)
        _claim(target)
        temporary.rename(target)  # replaces the empty folder just made; one that was filled meanwhile is left alone
        sync_folder(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _claim(target: Path) -> None:
    """Makes the target as an empty folder, which fails if anything is there: a rename would replace an empty one."""
    try:
        target.mkdir()
    except FileExistsError:
        _refuse_existing(target)


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise ExportError(f"{target.name} exists already, and nothing is overwritten. Choose another folder.")


def copy_file(source: Path, target: Path) -> None:
    """Copies a regular file that is inside its folder, also through a link. Raises FileNotFoundError."""
    with open_inside(source.parent, source) as file, target.open("wb") as copy:
        shutil.copyfileobj(file, copy, _CHUNK)
        copy.flush()
        os.fsync(copy.fileno())
