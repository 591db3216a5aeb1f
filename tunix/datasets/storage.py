"""The folders of datasets: written under a temporary name, then renamed; checks whether one is complete."""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from tunix.pipeline.data.rows import DatasetError, read_manifest, verify
from tunix.pipeline.files import sync_folder
from tunix.work.disk import refuse_full_disk

PREFIX = ".import-"
"""No key begins with a dot, so an unfinished folder is never mistaken for a dataset."""
ABANDONED_SECONDS = 24 * 3600


def datasets_dir() -> Path:
    """The folder of all datasets; it is created if missing."""
    folder: Path = settings.ARTIFACTS_DIR / "datasets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A new temporary folder, removed at the end unless it was renamed by `put_into_place`.

    Folders that a killed import left behind are removed too. Raises NoSpace if the disk is full.
    """
    root = datasets_dir()
    for abandoned in root.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):
            if time.time() - abandoned.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(abandoned, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    try:
        with refuse_full_disk("There is no space for the rows. Free some space and import again."):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_into_place(folder: Path, target: Path) -> None:
    """Renames `folder` to `target`, replacing a damaged folder or one without a database row."""
    replaced = folder.with_name(f"{folder.name}.old")
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        target.rename(replaced)
        folder.rename(target)
    sync_folder(target.parent)
    if replaced.is_dir():
        shutil.rmtree(replaced, ignore_errors=True)


def is_whole(folder: Path, version: str) -> bool:
    """Whether the folder contains exactly the files of `version`; reads all of them."""
    try:
        verify(folder, version)
    except DatasetError:
        return False
    return True


def is_there(folder: Path) -> bool:
    """Whether the manifest and the files that it names exist; a quick check that reads no rows."""
    try:
        splits = read_manifest(folder)["splits"]
    except (DatasetError, KeyError):
        return False
    return all((folder / f"{split}.jsonl").is_file() for split in splits)
