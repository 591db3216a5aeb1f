"""The loss in chunks equals the plain one and its gradient, and a large vocabulary takes less memory by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.models.gemma3.model import Gemma3
from tunix.pipeline.engine import token_losses as module
from tunix.pipeline.engine.token_losses import MOST_LOGITS, token_losses
from tunix.pipeline.engine.trainer import answer_loss, model_input
from tunix.pipeline.models import gemma3
from tunix.pipeline.models.base_models import BASE_MODELS

VOCABULARY, ROWS, LENGTH, ANSWERS = 40, 6, 10, 5
Chunked = Callable[[int], None]


@pytest.fixture
def chunked(monkeypatch: pytest.MonkeyPatch) -> Chunked:
    """Forces chunks of so many tokens, whatever the size."""

    def force(tokens: int) -> None:
        monkeypatch.setattr(module, "MOST_LOGITS", 0)
        monkeypatch.setattr(module, "CHUNK", tokens)

    return force


@pytest.fixture(scope="module")
def model() -> Gemma3:
    info = BASE_MODELS["tiny-gemma3"]
    return gemma3.build(info.sizes, VOCABULARY, gemma3.initial_weights(info, VOCABULARY))


def batch(**fields: Any) -> dict[str, Any]:
    chance = np.random.default_rng(0)
    return {
        "tokens": chance.integers(3, VOCABULARY, (ROWS, LENGTH)).astype(np.int32),
        "positions": np.arange(LENGTH, dtype=np.int32)[None].repeat(ROWS, axis=0),
        "segments": np.ones((ROWS, LENGTH), np.int32),
        "answer_positions": np.arange(LENGTH - ANSWERS, LENGTH, dtype=np.int32)[None].repeat(ROWS, axis=0),
        "answer_mask": chance.random((ROWS, ANSWERS)) < 0.6,
        **fields,
    }


def loss_and_gradient(model: Gemma3, given: dict[str, Any]) -> tuple[Any, list[Any]]:
    def loss(model: Gemma3) -> Any:
        return answer_loss(model, **model_input(given))

    (found, _), gradient = nnx.jit(nnx.value_and_grad(loss, has_aux=True))(model)
    return found, jax.tree.leaves(gradient)


@pytest.mark.slow
def test_a_models_loss_and_gradient_are_the_plain_ones(model: Gemma3, chunked: Chunked) -> None:
    given = batch(tokens_per_batch=np.float32(11))
    loss, gradient = loss_and_gradient(model, given)
    chunked(7)
    chunked_loss, chunked_gradient = loss_and_gradient(model, given)
    assert float(chunked_loss) == pytest.approx(float(loss), abs=1e-5)
    for found, expected in zip(chunked_gradient, gradient, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("tokens", [1, 4, 15, 100], ids=["one", "remainder", "all", "more"])
def test_the_gradient_is_the_plain_one(tokens: int, chunked: Chunked) -> None:
    chance = np.random.default_rng(1)
    weights, targets = chance.random((3, 5)), chance.integers(0, 12, (3, 5))

    def loss(hidden: jax.Array, matrix: jax.Array) -> jax.Array:
        return jnp.sum(weights * token_losses(lambda states: states @ matrix, 12, hidden, jnp.asarray(targets)))

    given = [jnp.asarray(chance.normal(size=shape), jnp.float32) for shape in ((3, 5, 8), (8, 12))]
    plain = jax.grad(loss, (0, 1))(*given)
    chunked(tokens)
    for found, expected in zip(jax.grad(loss, (0, 1))(*given), plain, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("tokens", [0, 4], ids=["plain", "chunks"])
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_each_loss_is_the_negative_log_likelihood(tokens: int, dtype: Any, chunked: Chunked) -> None:
    chance = np.random.default_rng(1)
    hidden, matrix = (jnp.asarray(chance.normal(size=shape), dtype) for shape in ((3, 5, 8), (8, 12)))
    targets = chance.integers(0, 12, (3, 5))
    if tokens:
        chunked(tokens)
    found = token_losses(lambda states: states @ matrix, 12, hidden, jnp.asarray(targets))
    logits = np.asarray(hidden @ matrix, np.float64)
    likelihoods = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    expected = -np.take_along_axis(likelihoods, targets[..., None], axis=-1)[..., 0]
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 if dtype == jnp.float32 else 0.05)


def program(vocabulary: int, tokens: int, width: int = 32) -> Any:
    """The program for the gradient of the losses with respect to hidden states and embedding."""

    def loss(hidden: jax.Array, embedding: jax.Array, targets: jax.Array) -> jax.Array:
        return jnp.sum(token_losses(lambda states: states @ embedding.T, vocabulary, hidden, targets))

    shapes = (tokens, width), (vocabulary, width)
    floats = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes]
    return jax.jit(jax.grad(loss, (0, 1))).trace(*floats, jax.ShapeDtypeStruct((tokens,), jnp.int32))


@pytest.mark.parametrize(("vocabulary", "loops"), [(MOST_LOGITS // 512, False), (MOST_LOGITS // 512 + 1, True)])
def test_only_above_the_stated_size_is_there_a_loop(vocabulary: int, loops: bool) -> None:
    assert ("scan" in str(program(vocabulary, 512).jaxpr)) is loops


def test_a_large_vocabulary_takes_a_fraction_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def peak() -> int:
        return program(50_000, 1024).lower().compile().memory_analysis().temp_size_in_bytes

    in_chunks = peak()
    monkeypatch.setattr(module, "MOST_LOGITS", 2**62)
    assert in_chunks < peak() / 4
