"""Loads the weights of a checked folder into the model of its family."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from flax import nnx

from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.forward import Model
from tunix.pipeline.models.pretrained.configuration import ModelConfiguration
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.models.pretrained.layouts import layout_of
from tunix.pipeline.models.pretrained.models import abstract_model
from tunix.pipeline.models.pretrained.tensors import MappedTensors


def load_model(pretrained: PretrainedModel, dtype: Any = jnp.float32) -> Model:
    """The model with the folder's weights as `dtype`. Raises BaseModelError if a file has changed since the check.

    The files are memory-mapped and variables are copied one by one, so that at most one of them is in memory twice.
    The copies are not committed to a device: together with the uncommitted arrays of an optimizer, committed ones would
    make XLA compile each step twice.
    """
    return load_weights(pretrained.configuration, MappedTensors(pretrained.folder, pretrained.tensors), dtype)


def load_weights(configuration: ModelConfiguration, tensors: MappedTensors, dtype: Any) -> Model:
    """The model of this configuration with these tensors as `dtype`. Raises BaseModelError if they do not fit."""
    model = abstract_model(configuration, dtype)
    for path, variable in nnx.to_flat_state(nnx.state(model, nnx.Param)):
        layout = layout_of(".".join(map(str, path)))
        if missing := [name for name in layout.tensors if name not in tensors]:
            raise BaseModelError(f"The weights lack {', '.join(missing)}.")
        values = layout.rearrange([tensors[name] for name in layout.tensors], configuration)
        if values.shape != tuple(variable.shape):
            raise BaseModelError(f"{layout.tensors[0]} has the shape {values.shape}, not {tuple(variable.shape)}.")
        variable.set_value(jnp.array(values, dtype=dtype, copy=True))
    return model
