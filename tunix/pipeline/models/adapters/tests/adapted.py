"""Tiny models with adapters, for tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from tunix.pipeline.models.adapters.adapting import adapt, adapter_arrays, load_adapters, reset
from tunix.pipeline.models.adapters.structure import AdapterStructure, AdapterValues, Targets
from tunix.pipeline.models.forward import Model, logits_of
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.tiny import make_folder, token_ids

FAMILIES = ("llama3", "qwen2", "qwen3", "gemma3")

_logits = nnx.jit(logits_of)


def base(family: str = "llama3", dtype: Any = jnp.float32) -> Model:
    """A model of one layer with random weights, the same each time."""
    return _base(family, dtype)


@cache
def _base(family: str, dtype: Any) -> Model:
    with TemporaryDirectory() as folder:
        return load_model(inspect_folder(make_folder(Path(folder) / "model", family, num_hidden_layers=1)), dtype)


def make_adapted(
    family: str = "llama3",
    max_rank: int = 4,
    targets: Targets = "all",
    dtype: Any = jnp.float32,
    *,
    drops: bool = True,
    **values: Any,
) -> Model:
    """The base model with adapters at the start of a run."""
    model = adapt(base(family, dtype), AdapterStructure(max_rank, targets, drops))
    reset(model, AdapterValues(**{"rank": max_rank, **values}))
    return model


def fill(model: Model, rank: int, scale: float = 2.0) -> dict[str, np.ndarray]:
    """Gives the adapters random numbers, as if they were trained, and returns them."""
    chance = np.random.RandomState(3)
    arrays = {
        name: (0.2 * chance.standard_normal(array.shape)).astype(np.float32)
        for name, array in adapter_arrays(model, rank).items()
    }
    load_adapters(model, arrays, AdapterValues(rank, scale))
    return arrays


def logits(model: Model) -> np.ndarray:
    clone = nnx.clone(model)  # nnx.jit gives its argument new arrays
    return np.asarray(_logits(clone, token_ids()), np.float32)


def base_bytes(model: Model) -> dict[str, bytes]:
    """The variables that adapters leave alone, by name."""
    frozen = nnx.state(model, nnx.All(nnx.Param, nnx.Not(nnx.LoRAParam)))
    return {".".join(map(str, path)): np.asarray(value[...]).tobytes() for path, value in nnx.to_flat_state(frozen)}


def base_addresses(model: Model) -> list[int]:
    """Where the arrays of the base model are in memory."""
    frozen = nnx.state(model, nnx.All(nnx.Param, nnx.Not(nnx.LoRAParam)))
    return [array.unsafe_buffer_pointer() for array in jax.tree.leaves(frozen)]
