"""Packing changes neither the loss nor its gradient: rows in one sequence do not see each other, in any family."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.data.batches import Batch, Sequences
from tunix.pipeline.data.packing import Packing
from tunix.pipeline.engine.trainer import answer_loss, model_input
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.tiny import VOCABULARY, make_folder

LENGTHS, LENGTH, ANSWER = (14, 3, 9, 5, 11, 6), 24, 4
"""Rows that are longer than Gemma 3's sliding window of 8, and together twice the length of a sequence."""


def rows_of_lengths() -> Sequences:
    chance = np.random.RandomState(5)
    lengths = np.array(LENGTHS)[:, None]
    segments = (np.arange(LENGTH) < lengths).astype(np.int32)
    answers = np.arange(ANSWER)
    return Sequences(
        tokens=chance.randint(0, VOCABULARY, segments.shape).astype(np.int32),
        positions=np.arange(LENGTH, dtype=np.int32) * segments,
        segments=segments,
        answer_positions=np.maximum(lengths - 1 - answers, 1).astype(np.int32),
        answer_mask=answers < np.minimum(lengths - 1, 1 + np.arange(len(LENGTHS))[:, None] % ANSWER),
    )


def alike(*batches: Batch) -> list[Batch]:
    """The batches with rows of padding, so that one program is compiled for all."""
    shapes = {name: np.max([batch[name].shape for batch in batches], axis=0) for name in batches[0]}
    return [
        {
            name: np.pad(values, [(0, n - m) for n, m in zip(shapes[name], values.shape, strict=True)])
            for name, values in batch.items()
        }
        for batch in batches
    ]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["llama3", "qwen2", "qwen3", "gemma3"])
def test_packed_rows_have_the_loss_and_gradient_of_plain_ones(family: str, tmp_path: Path) -> None:
    model = load_model(inspect_folder(make_folder(tmp_path / family, family, num_hidden_layers=1)))
    rows, chosen = rows_of_lengths(), list(range(len(LENGTHS)))
    plain, packed = alike(rows.batch(chosen), Packing(rows, len(LENGTHS), LENGTH).batch(chosen))
    assert packed["segments"].max() > 1

    @nnx.jit
    def loss_and_gradient(model: nnx.Module, batch: Batch) -> tuple[jax.Array, nnx.State]:
        (loss, _), gradient = nnx.value_and_grad(answer_loss, has_aux=True)(
            model, **model_input(batch), tokens_per_batch=jnp.float32(rows.answer_mask.sum())
        )
        return loss, gradient

    (loss, gradient), (packed_loss, packed_gradient) = (loss_and_gradient(model, batch) for batch in (plain, packed))
    assert packed_loss == pytest.approx(float(loss), abs=1e-5)
    for one, other in zip(jax.tree.leaves(gradient), jax.tree.leaves(packed_gradient), strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-5)
