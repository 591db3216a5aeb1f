"""The tensors of a checked folder as arrays. The files are memory-mapped: bytes are read when they are used."""

from __future__ import annotations

import io
from typing import cast

import ml_dtypes
import numpy as np

from tunix.pipeline.files import open_inside
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.inspection import PretrainedModel

NUMPY_DTYPES = {"F32": np.dtype(np.float32), "F16": np.dtype(np.float16), "BF16": np.dtype(ml_dtypes.bfloat16)}
"""The types of tensors that can be read, by their names in a header."""


class MappedTensors:
    """Gives a tensor by its usual name, as a view that cannot be written. Raises BaseModelError if a file has changed.

    The mapping outlives the open file, also if the file is removed meanwhile.
    """

    def __init__(self, pretrained: PretrainedModel) -> None:
        self._tensors = pretrained.tensors
        self._files = {name: _mapped(pretrained, name) for name in pretrained.weight_files}

    def __getitem__(self, name: str) -> np.ndarray:
        tensor = self._tensors[name]
        content = self._files[tensor.file][tensor.start : tensor.end]
        if len(content) != tensor.end - tensor.start:
            raise BaseModelError(f"{tensor.file} has become shorter since it was checked.")
        return content.view(NUMPY_DTYPES[tensor.dtype]).reshape(tensor.shape)


def _mapped(pretrained: PretrainedModel, name: str) -> np.ndarray:
    try:
        with open_inside(pretrained.folder, pretrained.folder / name) as file:
            return np.memmap(cast(io.BufferedReader, file), np.uint8, "r")
    except (OSError, ValueError) as error:
        raise BaseModelError(f"{name} cannot be read: {error}.") from error
