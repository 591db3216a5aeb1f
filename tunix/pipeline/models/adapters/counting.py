"""Counts the parameters that a training changes."""

from __future__ import annotations

import math

import numpy as np
from flax import nnx

from tunix.pipeline.models.adapters.adapting import is_adapted
from tunix.pipeline.models.forward import Model


def trained_parameters(model: Model) -> int:
    """The number of parameters that a training of this model changes: of adapters, those of the rank in use."""
    if not is_adapted(model):
        return _size(nnx.state(model, nnx.Param))
    columns = np.asarray(model.adapters.columns[...])
    return _size(nnx.state(model, nnx.LoRAParam)) * int(np.count_nonzero(columns)) // len(columns)


def _size(state: nnx.State) -> int:
    return sum(math.prod(variable.shape) for _, variable in nnx.to_flat_state(state))
