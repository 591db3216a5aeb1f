"""Chooses among labels: the answer to a prompt is the label that the model finds most likely."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from tunix.pipeline.data.batches import padded_length
from tunix.pipeline.data.labels import answered_with
from tunix.pipeline.data.row_tokenizer import RowTokenizer, TokenizedRow
from tunix.pipeline.data.rows import Row
from tunix.pipeline.engine.generation import GeneratedText, batch_size_for
from tunix.pipeline.engine.token_losses import token_losses
from tunix.pipeline.models.forward import sequence_states, unembed, vocabulary_of


class LabelScorer:
    """Scores labels by their likelihood. Programs are compiled for each shape; the weights are an argument."""

    def __init__(self, model: Any) -> None:
        self._program = jax.jit(functools.partial(_mean_log_likelihoods, nnx.graphdef(model)))

    def scores(
        self, model: Any, rows: Sequence[TokenizedRow], max_length: int, progress: Callable[[int], None]
    ) -> np.ndarray:
        """The mean log-likelihood of a token after the prompt, for each row. `progress` gets the rows done so far."""
        found: list[float] = []
        for scores in self.batches(model, rows, max_length):
            found += scores
            progress(len(found))
        return np.array(found)

    def batches(self, model: Any, rows: Sequence[TokenizedRow], max_length: int) -> Iterator[list[float]]:
        """The scores of each batch, all of one shape."""
        length = padded_length(max(row.length for row in rows), max_length)
        offsets = np.arange(padded_length(max(row.length - row.prompt_length for row in rows), length), dtype=np.int32)
        batch_size, weights = batch_size_for(model, len(rows), length), nnx.state(model)
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            tokens = np.zeros((batch_size, length), np.int32)
            starts, lengths = np.ones(batch_size, np.int32), np.zeros(batch_size, np.int32)
            for place, row in enumerate(batch):
                tokens[place, : row.length] = row.tokens
                starts[place], lengths[place] = row.prompt_length, row.length
            yield jax.device_get(self._program(weights, tokens, starts, lengths, offsets))[: len(batch)].tolist()


def choose(
    model: Any,
    tokenizer: RowTokenizer,
    rows: Sequence[Row],
    labels: Sequence[str],
    *,
    max_seq_length: int,
    progress: Callable[[int], None],
    scorer: LabelScorer | None = None,
) -> list[GeneratedText]:
    """For each row, the label with the highest mean log-likelihood of a token; the first of equal ones.

    The token that ends the answer counts. By the mean, and not by the sum, a label of many tokens is not at a
    disadvantage. Prompts are cut as in training. `scorer` has been compiled before; without it one is made.
    """
    answered = labelled(tokenizer, rows, labels)
    scores = (scorer or LabelScorer(model)).scores(
        model,
        [row.cut(max_seq_length) for row in answered],
        max_seq_length,
        lambda done: progress(done // len(labels)),
    )
    best = scores.reshape(len(rows), len(labels)).argmax(axis=1)
    longest = np.array([row.length for row in answered]).reshape(len(rows), len(labels)).max(axis=1)
    return [
        GeneratedText(labels[number], truncated=False, prompt_cut=bool(length > max_seq_length))
        for number, length in zip(best, longest, strict=True)
    ]


def labelled(tokenizer: RowTokenizer, rows: Sequence[Row], labels: Sequence[str]) -> list[TokenizedRow]:
    """Each row with each of the labels as its answer."""
    return tokenizer.tokenized([answered_with(row, label) for row in rows for label in labels])


def _mean_log_likelihoods(
    graph: nnx.GraphDef[Any],
    weights: nnx.State,
    tokens: jax.Array,
    starts: jax.Array,
    lengths: jax.Array,
    offsets: jax.Array,
) -> jax.Array:
    """For tokens [rows, length] that start at the left: the mean over those from `starts` to `lengths` [rows].

    `offsets` counts the tokens of the longest label from 0.
    """
    segments = (jnp.arange(tokens.shape[1]) < lengths[:, None]).astype(jnp.int32)
    model = nnx.merge(graph, weights)
    hidden = sequence_states(model, tokens, segments)
    at = starts[:, None] + offsets
    counted = at < lengths[:, None]
    at = jnp.minimum(at, tokens.shape[1] - 1)
    before = jnp.take_along_axis(hidden, at[..., None] - 1, axis=1)
    targets = jnp.take_along_axis(tokens, at, axis=1)
    losses = token_losses(functools.partial(unembed, model), vocabulary_of(model), before, targets)
    return -jnp.where(counted, losses, 0.0).sum(axis=1) / jnp.maximum(counted.sum(axis=1), 1)
