"""Copies the folder of a pretrained model below the artifacts folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tunix.pipeline.files import open_inside
from tunix.pipeline.models.pretrained.folder import MAX_TEXT_BYTES
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.work.disk import refuse_full_disk

_CHUNK = 1024 * 1024
_WEIGHTS = frozenset({".safetensors", ".bin", ".pt", ".pth", ".gguf", ".onnx"})


def copied(pretrained: PretrainedModel, target: Path) -> PretrainedModel:
    """The model in a copy of its folder: the files that decide what it does, and small ones such as licenses.

    `target` must belong to no model; what is there was left by an interrupted copy. Raises NoSpace and OSError.
    """
    shutil.rmtree(target, ignore_errors=True)
    try:
        with refuse_full_disk("There is no space for a copy. Free some space, or add the folder in place."):
            target.mkdir(parents=True)
            for name in dict.fromkeys((*pretrained.hashed_files, *_small_files(pretrained.folder))):
                _copy(pretrained.folder, name, target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return inspect_folder(target)


def _copy(folder: Path, name: str, target: Path) -> None:
    with open_inside(folder, folder / name) as source, (target / name).open("wb") as file:
        shutil.copyfileobj(source, file, _CHUNK)


def _small_files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        is_plain = path.is_file() and not path.is_symlink() and path.suffix not in _WEIGHTS
        if is_plain and path.stat().st_size <= MAX_TEXT_BYTES:
            yield path.name
