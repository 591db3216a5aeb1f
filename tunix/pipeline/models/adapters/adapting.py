"""Gives a model adapters, sets them for a run, and reads them."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from tunix.pipeline.models.adapters.modules import Adapter, Settings, adapted, factors_of
from tunix.pipeline.models.adapters.structure import PROJECTIONS, AdapterStructure, AdapterValues
from tunix.pipeline.models.forward import Model

Arrays = dict[str, np.ndarray]


class UnfitAdapters(ValueError):
    """Adapters that do not belong to the model; the message says why."""


def adapt(model: Model, structure: AdapterStructure) -> Model:
    """A model with adapters that add nothing until `reset` or `load_adapters` sets them.

    It shares the arrays of `model`, which stays as it was. Nothing is computed with the model.
    """
    model = nnx.clone(model)
    settings = Settings(structure.max_rank, structure.targets, drops=structure.drops)
    for name, projection in _projections(model, structure):
        projection.adapter = Adapter(name, factors_of(projection), settings)
        projection.__class__ = adapted(type(projection))  # type: ignore[arg-type]
    model.adapters = settings
    return model


def reset(model: Model, values: AdapterValues) -> None:
    """Sets the adapters to the start of a run, in place: A from the seed, B zero, so the model equals its base.

    Raises ValueError if the rank is above the largest, or there is dropout in a model without it.
    """
    _set(model, values)
    for name, adapter in named_adapters(model):
        adapter.lora_a.set_value(_copied(initial_a(name, adapter.lora_a.shape, values.seed)))
        adapter.lora_b.set_value(_copied(np.zeros(adapter.lora_b.shape, np.float32)))


def initial_a(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """A [inputs..., rank] of the module `name`, uniform with variance 2 / inputs as in qwix.

    Column by column, so that the first columns are the same numbers whatever the largest rank is.
    """
    *inputs, rank = shape
    bound = math.sqrt(6 / math.prod(inputs))
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    columns = (2 * generator.random((rank, *inputs), np.float32) - 1) * np.float32(bound)
    return np.ascontiguousarray(np.moveaxis(columns, 0, -1))


def adapter_arrays(model: Model, rank: int) -> Arrays:
    """The first `rank` columns of each A and rows of each B, by names such as `layers.0.attn.q_proj.lora_a`.

    A is [inputs..., rank] and B [rank, outputs...], with the dimensions of the projection's own weights. In Gemma 3,
    keys and values are one projection: they share an A, and B has a dimension for the two.
    """
    found: Arrays = {}
    for name, adapter in named_adapters(model):
        found[f"{name}.lora_a"] = np.asarray(adapter.lora_a[...])[..., :rank]
        found[f"{name}.lora_b"] = np.asarray(adapter.lora_b[...])[:rank]
    return found


def load_adapters(model: Model, arrays: Mapping[str, np.ndarray], values: AdapterValues) -> None:
    """Sets the adapters to arrays as `adapter_arrays` gives them. Raises UnfitAdapters if they belong to another model.

    The rank of `arrays` is that of `values`.
    """
    _check(model, arrays, values.rank)
    _set(model, values)
    for name, adapter in named_adapters(model):
        a, b = np.zeros(adapter.lora_a.shape, np.float32), np.zeros(adapter.lora_b.shape, np.float32)
        a[..., : values.rank] = arrays[f"{name}.lora_a"]
        b[: values.rank] = arrays[f"{name}.lora_b"]
        adapter.lora_a.set_value(_copied(a))
        adapter.lora_b.set_value(_copied(b))


def is_adapted(model: Model) -> bool:
    """Whether the model has adapters."""
    return hasattr(model, "adapters")


def named_adapters(model: Model) -> Iterator[tuple[str, Adapter]]:
    """The adapters by the path of their projection, such as `layers.0.attn.q_proj`, in the order of the layers."""
    for number, layer in enumerate(model.layers):
        for path, module in nnx.iter_modules(layer):
            if isinstance(module, Adapter):
                yield ".".join(("layers", str(number), *map(str, path[:-1]))), module


def adapted_modules(model: Model) -> int:
    """How many projections have an adapter."""
    return sum(1 for _ in named_adapters(model))


def norm_of_b(model: Model) -> float:
    """The norm of all B together. It is 0 when a training starts, and must not be 0 after some steps."""
    return math.hypot(*(float(np.linalg.norm(np.asarray(adapter.lora_b[...]))) for _, adapter in named_adapters(model)))


def _copied(array: np.ndarray) -> jax.Array:
    """A train step reuses the memory of these arrays, so it must not be NumPy's."""
    return jnp.array(array, copy=True)


def _projections(model: Model, structure: AdapterStructure) -> list[tuple[str, Any]]:
    names = PROJECTIONS[structure.targets]
    return [
        (".".join(map(str, path)), module)
        for path, module in nnx.iter_modules(model)
        if path and path[0] == "layers" and path[-1] in names
    ]


def _set(model: Model, values: AdapterValues) -> None:
    settings = model.adapters
    if not 0 < values.rank <= settings.max_rank:
        raise ValueError(f"The rank {values.rank} is not between 1 and {settings.max_rank}, the largest of this model.")
    if values.dropout and not settings.drops:
        raise ValueError("The adapters of this model were made without dropout.")
    in_use = np.arange(settings.max_rank) < values.rank
    settings.columns.set_value(jnp.asarray(np.where(in_use, values.scale, 0.0).astype(np.float32)))
    settings.dropout.set_value(jnp.asarray(np.float32(values.dropout)))
    settings.seed.set_value(jnp.asarray(np.uint32(values.seed)))


def _check(model: Model, arrays: Mapping[str, np.ndarray], rank: int) -> None:
    wanted: dict[str, tuple[int, ...]] = {}
    for name, adapter in named_adapters(model):
        wanted[f"{name}.lora_a"] = (*adapter.lora_a.shape[:-1], rank)
        wanted[f"{name}.lora_b"] = (rank, *adapter.lora_b.shape[1:])
    for name in sorted({*wanted, *arrays}):
        if name not in arrays:
            raise UnfitAdapters(f"{name} is missing.")
        if name not in wanted:
            raise UnfitAdapters(f"{name} belongs to no adapted projection of this model.")
        if arrays[name].shape != wanted[name]:
            raise UnfitAdapters(f"{name} has the shape {list(arrays[name].shape)}, not {list(wanted[name])}.")
