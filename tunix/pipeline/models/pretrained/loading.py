"""Loads the weights of a checked folder into the model of its family."""

from __future__ import annotations

import io
from typing import Any, cast

import jax.numpy as jnp
import ml_dtypes
import numpy as np
from flax import nnx

from tunix.pipeline.files import open_inside
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.headers import TensorHeader
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.models.pretrained.layouts import layout_of
from tunix.pipeline.models.pretrained.models import Model, abstract_model

NUMPY_DTYPES = {"F32": np.dtype(np.float32), "F16": np.dtype(np.float16), "BF16": np.dtype(ml_dtypes.bfloat16)}


def load_model(pretrained: PretrainedModel, dtype: Any = jnp.float32) -> Model:
    """The model with the folder's weights as `dtype`. Raises BaseModelError if a file has changed since the check.

    The files are memory-mapped and variables are copied one by one, so that at most one of them is in memory twice.
    The copies are not committed to a device: together with the uncommitted arrays of an optimizer, committed ones would
    make XLA compile each step twice.
    """
    files = {name: _mapped(pretrained, name) for name in pretrained.weight_files}
    model = abstract_model(pretrained.configuration, dtype)
    for path, variable in nnx.to_flat_state(nnx.state(model, nnx.Param)):
        layout = layout_of(".".join(map(str, path)))
        parts = [_view(files, pretrained.tensors[name]) for name in layout.tensors]
        values = layout.rearrange(parts, pretrained.configuration)
        if values.shape != tuple(variable.shape):
            raise BaseModelError(f"{layout.tensors[0]} has the shape {values.shape}, not {tuple(variable.shape)}.")
        variable.set_value(jnp.array(values, dtype=dtype, copy=True))
    return model


def _mapped(pretrained: PretrainedModel, name: str) -> np.ndarray:
    """The bytes of a file, which are read when they are used. The mapping outlives the open file."""
    try:
        with open_inside(pretrained.folder, pretrained.folder / name) as file:
            return np.memmap(cast(io.BufferedReader, file), np.uint8, "r")
    except (OSError, ValueError) as error:
        raise BaseModelError(f"{name} cannot be read: {error}.") from error


def _view(files: dict[str, np.ndarray], tensor: TensorHeader) -> np.ndarray:
    content = files[tensor.file][tensor.start : tensor.end]
    if len(content) != tensor.end - tensor.start:
        raise BaseModelError(f"{tensor.file} has become shorter since it was checked.")
    return content.view(NUMPY_DTYPES[tensor.dtype]).reshape(tensor.shape)
