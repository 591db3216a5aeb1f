"""What adapters are and add: compared with weights that they are merged into by hand."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.models.adapters.adapting import (
    UnfitAdapters,
    adapt,
    adapted_modules,
    adapter_arrays,
    load_adapters,
    norm_of_b,
    reset,
)
from tunix.pipeline.models.adapters.structure import AdapterStructure, AdapterValues
from tunix.pipeline.models.forward import Model, attention_mask, hidden_states, unembed
from tunix.pipeline.models.pretrained.tests.tiny import token_ids

from .adapted import FAMILIES, base, base_addresses, base_bytes, fill, logits, make_adapted

# Where the dimensions of a weight stand among those of its change, [inputs..., outputs...].
AXES = {"q_einsum": (1, 0, 2), "kv_einsum": (1, 2, 0, 3)}
PROJECTIONS = {"gemma3": 6}
ATTENTION = {"gemma3": 3}


def merged(family: str, arrays: dict[str, np.ndarray], scale: float) -> Model:
    """A model without adapters whose weights are changed as LoRA's formula says."""
    model = nnx.clone(base(family))
    for name in {key.rpartition(".")[0] for key in arrays}:
        module: Any = model.layers[0]
        for part in name.split(".")[2:]:
            module = getattr(module, part)
        change = scale * np.tensordot(arrays[f"{name}.lora_a"], arrays[f"{name}.lora_b"], 1)
        change = change.transpose(AXES.get(name.rpartition(".")[2], range(change.ndim)))
        weight = module.kernel if hasattr(module, "kernel") else module.w
        weight.set_value(weight[...] + change)
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_adapters_add_what_merged_weights_would(family: str) -> None:
    model = make_adapted(family)
    arrays = fill(model, rank=3, scale=0.7)

    found = logits(model)

    assert np.abs(found - logits(base(family))).max() > 0.1
    np.testing.assert_allclose(found, logits(merged(family, arrays, 0.7)), rtol=0, atol=2e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_projection_of_a_family_has_an_adapter(family: str) -> None:
    counts = {targets: adapted_modules(make_adapted(family, targets=targets)) for targets in ("all", "attention")}

    assert counts == {"all": PROJECTIONS.get(family, 7), "attention": ATTENTION.get(family, 4)}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_starts_as_the_base_model(family: str) -> None:
    model = make_adapted(family)
    fill(model, rank=2)

    reset(model, AdapterValues(rank=2, seed=1))

    np.testing.assert_array_equal(logits(model), logits(base(family)))


def test_columns_beyond_the_rank_add_nothing() -> None:
    model = make_adapted()
    fill(model, rank=2)
    before = logits(model)
    for adapter in (model.layers[0].attn.q_proj.adapter, model.layers[0].mlp.up_proj.adapter):
        a, b = np.array(adapter.lora_a[...]), np.array(adapter.lora_b[...])
        a[..., 2:] = b[2:] = 9.0
        adapter.lora_a.set_value(jnp.array(a))
        adapter.lora_b.set_value(jnp.array(b))

    np.testing.assert_array_equal(logits(model), before)


def test_a_has_the_same_numbers_whatever_the_largest_rank_is() -> None:
    small, large = (adapter_arrays(make_adapted(max_rank=rank, rank=3, seed=5), 3) for rank in (3, 8))

    for name in small:
        np.testing.assert_array_equal(small[name], large[name])


def test_trap_7_the_seed_of_the_run_decides_a() -> None:
    first, again, other = (adapter_arrays(make_adapted(seed=seed), 4) for seed in (1, 1, 2))

    name = "layers.0.attn.q_proj.lora_a"
    np.testing.assert_array_equal(first[name], again[name])
    assert not np.any(first[name] == other[name])
    assert not np.any(first[name] == first["layers.0.attn.k_proj.lora_a"])


def test_a_is_uniform_with_the_usual_variance() -> None:
    found = make_adapted(max_rank=64, rank=64).layers[0].mlp.down_proj.adapter.lora_a[...]  # 96 inputs

    assert float(jnp.var(found)) == pytest.approx(2 / 96, rel=0.05)
    assert float(jnp.abs(found).max()) == pytest.approx((6 / 96) ** 0.5, rel=0.01)


def test_trap_6_adapters_are_float32_on_a_bfloat16_base() -> None:
    model = make_adapted(dtype=jnp.bfloat16)
    arrays = fill(model, rank=4)

    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    assert {array.dtype for array in jax.tree.leaves(nnx.state(model, nnx.LoRAParam))} == {jnp.dtype(jnp.float32)}
    np.testing.assert_allclose(logits(model), logits(make_and_fill()), rtol=0, atol=0.5)


def make_and_fill() -> Model:
    model = make_adapted()
    fill(model, rank=4)
    return model


def test_trap_9_the_base_is_shared_and_not_changed() -> None:
    before = base_bytes(base())
    model = make_and_fill()

    assert base_addresses(model) == base_addresses(base())
    assert base_bytes(model) == before == base_bytes(base())
    assert not hasattr(base(), "adapters")


def test_trap_20_hidden_states_have_the_adapters() -> None:
    model = make_adapted()
    fill(model, rank=4)
    tokens = jnp.asarray(token_ids())

    @nnx.jit
    def unembedded(model: Model) -> Any:
        positions = jnp.broadcast_to(jnp.arange(tokens.shape[1]), tokens.shape)
        return unembed(model, hidden_states(model, tokens, positions, None, attention_mask(jnp.ones_like(tokens)))[0])

    np.testing.assert_allclose(unembedded(model), logits(model), rtol=0, atol=1e-5)


def test_nothing_is_computed_with_the_model_to_adapt_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def called(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("The model was called.")

    monkeypatch.setattr(type(base()), "__call__", called)

    assert adapted_modules(adapt(base(), AdapterStructure(4))) == 7


def test_the_norm_of_b_grows_from_zero() -> None:
    model = make_adapted()
    before = norm_of_b(model)
    arrays = fill(model, rank=4)

    expected = np.sqrt(sum(np.sum(array**2) for name, array in arrays.items() if name.endswith("lora_b")))
    assert (before, norm_of_b(model)) == (0, pytest.approx(expected, rel=1e-5))


def test_a_rank_above_the_largest_is_refused() -> None:
    with pytest.raises(ValueError, match="The rank 5 is not between 1 and 4"):
        reset(make_adapted(max_rank=4), AdapterValues(rank=5))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"layers.0.attn.q_proj.lora_a": None}, r"layers\.0\.attn\.q_proj\.lora_a is missing"),
        ({"layers.1.attn.q_proj.lora_a": np.zeros(1)}, r"layers\.1.* belongs to no adapted projection"),
        ({"layers.0.attn.q_proj.lora_b": np.zeros((2, 3))}, r"has the shape \[2, 3\], not \[2, 4, 16\]"),
    ],
)
def test_adapters_of_another_model_are_refused(changed: dict[str, Any], words: str) -> None:
    model = make_adapted()
    arrays = adapter_arrays(model, 2) | changed

    with pytest.raises(UnfitAdapters, match=words):
        load_adapters(model, {name: array for name, array in arrays.items() if array is not None}, AdapterValues(2))
