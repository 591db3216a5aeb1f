"""The tensors of safetensors files as arrays. The files are memory-mapped: bytes are read when they are used."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import ml_dtypes
import numpy as np

from tunix.pipeline.files import open_inside
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.headers import InvalidHeader, TensorHeader, read_header

NUMPY_DTYPES = {"F32": np.dtype(np.float32), "F16": np.dtype(np.float16), "BF16": np.dtype(ml_dtypes.bfloat16)}
"""The types of tensors that can be read and written, by their names in a header."""


class MappedTensors(Mapping[str, np.ndarray]):
    """Tensors by name, as views that cannot be written. Raises BaseModelError if a file has changed.

    The mapping outlives the open file, also if the file is removed meanwhile.
    """

    def __init__(self, folder: Path, tensors: Mapping[str, TensorHeader]) -> None:
        self._tensors = tensors
        self._files = {name: _mapped(folder, name) for name in {tensor.file for tensor in tensors.values()}}

    def __getitem__(self, name: str) -> np.ndarray:
        tensor = self._tensors[name]
        content = self._files[tensor.file][tensor.start : tensor.end]
        if len(content) != tensor.end - tensor.start:
            raise BaseModelError(f"{tensor.file} has become shorter since it was checked.")
        return content.view(NUMPY_DTYPES[tensor.dtype]).reshape(tensor.shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


def tensors_in(folder: Path, name: str) -> MappedTensors:
    """The tensors of one file. Raises FileNotFoundError, and BaseModelError if it is damaged or of another type."""
    with open_inside(folder, folder / name) as file:
        try:
            found = read_header(file, name)
        except InvalidHeader as error:
            raise BaseModelError(f"{name}: {error}") from error
    if unknown := {tensor.dtype for tensor in found.values()} - NUMPY_DTYPES.keys():
        raise BaseModelError(f"{name} has tensors of the type {', '.join(sorted(unknown))}, which cannot be read.")
    return MappedTensors(folder, found)


def _mapped(folder: Path, name: str) -> np.ndarray:
    try:
        with open_inside(folder, folder / name) as file:
            return np.memmap(cast(io.BufferedReader, file), np.uint8, "r")
    except (OSError, ValueError) as error:
        raise BaseModelError(f"{name} cannot be read: {error}.") from error
