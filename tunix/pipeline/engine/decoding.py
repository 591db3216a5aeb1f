"""The compiled program of generation: reads the prompts once, then adds a token to each until all have ended."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from flax import nnx

from tunix.pipeline.models.forward import Cache, attention_mask, empty_cache, hidden_states, unembed

Graph: TypeAlias = nnx.GraphDef[Any]
"""A model without its variables."""


class Prompts(NamedTuple):
    """A batch of prompts, and what determines how they are answered. All are arrays, so new values compile nothing.

    `tokens` [rows, width] end at the last column, and `lengths` [rows] say how many of them are real: padding is never
    recognized by an id. A row of length 0 is not answered. `end_ids` [any] end an answer; -1 ends none. Tokens are
    drawn at `temperature`, if they are drawn, by random numbers that depend on `seed` and on the row's `numbers`
    [rows, 2] only: those of its prompt and of its sample.
    """

    tokens: jax.Array
    lengths: jax.Array
    numbers: jax.Array
    end_ids: jax.Array
    temperature: jax.Array
    seed: jax.Array


class Answers(NamedTuple):
    """`tokens` [rows, max_new_tokens], of which the first `counts` [rows] are the answer, without its end token.

    An answer that has not `ended` [rows] was cut off.
    """

    tokens: jax.Array
    counts: jax.Array
    ended: jax.Array


class _Progress(NamedTuple):
    """After `step` tokens: the last one of each row, the answers so far, and the cache without the last token."""

    step: jax.Array
    last: jax.Array
    answers: Answers
    cache: Cache


def decode(graph: Graph, max_new_tokens: int, weights: nnx.State, prompts: Prompts, drawn: bool) -> Answers:
    """The answers of at most `max_new_tokens` to a batch of prompts. The batch ends with the last of its rows.

    Each token is the most likely one, or `drawn`.

    Google's caches have one place for all rows at which the next token goes, and count a sliding window in places, not
    in positions. Prompts therefore end at the same column, and every row is without gaps.
    """
    width = prompts.tokens.shape[1]
    first, cache = _read(graph, weights, prompts)
    progress = _appended(_begin(prompts, max_new_tokens), first, cache, prompts, drawn)

    def unfinished(progress: _Progress) -> jax.Array:
        return (progress.step < max_new_tokens) & ~jnp.all(progress.answers.ended)

    def next_token(progress: _Progress) -> _Progress:
        offset = progress.step - 1
        places = jnp.arange(width + max_new_tokens - 1)
        seen = (places >= (width - prompts.lengths)[:, None]) & (places <= width + offset)
        # The model is made inside the loop: it keeps the hidden states for a moment, which must not leave the loop.
        model = nnx.merge(graph, weights)
        positions = prompts.lengths + offset
        hidden, cache = hidden_states(
            model, progress.last[:, None], positions[:, None], progress.cache, seen[:, None, :]
        )
        return _appended(progress, unembed(model, hidden[:, 0]), cache or {}, prompts, drawn)

    longer = _extended(progress.cache, max_new_tokens - 1)
    return jax.lax.while_loop(unfinished, next_token, progress._replace(cache=longer)).answers


def _read(graph: Graph, weights: nnx.State, prompts: Prompts) -> tuple[jax.Array, Cache]:
    """The logits after the prompts, and the cache with them."""
    rows, width = prompts.tokens.shape
    positions = jnp.arange(width) - (width - prompts.lengths)[:, None]
    is_real = positions >= 0
    model = nnx.merge(graph, weights)
    hidden, cache = hidden_states(
        model,
        prompts.tokens,
        jnp.maximum(positions, 0),
        empty_cache(model, rows, width),
        attention_mask(is_real.astype(jnp.int32)),
    )
    return unembed(model, hidden[:, -1]), cache or {}


def _begin(prompts: Prompts, max_new_tokens: int) -> _Progress:
    rows = len(prompts.lengths)
    tokens = jnp.zeros((rows, max_new_tokens), jnp.int32)
    answers = Answers(tokens, jnp.zeros(rows, jnp.int32), prompts.lengths == 0)
    return _Progress(jnp.int32(0), jnp.zeros(rows, jnp.int32), answers, {})


def _appended(progress: _Progress, logits: jax.Array, cache: Cache, prompts: Prompts, drawn: bool) -> _Progress:
    """The progress after one more token of each row, chosen by these logits [rows, vocabulary]."""
    tokens, counts, ended = progress.answers
    last = _chosen(logits, progress.step, prompts, drawn)
    ended = ended | jnp.isin(last, prompts.end_ids)
    answers = Answers(tokens.at[:, progress.step].set(last), counts + ~ended, ended)
    return _Progress(progress.step + 1, last, answers, cache)


def _chosen(logits: jax.Array, step: jax.Array, prompts: Prompts, drawn: bool) -> jax.Array:
    if not drawn:
        return jnp.argmax(logits, axis=-1).astype(jnp.int32)

    def key(numbers: jax.Array) -> jax.Array:
        root = jax.random.fold_in(jax.random.key(prompts.seed), numbers[0])
        return jax.random.fold_in(jax.random.fold_in(root, numbers[1]), step)

    keys = jax.vmap(key)(prompts.numbers)
    return jax.vmap(jax.random.categorical)(keys, logits / prompts.temperature).astype(jnp.int32)


def _extended(cache: Cache, places: int) -> Cache:
    """The cache with room for so many more tokens."""
    room = ((0, 0), (0, places), (0, 0), (0, 0))
    return {
        layer: {**values, "k": jnp.pad(values["k"], room), "v": jnp.pad(values["v"], room)}
        for layer, values in cache.items()
    }
