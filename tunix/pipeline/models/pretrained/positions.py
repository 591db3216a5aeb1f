"""Gives Google's models the position embeddings of config.json.

In google-tunix 0.1.7, Llama 3 and Qwen 3 rotate by a base of 1,000,000 whatever their configuration says, and only
Gemma 3 can scale. Each module calls a function of its own by name. These functions are replaced here, once per process,
by ones that use the embedding of the model being called; outside such a call they do what they did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp

from tunix.models.llama3 import model as llama3
from tunix.models.qwen2 import model as qwen2
from tunix.models.qwen3 import model as qwen3
from tunix.pipeline.models.pretrained.rope import Rope

Function = Callable[..., Any]

# Read while a model is traced. A worker may hold models with different embeddings, so a global value would not do.
_current: ContextVar[Rope | None] = ContextVar("rope", default=None)


@contextmanager
def rotating_by(rope: Rope) -> Iterator[None]:
    """Inside, the models of this module's families use this embedding."""
    token = _current.set(rope)
    try:
        yield
    finally:
        _current.reset(token)


def _angles(rope: Rope, positions: jax.Array, head_dim: int) -> jax.Array:
    """Radians for each position and pair of features, in float32: bfloat16 cannot count beyond 256."""
    frequencies = jnp.asarray(rope.inverse_frequencies(head_dim), jnp.float32)
    return positions[..., None].astype(jnp.float32) * frequencies


def _rotating(original: Function) -> Function:
    """In place of `apply_rope` of Llama 3 and Qwen 3."""

    def apply_rope(inputs: jax.Array, positions: jax.Array, head_dim: int, **others: Any) -> jax.Array:
        rope = _current.get()
        if rope is None:
            return original(inputs, positions, head_dim, **others)
        angles = _angles(rope, positions, head_dim)[..., None, :]
        sin, cos = jnp.sin(angles), jnp.cos(angles)
        first, second = jnp.split(inputs, 2, axis=-1)
        rotated = jnp.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)
        return rotated.astype(inputs.dtype)

    return apply_rope


def _sines_and_cosines(original: Function) -> Function:
    """In place of `_generate_pos_embeddings` of Qwen 2.5."""

    def generate(positions: jax.Array, features: int, rope_theta: float) -> tuple[jax.Array, jax.Array]:
        rope = _current.get()
        if rope is None:
            return original(positions, features, rope_theta)
        angles = _angles(rope, positions, features)
        return jnp.sin(angles), jnp.cos(angles)

    return generate


llama3.apply_rope = _rotating(llama3.apply_rope)
qwen3.apply_rope = _rotating(qwen3.apply_rope)
qwen2._generate_pos_embeddings = _sines_and_cosines(qwen2._generate_pos_embeddings)
