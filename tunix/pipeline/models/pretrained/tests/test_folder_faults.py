"""Every fault of a folder is named before weights are read, with the file, and what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder

from .tiny import change_json, make_config, make_folder, make_tensors, make_tokenizer, write_folder, write_json

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"


def errors_of(folder: Path) -> dict[str, list[str]]:
    with pytest.raises(FolderError) as caught:
        inspect_folder(folder)
    return caught.value.errors


def message_of(folder: Path, file: str) -> str:
    errors = errors_of(folder)
    assert list(errors) == [file]
    return " ".join(errors[file])


def with_tensors(tmp_path: Path, change: Callable[[dict[str, np.ndarray]], Any], family: str = "llama3") -> Path:
    """A folder whose weights do not fit its config.json."""
    config = make_config(family)
    tensors = make_tensors(config)
    change(tensors)
    return write_folder(tmp_path / "model", config, tensors)


# --- config.json


@pytest.mark.parametrize(
    ("family", "changed", "expected"),
    [
        ("llama3", {"model_type": "phi3"}, "architecture 'phi3' is not supported"),
        ("llama3", {"model_type": "qwen22"}, "Did you mean 'qwen2'?"),
        ("llama3", {"model_type": "mixtral"}, "supported are llama, qwen2, qwen3, gemma3_text, gemma3"),
        ("llama3", {"model_type": ["llama"]}, "is not supported"),
        ("llama3", {"model_type": None}, "The key model_type is missing"),
        ("llama3", {"hidden_size": None}, "The key hidden_size is missing"),
        ("llama3", {"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000, but must be a whole number"),
        ("llama3", {"num_attention_heads": True}, "num_attention_heads is True"),
        ("llama3", {"vocab_size": "48"}, "vocab_size is '48'"),
        ("llama3", {"num_key_value_heads": 3}, "must be a multiple of num_key_value_heads (3)"),
        ("qwen3", {"head_dim": 31}, "head_dim (31) must be even"),
        ("llama3", {"tie_word_embeddings": "yes"}, "must be true or false"),
        ("llama3", {"attention_bias": True}, "attention_bias is True"),
        ("llama3", {"hidden_act": "gelu"}, "implemented with 'silu' only"),
        ("qwen2", {"use_sliding_window": True}, "use_sliding_window is True"),
        ("gemma3", {"final_logit_softcapping": 30.0}, "final_logit_softcapping is 30.0"),
        ("gemma3", {"rms_norm_eps": 1e-5}, "rms_norm_eps is 1e-05"),
        ("gemma3", {"query_pre_attn_scalar": 99}, "query_pre_attn_scalar is 99, but must be head_dim (32)"),
        ("gemma3", {"tie_word_embeddings": False}, "tied embeddings only"),
        ("gemma3", {"sliding_window_pattern": 4}, "five sliding layers before each full one"),
        ("gemma3", {"layer_types": ["full_attention"] * 6}, "five sliding layers before each full one"),
        ("qwen3", {"layer_types": ["sliding_attention"] * 2}, "full attention in each layer"),
        ("qwen2", {"quantization_config": {"bits": 4}}, "The weights are quantized"),
        ("qwen2", {"architectures": ["Qwen2ForRewardModel"]}, "does not generate text"),
        ("llama3", {"eos_token_id": ["</s>"]}, "eos_token_id is ['</s>'], but must be a token id"),
    ],
)
def test_a_configuration_that_cannot_be_computed_is_refused(
    tmp_path: Path, family: str, changed: dict[str, Any], expected: str
) -> None:
    folder = make_folder(tmp_path / "model", family)
    change_json(folder / "config.json", **changed)

    assert expected in message_of(folder, "config.json")


@pytest.mark.parametrize("rope_type", ["yarn", "dynamic", "longrope", 3])
@pytest.mark.parametrize("family", ["llama3", "qwen2", "qwen3", "gemma3"])
def test_an_unknown_scaling_of_positions_is_refused_by_name(tmp_path: Path, family: str, rope_type: object) -> None:
    folder = make_folder(tmp_path / "model", family, rope_scaling={"rope_type": rope_type, "factor": 4.0})

    assert f"rope_type is {rope_type!r}, which is not supported" in message_of(folder, "config.json")


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        ({"rope_type": "linear"}, "The key factor is missing"),
        ({"type": "linear", "factor": 0.5}, "factor is 0.5, but must be a number from 1"),
        ({"rope_type": "llama3", "factor": 8.0}, "The key low_freq_factor is missing"),
        (
            {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4, "high_freq_factor": 4},
            "high_freq_factor must be greater",
        ),
        ("linear", "rope_scaling is 'linear', but must be an object"),
    ],
)
def test_a_scaling_that_is_incomplete_is_refused(tmp_path: Path, scaling: Any, expected: str) -> None:
    assert expected in message_of(make_folder(tmp_path / "model", rope_scaling=scaling), "config.json")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"rope_parameters": {"rope_theta": 5e5}}, "rope_parameters.rope_theta is 500000.0, but the older key"),
        (
            {"rope_parameters": {"rope_type": "default"}, "rope_scaling": {"type": "linear", "factor": 2.0}},
            "rope_parameters.rope_type is 'default', but the older key",
        ),
        (
            {"rope_scaling": {"rope_type": "default", "type": "linear", "factor": 2.0}},
            "rope_type is 'default', but its older name, type, is 'linear'",
        ),
    ],
)
def test_spellings_that_contradict_each_other_are_refused(
    tmp_path: Path, changed: dict[str, Any], expected: str
) -> None:
    assert expected in message_of(make_folder(tmp_path / "model", **changed), "config.json")


# --- tensors


def test_missing_tensors_are_named(tmp_path: Path) -> None:
    folder = with_tensors(tmp_path, lambda tensors: tensors.pop("model.layers.1.mlp.up_proj.weight"))

    assert "Tensors are missing: 'model.layers.1.mlp.up_proj.weight'." in message_of(folder, "weights")


def test_of_many_missing_tensors_the_first_are_named(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model", num_hidden_layers=2)
    change_json(folder / "config.json", num_hidden_layers=4)

    assert "'model.layers.2.input_layernorm.weight'" in message_of(folder, "weights")
    assert "and 15 more. Copy" in message_of(folder, "weights")


@pytest.mark.parametrize(
    "name", ["model.layers.2.mlp.up_proj.weight", "score.weight", "model.layers.0.mlp.up_proj.bias"]
)
def test_unknown_tensors_are_named(tmp_path: Path, name: str) -> None:
    folder = with_tensors(tmp_path, lambda tensors: tensors.update({name: np.zeros(3, np.float32)}))

    assert f"Llama 3 with 2 layers has no such tensors: '{name}'." in message_of(folder, "weights")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"vocab_size": 64}, "has the shape [48, 64], but config.json asks for [64, 64] (vocab_size, hidden_size)"),
        ({"intermediate_size": 90}, "asks for [90, 64] (intermediate_size, hidden_size)"),
        ({"head_dim": 18}, "asks for [36, 64] (num_key_value_heads x head_dim, hidden_size)"),
    ],
)
def test_a_wrong_shape_is_named_with_the_keys_that_decide_it(
    tmp_path: Path, changed: dict[str, int], expected: str
) -> None:
    folder = make_folder(tmp_path / "model")
    change_json(folder / "config.json", **changed)

    message = message_of(folder, "weights")

    assert expected in message
    assert message.startswith("model.safetensors: ")


@pytest.mark.parametrize(("dtype", "name"), [(np.int8, "I8"), (np.float64, "F64"), (np.uint8, "U8")])
def test_a_type_that_cannot_be_loaded_is_named(tmp_path: Path, dtype: type, name: str) -> None:
    key = "model.layers.0.mlp.up_proj.weight"
    folder = with_tensors(tmp_path, lambda tensors: tensors.update({key: tensors[key].astype(dtype)}))

    assert f"'{key}' is stored as '{name}'; only F32, BF16, F16" in message_of(folder, "weights")


def test_a_tied_model_with_an_output_of_its_own_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    change_json(folder / "config.json", tie_word_embeddings=True)

    assert "has 'lm_head.weight' as well" in message_of(folder, "weights")


def test_an_untied_model_without_output_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model", tie_word_embeddings=True)
    change_json(folder / "config.json", tie_word_embeddings=False)

    assert "'lm_head.weight' is missing" in message_of(folder, "weights")


def test_computed_tensors_of_old_releases_are_ignored(tmp_path: Path) -> None:
    name = "model.layers.0.self_attn.rotary_emb.inv_freq"

    inspect_folder(with_tensors(tmp_path, lambda tensors: tensors.update({name: np.zeros(8, np.float32)})))


# --- files


def test_files_that_the_index_names_must_be_there(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model", files=3)
    (folder / "model-00002-of-00003.safetensors").unlink()

    assert "files that are not in the folder: 'model-00002-of-00003.safetensors'" in message_of(folder, INDEX)


@pytest.mark.parametrize("name", ["../model-00001-of-00002.safetensors", "/etc/passwd", "sub/model.safetensors"])
def test_an_index_cannot_name_files_elsewhere(tmp_path: Path, name: str) -> None:
    folder = make_folder(tmp_path / "model", files=2)
    index = json.loads((folder / INDEX).read_text())
    change_json(folder / INDEX, weight_map=index["weight_map"] | {"model.norm.weight": name})

    assert f"not in the folder: '{name}'" in " ".join(errors_of(folder)[INDEX])


def test_an_index_that_names_a_tensor_in_the_wrong_file_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model", files=2)
    places = json.loads((folder / INDEX).read_text())["weight_map"]
    other = next(file for file in places.values() if file != places["model.norm.weight"])
    change_json(folder / INDEX, weight_map=places | {"model.norm.weight": other})

    assert f"names tensors that '{other}' does not have: 'model.norm.weight'" in message_of(folder, INDEX)


@pytest.mark.parametrize("index", [{}, {"weight_map": []}, {"weight_map": {"a": 1}}])
def test_an_index_without_a_map_is_refused(tmp_path: Path, index: dict[str, Any]) -> None:
    folder = make_folder(tmp_path / "model", files=2)
    write_json(folder / INDEX, index)

    assert "The key weight_map must map tensors to files" in message_of(folder, INDEX)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ("adapter_model.safetensors", "It holds an adapter"),
        ("pytorch_model.bin", "pickle files"),
        ("model.gguf", "GGUF"),
        ("model-00001-of-00002.safetensors", "copy model.safetensors.index.json beside them"),
    ],
)
def test_a_folder_without_weights_says_what_it_holds(tmp_path: Path, present: str, expected: str) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / WEIGHTS).rename(folder / present)

    assert expected in message_of(folder, WEIGHTS)


@pytest.mark.parametrize("name", [WEIGHTS, "config.json", "tokenizer.json", "tokenizer_config.json", "README.md"])
def test_links_out_of_the_folder_are_not_followed(tmp_path: Path, name: str) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)

    assert "a link that leads out of the folder. Copy the folder" in message_of(folder, name)


@pytest.mark.parametrize("target", ["nowhere", WEIGHTS])
def test_a_link_to_nothing_is_refused(tmp_path: Path, target: str) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(target)

    assert "leads nowhere" in message_of(folder, WEIGHTS)


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / WEIGHTS).unlink()
    os.mkfifo(folder / WEIGHTS)

    assert "not a regular file" in message_of(folder, WEIGHTS)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "is not valid JSON"),
        (b'{"a": 1, "a": 2}', "appears twice"),
        (b"[]", "does not contain a JSON object"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "generation_config.json"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / name).write_bytes(content)

    assert expected in message_of(folder, name)


# --- tokenizer


def test_a_tokenizer_with_more_ids_than_the_model_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    write_json(folder / "tokenizer.json", make_tokenizer(60))

    assert "has the id 59, but the model reads ids below vocab_size = 48" in message_of(folder, "tokenizer.json")


@pytest.mark.parametrize("content", [{}, {"model": {"vocab": []}}, {"model": {"vocab": {"a": "b"}}}])
def test_a_tokenizer_without_vocabulary_is_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    folder = make_folder(tmp_path / "model")
    write_json(folder / "tokenizer.json", content)

    assert "has no vocabulary" in message_of(folder, "tokenizer.json")


def test_a_folder_without_tokenizer_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / "tokenizer.json").unlink()

    assert "The file is missing. Save it with `AutoTokenizer" in message_of(folder, "tokenizer.json")


# --- the whole


def test_all_faults_are_named_together(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model", hidden_act="gelu")
    (folder / "tokenizer.json").unlink()
    (folder / WEIGHTS).write_bytes(b"short")

    assert list(errors_of(folder)) == ["config.json", WEIGHTS, "tokenizer.json"]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    assert "There is no such folder" in message_of(tmp_path / "model", str(tmp_path / "model"))


def test_control_characters_in_names_do_not_reach_a_terminal(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    tensors = safetensors.numpy.load_file(folder / WEIGHTS) | {"\x1b[2J": np.zeros(1, np.float32)}
    safetensors.numpy.save_file(tensors, folder / WEIGHTS)

    assert r"'\x1b[2J'" in message_of(folder, "weights")
