"""The modules of adapters, and how a projection gets one.

qwix has a LoRA too, but as constants of the compiled program: its rank, its scale and its dropout. It also creates
adapters in the type of the base model, in which small updates vanish. Here a projection's class is replaced by a
subclass that adds an adapter to its output. The name and type of every other variable stay as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

_RANK = "r"

# Read while a model is traced, so evaluation, which sets none, is compiled without dropout.
_dropout_key: ContextVar[jax.Array | None] = ContextVar("dropout_key", default=None)


class AdapterSetting(nnx.Variable):
    """A number of a run that compiled programs read. It is not trained."""


def _zeros(*shape: int) -> jax.Array:
    """Made by NumPy, because JAX would compile a program for each shape."""
    return jnp.array(np.zeros(shape, np.float32))


class Settings(nnx.Module):
    """The numbers of a run, shared by all adapters of a model.

    `columns` [largest rank] has the scale for the columns in use and 0 for the others, so it is rank and scale in one.
    """

    def __init__(self, max_rank: int, targets: str) -> None:
        self.max_rank = max_rank
        self.targets = targets
        self.columns = AdapterSetting(_zeros(max_rank))
        self.dropout = AdapterSetting(_zeros())
        self.seed = AdapterSetting(jnp.array(np.uint32(0)))


@dataclass(frozen=True)
class Factors:
    """How a projection is split: `down` is the equation with A, `up` the one with B, without their shapes' rank."""

    down: str
    up: str
    a_shape: tuple[int, ...]
    b_shape: tuple[int, ...]


class Adapter(nnx.Module):
    """B A x times the scale, in float32. A is [inputs..., rank], B is [rank, outputs...]."""

    def __init__(self, name: str, factors: Factors, settings: Settings) -> None:
        self.down, self.up = factors.down, factors.up
        self.number = zlib.crc32(name.encode())
        self.lora_a = nnx.LoRAParam(_zeros(*factors.a_shape, settings.max_rank))
        self.lora_b = nnx.LoRAParam(_zeros(settings.max_rank, *factors.b_shape))
        self.settings = settings
        # Inside a quantized model qwix asks every module for its path, and quantizes those that match its rules.
        self.qwix_path = (*name.split("."), "adapter")

    def __call__(self, inputs: jax.Array) -> jax.Array:
        inner = self._inner(inputs.astype(jnp.float32))
        return jnp.einsum(self.up, inner * self.settings.columns[...], self.lora_b[...])

    def _inner(self, inputs: jax.Array) -> jax.Array:
        key = _dropout_key.get()
        if key is None:
            return jnp.einsum(self.down, inputs, self.lora_a[...])
        of_this = jax.random.fold_in(key, self.number)
        return _after_dropout(self.down, inputs, self.lora_a[...], of_this, self.settings.dropout[...])


def _after_dropout(equation: str, inputs: jax.Array, a: jax.Array, key: jax.Array, probability: jax.Array) -> jax.Array:
    """Inputs times A, with elements of the inputs dropped.

    Without dropout, no random numbers are drawn: they would take longer than the adapter. The inputs are dropped once
    more for the gradient, so that projections of the same inputs keep them once and not each a version of its own.
    """

    @jax.checkpoint
    def product(inputs: jax.Array, a: jax.Array, key: jax.Array, probability: jax.Array) -> jax.Array:
        kept = jax.lax.cond(probability > 0, lambda: _dropped(inputs, key, probability), lambda: inputs)
        return jnp.einsum(equation, kept, a)

    return product(inputs, a, key, probability)


def _dropped(inputs: jax.Array, key: jax.Array, probability: jax.Array) -> jax.Array:
    kept = jax.random.bernoulli(key, 1 - probability, inputs.shape)
    return jnp.where(kept, inputs / (1 - probability), 0.0)


@contextmanager
def dropping(model: Any, step: jax.Array) -> Iterator[None]:
    """Inside, the model's adapters drop inputs as they do in step `step` of a training; no effect on other models."""
    settings = getattr(model, "adapters", None)
    if settings is None:
        yield
        return
    token = _dropout_key.set(jax.random.fold_in(jax.random.key(settings.seed[...]), step))
    try:
        yield
    finally:
        _dropout_key.reset(token)


@cache
def adapted(projection: type[nnx.Module]) -> type[nnx.Module]:
    """The class of a projection that adds its adapter to its output; always the same one, for programs depend on it."""

    class Adapted(projection):  # type: ignore[valid-type, misc]
        def __call__(self, inputs: jax.Array) -> jax.Array:
            outputs = super().__call__(inputs)
            return (outputs + self.adapter(inputs)).astype(outputs.dtype)

    Adapted.__name__ = Adapted.__qualname__ = f"Adapted{projection.__name__}"
    return Adapted


def factors_of(projection: Any) -> Factors:
    """How the adapter of an Einsum of Google's models, or of a linear layer, is shaped."""
    if isinstance(projection, nnx.Linear):
        return factors("...i,io->...o", (projection.in_features, projection.out_features))
    return factors(projection.einsum_str, projection.shape)


def factors(equation: str, shape: tuple[int, ...]) -> Factors:
    """Splits the weights of `equation`, such as `BTD,DNH->BTNH`, into A over summed and B over other dimensions."""
    inputs, rest = equation.split(",")
    weights, outputs = rest.split("->")
    summed = [name for name in weights if name in inputs]
    kept = [name for name in weights if name not in inputs]
    inner = "".join(name for name in inputs if name not in summed) + _RANK
    sizes = dict(zip(weights, shape, strict=True))
    return Factors(
        down=f"{inputs},{''.join(summed)}{_RANK}->{inner}",
        up=f"{inner},{_RANK}{''.join(kept)}->{outputs}",
        a_shape=tuple(sizes[name] for name in summed),
        b_shape=tuple(sizes[name] for name in kept),
    )
