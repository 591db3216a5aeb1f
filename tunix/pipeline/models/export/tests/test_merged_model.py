"""A merged folder, loaded again, is the base with its adapters added in the arrangement of Google's model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.model_folder import export_full, export_merged
from tunix.pipeline.models.forward import logits_of
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.reference_cases import CASES
from tunix.pipeline.models.pretrained.tests.tiny import make_tensors, token_ids, write_folder

from .random_adapters import make_adapters

# A delta [inputs, outputs] as Google's einsum has its weight, where that is not its own order.
_ORDERS = {"q_einsum": (1, 0, 2), "kv_einsum": (1, 2, 0, 3), "qkv_einsum": (1, 2, 0, 3)}


def logits(model: Any) -> np.ndarray:
    return np.asarray(logits_of(model, token_ids()))


def with_adapters(pretrained: PretrainedModel, adapters: StoredAdapters) -> Any:
    """The base, to whose weights each product of adapters is added."""
    model = load_model(pretrained)
    for path, variable in nnx.to_flat_state(nnx.state(model, nnx.Param)):
        module = ".".join(map(str, path[:-1]))
        if f"{module}.lora_a" in adapters.arrays:
            delta = np.tensordot(adapters.arrays[f"{module}.lora_a"], adapters.arrays[f"{module}.lora_b"], 1)
            delta = delta.transpose(_ORDERS.get(str(path[-2]), range(delta.ndim)))
            variable.set_value(variable[...] + adapters.scale * delta)
    return model


@pytest.mark.parametrize("name", ["llama-scaled", "qwen2-tied", "qwen3-untied", "gemma3", "gemma3-all-heads"])
def test_a_merged_folder_gives_the_logits_of_base_and_adapters(tmp_path: Path, name: str) -> None:
    pretrained = inspect_folder(write_folder(tmp_path / "base", CASES[name]))
    adapters = make_adapters(pretrained.configuration)

    merged = export_merged(pretrained, adapters, tmp_path / "merged", base="base")

    assert np.abs(logits(load_model(merged)) - logits(with_adapters(pretrained, adapters))).max() < 1e-4


def test_a_base_in_bfloat16_is_merged_in_float32_and_rounded_once(tmp_path: Path) -> None:
    pretrained = inspect_folder(write_folder(tmp_path / "base", CASES["llama-bfloat16"]))
    adapters = make_adapters(pretrained.configuration)
    rounded = export_merged(pretrained, adapters, tmp_path / "rounded", base="base")
    exact = export_merged(pretrained, adapters, tmp_path / "exact", base="base", float32=True)

    assert (rounded.dtype, exact.dtype) == ("bfloat16", "float32")
    assert np.abs(logits(load_model(exact)) - logits(with_adapters(pretrained, adapters))).max() < 1e-4
    weights = nnx.state(load_model(exact, jnp.bfloat16), nnx.Param)
    assert all(
        np.array_equal(np.asarray(one, np.float32), np.asarray(other, np.float32))
        for one, other in zip(_leaves(weights), _leaves(nnx.state(load_model(rounded), nnx.Param)), strict=True)
    )


def _leaves(state: Any) -> list[Any]:
    return [variable[...] for _, variable in nnx.to_flat_state(state)]


def test_the_base_is_not_changed(tmp_path: Path) -> None:
    """Trap 16: Google's merge writes over the folder that it is given."""
    pretrained = inspect_folder(write_folder(tmp_path / "base", CASES["gemma3"]))
    before = pretrained.content_hash

    export_merged(pretrained, make_adapters(pretrained.configuration), tmp_path / "merged", base="base")

    assert inspect_folder(tmp_path / "base").content_hash == before


def test_weights_that_were_all_trained_become_a_folder_of_the_same_kind(tmp_path: Path) -> None:
    pretrained = inspect_folder(write_folder(tmp_path / "base", CASES["qwen3-untied"]))
    trained = make_tensors(CASES["qwen3-untied"], seed=2)

    exported = export_full(pretrained, trained, tmp_path / "trained", base="base")

    again = inspect_folder(write_folder(tmp_path / "again", CASES["qwen3-untied"], trained))
    assert np.array_equal(logits(load_model(exported)), logits(load_model(again)))
