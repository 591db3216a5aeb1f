"""Loading: two models in one process keep their position embeddings, files may be split, and changes are noticed."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.models.llama3 import model as llama3
from tunix.models.qwen2 import model as qwen2
from tunix.models.qwen3 import model as qwen3
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.forward import Model, logits_of
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model

from .tiny import make_config, make_folder, make_tensors, token_ids, write_folder, write_json


def loaded(folder: Path, dtype: Any = jnp.float32) -> Model:
    return load_model(inspect_folder(folder), dtype)


def logits(model: Model) -> np.ndarray:
    return np.asarray(logits_of(model, token_ids()))


@pytest.mark.parametrize("family", ["llama3", "qwen2", "qwen3"])
def test_two_models_in_one_process_keep_their_embeddings(tmp_path: Path, family: str) -> None:
    """They differ in the base only, so a base that is kept from the other model would give the other's logits."""
    first = loaded(make_folder(tmp_path / "first", family, rope_theta=1e4))
    before = logits(first)
    second = loaded(make_folder(tmp_path / "second", family, rope_theta=1e6))

    assert np.abs(logits(second) - before).max() > 0.1
    assert np.array_equal(logits(first), before)


def test_compiled_models_keep_their_embeddings(tmp_path: Path) -> None:
    models = [loaded(make_folder(tmp_path / str(theta), rope_theta=theta)) for theta in (1e4, 1e6)]
    compiled = nnx.jit(logits_of)

    for model in (*models, models[0]):
        assert np.abs(np.asarray(compiled(model, token_ids())) - logits(model)).max() < 1e-5


@pytest.mark.parametrize("module", [llama3, qwen3])
def test_the_functions_of_google_are_unchanged_outside_of_our_models(module: Any) -> None:
    """Google's own formula, with its base of 1,000,000."""
    inputs, positions = jnp.ones((1, 3, 2, 4)), jnp.arange(3)[None]
    angles = np.arange(3)[:, None] / 1e6 ** (np.arange(2) / 2)
    expected = np.concatenate([np.cos(angles) - np.sin(angles), np.cos(angles) + np.sin(angles)], axis=-1)

    assert np.abs(np.asarray(module.apply_rope(inputs, positions, head_dim=4))[0, :, 0] - expected).max() < 1e-6


def test_split_weights_are_those_of_one_file(tmp_path: Path) -> None:
    one, three = make_folder(tmp_path / "one", "gemma3"), make_folder(tmp_path / "three", "gemma3", files=3)

    assert np.array_equal(logits(loaded(one)), logits(loaded(three)))


@pytest.mark.parametrize("prefix", ["language_model.model.", "model.language_model."])
def test_the_language_model_of_a_model_that_sees_images_is_loaded(tmp_path: Path, prefix: str) -> None:
    config = make_config("gemma3")
    tensors = {prefix + name.removeprefix("model."): value for name, value in make_tensors(config).items()}
    folder = write_folder(tmp_path / "images", config, tensors)
    write_json(folder / "config.json", {"model_type": "gemma3", "text_config": config, "vision_config": {}})

    assert np.array_equal(logits(loaded(folder)), logits(loaded(make_folder(tmp_path / "text", "gemma3"))))


@pytest.mark.parametrize("family", ["llama3", "qwen2", "qwen3", "gemma3"])
def test_a_model_can_be_loaded_as_bfloat16(tmp_path: Path, family: str) -> None:
    model = loaded(make_folder(tmp_path / "model", family), jnp.bfloat16)

    leaves = jax.tree.leaves(nnx.state(model, nnx.Param))
    assert {leaf.dtype for leaf in leaves} == {jnp.dtype(jnp.bfloat16)}


def test_types_may_be_mixed_in_a_file(tmp_path: Path) -> None:
    config = make_config("llama3")
    tensors = make_tensors(config)
    name = "model.layers.0.mlp.up_proj.weight"
    tensors |= {name: tensors[name].astype(np.float16)}

    model = loaded(write_folder(tmp_path / "model", config, tensors))

    kernel = np.asarray(model.layers[0].mlp.up_proj.kernel[...])
    assert np.array_equal(kernel, tensors[name].astype(np.float32).T)


def test_weights_are_copied_out_of_the_file(tmp_path: Path) -> None:
    """Otherwise a file that changes later would change the model, and a step could not reuse its memory."""
    folder = make_folder(tmp_path / "model")
    model = loaded(folder)
    before = logits(model)

    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-40_000, 2)
        file.write(bytes(40_000))

    assert np.array_equal(logits(model), before)


def test_a_file_that_has_become_shorter_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    checked = inspect_folder(folder)
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(20_000)

    with pytest.raises(BaseModelError, match="has become shorter"):
        load_model(checked)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    checked = inspect_folder(folder)
    (folder / "model.safetensors").unlink()

    with pytest.raises(BaseModelError, match=r"model\.safetensors cannot be read"):
        load_model(checked)


def test_the_functions_that_are_replaced_are_called_as_we_expect() -> None:
    """Google's modules call them by name, with these arguments; a new release that does otherwise needs a look."""
    for module in (llama3, qwen3):
        source = inspect.getsource(module.Attention.block)
        assert source.count("apply_rope(") == 2
        assert source.count("head_dim=self.head_dim,") == 2
        assert "rope_theta" not in source
    assert "_generate_pos_embeddings(\n" in inspect.getsource(qwen2.Qwen2.__call__)
