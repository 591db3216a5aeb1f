"""Copies the folder of a pretrained model below the artifacts folder."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunix.pipeline.files import open_inside, sync_folder
from tunix.pipeline.models.pretrained.folder import MAX_TEXT_BYTES
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.work.disk import refuse_full_disk

_CHUNK = 1024 * 1024
_WEIGHTS = frozenset({".safetensors", ".bin", ".pt", ".pth", ".gguf", ".onnx"})


@contextmanager
def copied(pretrained: PretrainedModel, parent: Path) -> Iterator[PretrainedModel]:
    """The model in a copy of its folder: the files that decide what it does, and small ones such as licenses.

    The copy has a temporary name in `parent`, and is removed unless it was published. Raises NoSpace and OSError.
    """
    copy = parent / f".{uuid.uuid4().hex[:8]}.{os.getpid()}.tmp"
    try:
        with refuse_full_disk("There is no space for a copy. Free some space, or add the folder in place."):
            copy.mkdir(parents=True)
            for name in dict.fromkeys((*pretrained.hashed_files, *_small_files(pretrained.folder))):
                _copy(pretrained.folder, name, copy)
        yield inspect_folder(copy)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def publish_copy(copy: Path, target: Path) -> None:
    """Renames a copy. Call it in the transaction that inserts the model's row.

    The row is unique for this id, so an existing folder was left by an addition that did not commit.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    copy.rename(target)
    sync_folder(target.parent)


def _copy(folder: Path, name: str, target: Path) -> None:
    with open_inside(folder, folder / name) as source, (target / name).open("wb") as file:
        shutil.copyfileobj(source, file, _CHUNK)


def _small_files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        is_plain = path.is_file() and not path.is_symlink() and path.suffix not in _WEIGHTS
        if is_plain and path.stat().st_size <= MAX_TEXT_BYTES:
            yield path.name
