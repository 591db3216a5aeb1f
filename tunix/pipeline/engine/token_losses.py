"""The loss of each token, in chunks where the logits of all of them over the vocabulary would take much memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import jax
import jax.numpy as jnp

Decoder: TypeAlias = Callable[[jax.Array], jax.Array]
"""Turns hidden states, of which the last axis is the width, into logits over the vocabulary."""

MOST_LOGITS = 2**24
"""A batch with at most so many logits, 64 MiB in float32, is computed without chunks."""

CHUNK = 128
"""Tokens of a chunk. Fewer save little more memory: the gradient of the embedding then takes the most."""


def token_losses(decode: Decoder, vocabulary: int, hidden: jax.Array, targets: jax.Array) -> jax.Array:
    """The negative log-likelihood of each target, given the hidden state before it, in the shape of `targets`.

    With more than MOST_LOGITS the logits are computed chunk by chunk, and once more for the gradient: one more matrix
    product for much less memory. Shapes are known when a step is compiled, so the program for small batches is the
    plain one.
    """
    if targets.size * vocabulary <= MOST_LOGITS:
        return _losses(decode, hidden, targets)

    @jax.checkpoint
    def of_one(place: tuple[jax.Array, jax.Array]) -> jax.Array:
        return _losses(decode, *place)

    places = hidden.reshape(-1, hidden.shape[-1]), targets.reshape(-1)
    return jax.lax.map(of_one, places, batch_size=CHUNK).reshape(targets.shape)


def _losses(decode: Decoder, hidden: jax.Array, targets: jax.Array) -> jax.Array:
    likelihoods = jax.nn.log_softmax(decode(hidden).astype(jnp.float32))
    return -jnp.take_along_axis(likelihoods, targets[..., None], axis=-1)[..., 0]
