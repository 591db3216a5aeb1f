"""Runs a model of any family up to its hidden states, so that only the positions that matter are decoded.

The logits of every position over a large vocabulary take more memory than all else in a step. Training needs those
before trained tokens, and generation needs those of the last position.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

Model = Any
"""Google's Gemma 3, or one of the classes in `pretrained/models.py`."""

Cache = dict[str, dict[str, jax.Array]]
"""Keys, values and the number of tokens so far, by layer."""


@dataclass(frozen=True)
class CacheSizes:
    """What the size of a key-value cache depends on, apart from rows and length."""

    layers: int
    kv_heads: int
    head_dim: int


def hidden_states(
    model: Model, tokens: jax.Array, positions: jax.Array, cache: Cache | None, attention_mask: jax.Array
) -> tuple[jax.Array, Cache | None]:
    """The final hidden states [rows, length, width], and the cache with these tokens added.

    `tokens` and `positions` are [rows, length], `attention_mask` is [rows, length, length of the cache or the tokens].

    Goes through the model's own `__call__`, since qwix adds adapters only inside it. The call also makes the logits of
    every position; they are unused, so the compiler removes them. In a loop that is compiled, such as `lax.scan`, merge
    the model inside the loop: the states are stored in the model for a moment.
    """
    _, cache = model(tokens, positions, cache, attention_mask, output_hidden_states=True)
    (hidden,) = jax.tree.leaves(nnx.pop(model, nnx.Intermediate))
    return hidden, cache


def sequence_states(model: Model, tokens: jax.Array, segments: jax.Array) -> jax.Array:
    """The final hidden states [rows, length, width] of sequences that start in the first column, without a cache.

    `segments` [rows, length] is 1 for their tokens, and 0 for the padding behind them.
    """
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1]), tokens.shape)
    return hidden_states(model, tokens, positions, None, attention_mask(segments))[0]


def logits_of(model: Model, tokens: jax.Array) -> jax.Array:
    """The logits [rows, length, vocabulary] of sequences [rows, length] that are not padded."""
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1]), tokens.shape)
    logits, _ = model(tokens, positions, None, attention_mask(jnp.ones_like(tokens)))
    return logits


def unembed(model: Model, hidden: jax.Array) -> jax.Array:
    """The logits over the vocabulary in float32, for hidden states whose last axis is the width."""
    if hasattr(model, "lm_head"):
        logits = model.lm_head(hidden.reshape(1, -1, hidden.shape[-1]))
        logits = logits.reshape(*hidden.shape[:-1], logits.shape[-1])
    else:
        logits = model.embedder.decode(hidden)
    return logits.astype(jnp.float32)


def vocabulary_of(model: Model) -> int:
    """The number of logits."""
    return int(model.embedder.input_embedding.shape[0])


def cache_sizes(model: Model) -> CacheSizes:
    """The sizes of the model's key-value cache."""
    config = model.config
    return CacheSizes(config.num_layers, config.num_kv_heads, config.head_dim)


def empty_cache(model: Model, rows: int, length: int) -> Cache:
    """A key-value cache for `rows` sequences of at most `length` tokens, in the type of the model's weights."""
    sizes = cache_sizes(model)
    shape = rows, length, sizes.kv_heads, sizes.head_dim
    dtype = model.embedder.input_embedding.dtype
    return {
        f"layer_{number}": {
            "k": jnp.zeros(shape, dtype),
            "v": jnp.zeros(shape, dtype),
            "end_index": jnp.zeros(rows, jnp.int32),
        }
        for number in range(sizes.layers)
    }


def set_remat(model: Model, remat: bool) -> None:
    """Says whether a gradient computes each layer again, or keeps what the layer computed. In place."""
    choices = type(model.config.remat_config)
    for _, module in nnx.iter_modules(model):
        if hasattr(module, "config"):
            module.config = replace(module.config, remat_config=choices.DECODER if remat else choices.NONE)


def attention_mask(segments: jax.Array) -> jax.Array:
    """Who may look at whom, [rows, length, length], for segments [rows, length] of which 0 is padding.

    A token sees itself and the tokens before it in its own segment, so that sequences packed into one row do not meet.
    """
    length = segments.shape[-1]
    same = segments[:, :, None] == segments[:, None, :]
    return same & (segments > 0)[:, None, :] & jnp.tril(jnp.ones((length, length), bool))
