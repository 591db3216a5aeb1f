"""Layouts: what a model holds in Google's arrangement goes back into the tensors of its folder, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.layouts import restored, tensors_of_module
from tunix.pipeline.models.pretrained.loading import load_model

from .reference_cases import CASES
from .tiny import make_tensors, write_folder


@pytest.mark.parametrize("name", ["llama-untied", "qwen2-tied", "qwen3-untied", "gemma3", "gemma3-all-heads"])
def test_a_loaded_model_is_restored_to_the_tensors_of_its_folder(tmp_path: Path, name: str) -> None:
    pretrained = inspect_folder(write_folder(tmp_path / "model", CASES[name]))
    found: dict[str, np.ndarray] = {}

    for path, variable in nnx.to_flat_state(nnx.state(load_model(pretrained), nnx.Param)):
        found |= restored(".".join(map(str, path)), np.asarray(variable[...]), pretrained.configuration)

    expected = make_tensors(CASES[name])
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[tensor], expected[tensor]) for tensor in expected)


def test_a_module_with_keys_and_values_is_made_of_two_tensors() -> None:
    assert tensors_of_module("layers.3.attn.kv_einsum") == (
        "model.layers.3.self_attn.k_proj.weight",
        "model.layers.3.self_attn.v_proj.weight",
    )


def test_a_module_without_a_weight_is_not_known() -> None:
    with pytest.raises(KeyError):
        tensors_of_module("layers.0.attn.somewhere")
