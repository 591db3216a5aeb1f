"""Hidden states are those that the logits of each family are made from, with and without a cache."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.models.forward import (
    Model,
    attention_mask,
    cache_sizes,
    empty_cache,
    hidden_states,
    set_remat,
    unembed,
    vocabulary_of,
)
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.tiny import KV_HEADS, VOCABULARY, make_folder, token_ids

FAMILIES = ("llama3", "qwen2", "qwen3", "gemma3")
LENGTH = 12


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = make_folder(tmp_path_factory.mktemp("model") / "model", request.param, num_hidden_layers=1)
    return load_model(inspect_folder(folder))


def given(length: int = LENGTH) -> tuple[Any, Any, Any]:
    tokens = jnp.asarray(token_ids()[:, :length])
    return tokens, jnp.broadcast_to(jnp.arange(length), tokens.shape), attention_mask(jnp.ones_like(tokens))


@nnx.jit
def logits_both_ways(model: Model, tokens: Any, positions: Any, mask: Any) -> tuple[Any, Any]:
    hidden, _ = hidden_states(model, tokens, positions, None, mask)
    return model(tokens, positions, None, mask)[0], unembed(model, hidden)


@nnx.jit
def last_from_a_cache(model: Model, tokens: Any, positions: Any, mask: Any) -> Any:
    """The logits of the last token, read after all others have filled the cache."""
    mask = jnp.pad(mask, ((0, 0), (0, 0), (0, 3)))
    cache = empty_cache(model, len(tokens), LENGTH + 3)
    _, cache = hidden_states(model, tokens[:, :-1], positions[:, :-1], cache, mask[:, :-1])
    hidden, _ = hidden_states(model, tokens[:, -1:], positions[:, -1:], cache, mask[:, -1:])
    return unembed(model, hidden[:, 0])


def test_unembedded_hidden_states_are_the_models_logits(model: Model) -> None:
    logits, found = logits_both_ways(model, *given())
    np.testing.assert_array_equal(found, logits)


def test_a_cache_changes_nothing(model: Model) -> None:
    logits, _ = logits_both_ways(model, *given())
    np.testing.assert_allclose(last_from_a_cache(model, *given()), logits[:, -1], rtol=0, atol=1e-5)


def test_the_sizes_are_those_of_the_configuration(model: Model) -> None:
    sizes = cache_sizes(model)
    assert (vocabulary_of(model), sizes.layers, sizes.kv_heads) == (VOCABULARY, 1, KV_HEADS)
    assert sizes.head_dim == model.config.head_dim


def test_the_logits_of_other_positions_are_never_made(model: Model) -> None:
    @nnx.jit
    def last(model: Model, tokens: Any, positions: Any, mask: Any) -> Any:
        return unembed(model, hidden_states(model, tokens, positions, None, mask)[0][:, -1])

    tokens, *others = given()
    program = last.lower(model, tokens, *others).compile().as_text()
    assert f"f32[{len(tokens)},{VOCABULARY}]" in program
    assert f"f32[{len(tokens)},{LENGTH},{VOCABULARY}]" not in program
    assert f"f32[{len(tokens) * LENGTH},{VOCABULARY}]" not in program


def test_the_model_keeps_no_hidden_states(model: Model) -> None:
    logits_both_ways(model, *given())
    assert not jax.tree.leaves(nnx.state(model, nnx.Intermediate))


def test_remat_computes_each_layer_again(model: Model) -> None:
    tokens, positions, mask = given()

    def program() -> str:
        graph, state = nnx.split(model)

        def total(state: Any) -> Any:
            return hidden_states(nnx.merge(graph, state), tokens, positions, None, mask)[0].sum()

        return str(jax.make_jaxpr(jax.grad(total))(state))

    before = program()
    set_remat(model, True)
    again = program()
    set_remat(model, False)
    assert ("remat" in before, "remat" in again) == (False, True)
    assert program() == before


def test_unembedding_takes_any_leading_dimensions(model: Model) -> None:
    hidden = jnp.asarray(np.random.default_rng(0).normal(size=(2, 3, 64)), jnp.float32)
    whole = unembed(model, hidden)

    assert whole.shape == (2, 3, VOCABULARY)
    np.testing.assert_allclose(jax.vmap(jax.vmap(lambda one: unembed(model, one)))(hidden), whole, rtol=0, atol=1e-5)


def test_a_token_sees_its_own_segment_up_to_itself() -> None:
    (seen,) = attention_mask(jnp.array([[1, 1, 2, 2, 0]]))
    expected = [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]]
    assert seen.astype(int).tolist() == expected
