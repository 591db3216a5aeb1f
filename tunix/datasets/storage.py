"""The folders of datasets: written under another name, put into place by a rename, found whole or damaged."""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from tunix.api.exceptions import NoSpace
from tunix.pipeline.data.rows import DatasetError, read_manifest, verify

from .importing.writing import sync_folder

PREFIX = ".import-"
"""No key begins with a dot, so what is being written is never taken for a dataset."""
ABANDONED_SECONDS = 24 * 3600


def datasets_dir() -> Path:
    """The folder of all datasets, made if need be."""
    folder: Path = settings.ARTIFACTS_DIR / "datasets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A new folder beside the datasets, gone at the end unless it was put into place.

    Folders that a killed import left behind are removed on the way. Raises NoSpace when the disk is full.
    """
    root = datasets_dir()
    _remove_abandoned(root)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    try:
        yield folder
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("There is no room for the rows. Free some space and import again.") from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_into_place(folder: Path, target: Path) -> None:
    """Gives `folder` its final name. What stands there already, of no row or damaged, makes way."""
    aside = folder.with_name(f"{folder.name}.old")
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        target.rename(aside)
        folder.rename(target)
    sync_folder(target.parent)
    if aside.is_dir():
        shutil.rmtree(aside, ignore_errors=True)


def is_whole(folder: Path, version: str) -> bool:
    """Whether the folder holds exactly the files of `version`; reads all of them."""
    try:
        verify(folder, version)
    except DatasetError:
        return False
    return True


def is_there(folder: Path) -> bool:
    """Whether a manifest and the files it names are there; a quick look, without reading rows."""
    try:
        splits = read_manifest(folder)["splits"]
    except (DatasetError, KeyError):
        return False
    return all((folder / f"{split}.jsonl").is_file() for split in splits)


def _remove_abandoned(root: Path) -> None:
    for folder in root.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
