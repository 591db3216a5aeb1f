"""The weights of added models are read once per worker, and kept within a budget of bytes."""

from __future__ import annotations

import gc
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline import stamps
from tunix.pipeline.models.added import source_of, write_source
from tunix.pipeline.models.base_models import BASE_MODELS, BaseModelError, BaseModelInfo
from tunix.pipeline.models.loaded import LoadedBases
from tunix.pipeline.models.memory import base_model_memory, memory_bytes
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import make_folder
from tunix.pipeline.models.resolving import resolve_base_model


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[BaseModelInfo]:
    """Two added models of the same size."""
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    for number, name in enumerate(("first", "second")):
        folder = make_folder(tmp_path / name, num_hidden_layers=1, rms_norm_eps=1e-6 + 1e-6 * number)
        write_source(tmp_path, source_of(tmp_path, name, inspect_folder(folder)))
    return [resolve_base_model(name, tmp_path) for name in ("first", "second")]


def bytes_of(info: BaseModelInfo) -> int:
    return 4 * info.parameters


def test_a_base_is_loaded_once_for_all_that_ask(models: list[BaseModelInfo]) -> None:
    bases = LoadedBases(limit=10 * bytes_of(models[0]))
    first = bases.get(models[0], jnp.float32)
    assert bases.get(models[0], jnp.float32) is first
    assert bases.loads == {(models[0].content_hash, "float32"): 1}


def test_another_type_is_loaded_for_itself(models: list[BaseModelInfo]) -> None:
    bases = LoadedBases(limit=10 * bytes_of(models[0]))
    assert bases.get(models[0], jnp.float32).bytes == 2 * bases.get(models[0], jnp.bfloat16).bytes
    assert set(bases.loads) == {(models[0].content_hash, name) for name in ("float32", "bfloat16")}


def test_kept_bytes_stay_below_the_limit(models: list[BaseModelInfo]) -> None:
    first, second = models
    bases = LoadedBases(limit=bytes_of(first))
    for info in (first, second, first):
        bases.get(info, jnp.float32)
        assert bases.bytes == bases.limit
    assert bases.loads[first.content_hash, "float32"] == 2


def test_the_base_that_was_used_last_is_kept(models: list[BaseModelInfo]) -> None:
    first, second = models
    bases = LoadedBases(limit=int(2.5 * bytes_of(first)))
    for info, dtype in ((first, jnp.float32), (second, jnp.float32), (first, jnp.float32), (second, jnp.bfloat16)):
        bases.get(info, dtype)
    bases.get(second, jnp.float32)
    assert bases.loads[first.content_hash, "float32"] == 1
    assert bases.loads[second.content_hash, "float32"] == 1
    bases.get(first, jnp.bfloat16)  # the first in float32 was used longest ago
    bases.get(second, jnp.float32)
    assert bases.loads[second.content_hash, "float32"] == 1


def test_a_base_above_the_limit_is_loaded_and_not_kept(models: list[BaseModelInfo]) -> None:
    bases = LoadedBases(limit=bytes_of(models[0]) - 1)
    assert bases.get(models[0], jnp.float32).bytes == bytes_of(models[0])
    gc.collect()  # models refer to themselves
    assert bases.bytes == 0


def test_a_dropped_base_counts_while_a_model_uses_it(models: list[BaseModelInfo]) -> None:
    first, second = models
    bases = LoadedBases(limit=bytes_of(first))
    model = bases.get(first, jnp.float32).model()
    bases.get(second, jnp.float32)
    gc.collect()
    assert bases.bytes == bytes_of(first)  # the second one was not kept
    del model
    bases.get(second, jnp.float32)
    bases.get(second, jnp.float32)
    assert bases.loads[second.content_hash, "float32"] == 2


def test_models_that_no_run_needs_make_room(models: list[BaseModelInfo]) -> None:
    first, second = models
    bases = LoadedBases(limit=bytes_of(first))
    used = [bases.get(first, jnp.float32).model()]
    bases.release = lambda: bool(used) and used.pop() is not None
    bases.get(second, jnp.float32)
    bases.get(second, jnp.float32)
    assert bases.loads[second.content_hash, "float32"] == 1


def test_models_share_the_weights_and_nothing_else(models: list[BaseModelInfo]) -> None:
    base = LoadedBases(limit=10**9).get(models[0], jnp.float32)
    one, other = base.model(), base.model()
    before = np.asarray(other.final_norm.w[...])
    assert one.final_norm.w[...] is other.final_norm.w[...]
    one.final_norm.w.set_value(one.final_norm.w[...] + 1)
    one.embedder.adapter = nnx.Param(jnp.zeros(2))
    np.testing.assert_array_equal(other.final_norm.w[...], before)
    np.testing.assert_array_equal(base.model().final_norm.w[...], before)
    assert len(jax.tree.leaves(nnx.state(base.model()))) == len(jax.tree.leaves(base.weights))


def test_a_model_without_a_folder_cannot_be_loaded() -> None:
    with pytest.raises(BaseModelError, match="has no files"):
        LoadedBases(limit=10**9).get(BASE_MODELS["tiny-gemma3"], jnp.float32)


def test_a_folder_that_has_got_a_fault_is_named(models: list[BaseModelInfo], tmp_path: Path) -> None:
    (tmp_path / "first" / "tokenizer.json").unlink()
    with pytest.raises(BaseModelError, match=r"'first' cannot be loaded: tokenizer\.json: The file is missing"):
        LoadedBases(limit=10**9).get(models[0], jnp.float32)


def test_the_budget_is_half_of_the_memory_unless_it_is_set() -> None:
    assert base_model_memory({}) == memory_bytes() // 2
    assert base_model_memory({"BASE_MODEL_MEMORY_BYTES": "1000"}) == 1000


@pytest.mark.parametrize("text", ["8GB", "-1", "1.5", "٣"])
def test_a_budget_that_is_no_number_of_bytes_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="must be a whole number of bytes"):
        base_model_memory({"BASE_MODEL_MEMORY_BYTES": text})
