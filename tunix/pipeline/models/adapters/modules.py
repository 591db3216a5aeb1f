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
_READS_INNER = ("o_proj", "attn_vec_einsum", "down_proj")
"""Projections that read what is inside attention or a feed-forward layer. The others read what comes into it."""

# Read while a model is traced, so evaluation, which sets none, is compiled without dropout.
_dropout_seed: ContextVar[jax.Array | None] = ContextVar("dropout_seed", default=None)


class AdapterSetting(nnx.Variable):
    """A number of a run that compiled programs read. It is not trained."""


def _zeros(*shape: int) -> jax.Array:
    """Made by NumPy, because JAX would compile a program for each shape."""
    return jnp.array(np.zeros(shape, np.float32))


class Settings(nnx.Module):
    """The numbers of a run, shared by all adapters of a model.

    `columns` [largest rank] has the scale for the columns in use and 0 for the others, so it is rank and scale in one.
    `drops`: whether training is compiled with dropout, which also takes time when its probability is 0.
    """

    def __init__(self, max_rank: int, targets: str, *, drops: bool) -> None:
        self.max_rank = max_rank
        self.targets = targets
        self.drops = drops
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
        self.inputs = zlib.crc32(_inputs_of(name).encode())
        self.lora_a = nnx.LoRAParam(_zeros(*factors.a_shape, settings.max_rank))
        self.lora_b = nnx.LoRAParam(_zeros(settings.max_rank, *factors.b_shape))
        self.settings = settings
        # Inside a quantized model qwix asks every module for its path, and quantizes those that match its rules.
        self.qwix_path = (*name.split("."), "adapter")

    def __call__(self, inputs: jax.Array) -> jax.Array:
        inner = self._inner(inputs.astype(jnp.float32))
        return jnp.einsum(self.up, inner * self.settings.columns[...], self.lora_b[...])

    def _inner(self, inputs: jax.Array) -> jax.Array:
        seed = _dropout_seed.get()
        if seed is not None:
            inputs = _dropped(inputs, _mixed(seed + jnp.uint32(self.inputs)), self.settings.dropout[...])
        return jnp.einsum(self.down, inputs, self.lora_a[...])


def _inputs_of(name: str) -> str:
    """What a projection reads: those that read the same drop the same, so that it is drawn once."""
    block, _, projection = name.rpartition(".")
    return f"{block}.{'inner' if projection in _READS_INNER else 'outer'}"


def _dropped(inputs: jax.Array, seed: jax.Array, probability: jax.Array) -> jax.Array:
    """Each element is 0 with this probability, and otherwise larger, so that the expected value stays.

    A hash of the element's number is enough for this. JAX's own generator would multiply the time to compile a model
    with hundreds of adapters.
    """
    numbers = jax.lax.iota(jnp.uint32, inputs.size).reshape(inputs.shape)
    drawn = _mixed(_mixed(numbers) + seed) >> 8  # 24 bits, which a float32 holds
    return jnp.where(drawn.astype(jnp.float32) >= probability * 2**24, inputs / (1 - probability), 0.0)


def _mixed(numbers: jax.Array) -> jax.Array:
    """A permutation of 32 bits in which each bit of the result depends on all bits of the number."""
    numbers = (numbers ^ (numbers >> 16)) * jnp.uint32(0x7FEB352D)
    numbers = (numbers ^ (numbers >> 15)) * jnp.uint32(0x846CA68B)
    return numbers ^ (numbers >> 16)


@contextmanager
def dropping(model: Any, step: jax.Array) -> Iterator[None]:
    """Inside, the model's adapters drop inputs as they do in step `step` of a training; no effect on other models."""
    settings = getattr(model, "adapters", None)
    if settings is None or not settings.drops:
        yield
        return
    token = _dropout_seed.set(_mixed(_mixed(settings.seed[...]) + step.astype(jnp.uint32)))
    try:
        yield
    finally:
        _dropout_seed.reset(token)


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
