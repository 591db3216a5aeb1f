"""What an exported folder holds besides the numbers, and what an export refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.adapters import projections
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.export.model_folder import export_full, export_merged
from tunix.pipeline.models.export.placing import new_folder
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import (
    make_config,
    make_folder,
    make_tensors,
    write_folder,
    write_json,
)

from .random_adapters import make_adapters


def base(folder: Path, family: str = "llama3", **changed: Any) -> PretrainedModel:
    return inspect_folder(make_folder(folder / "base", family, **changed))


def export(pretrained: PretrainedModel, target: Path, **options: Any) -> PretrainedModel:
    return export_merged(pretrained, make_adapters(pretrained.configuration), target, base="a/base", **options)


def names(folder: Path) -> set[str]:
    """The names in a folder, hidden ones too; the artifacts folder of each test is none of them."""
    return {path.name for path in folder.iterdir()} - {"artifacts"}


def test_tokenizer_template_generation_config_and_license_come_along(tmp_path: Path) -> None:
    pretrained = base(tmp_path)
    others = ("generation_config.json", "chat_template.jinja", "LICENSE", "special_tokens_map.json", "tokenizer.model")
    for name in others:
        (tmp_path / "base" / name).write_text('{"eos_token_id": 2}')
    (tmp_path / "base" / "optimizer.pt").write_text("not of the model")

    export(pretrained, tmp_path / "merged")

    own = {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "README.md"}
    assert names(tmp_path / "merged") == own | set(others)


def test_readme_states_the_license_and_the_base(tmp_path: Path) -> None:
    exported = export(base(tmp_path), tmp_path / "merged", card="# Trained\n")

    text = (tmp_path / "merged" / "README.md").read_text()
    assert text == '---\nlicense: apache-2.0\nbase_model: "a/base"\nlibrary_name: transformers\n---\n\n# Trained\n'
    assert exported.license == "apache-2.0 (README.md)"


def test_a_folder_with_a_chat_template_still_has_it(tmp_path: Path) -> None:
    pretrained = base(tmp_path)

    assert export(pretrained, tmp_path / "merged").chat_template == pretrained.chat_template


def test_a_large_model_is_written_in_files_with_an_index(tmp_path: Path) -> None:
    pretrained = base(tmp_path)
    exported = export(pretrained, tmp_path / "merged", max_file_bytes=60_000)
    whole = export(pretrained, tmp_path / "whole")

    count = len(exported.weight_files)
    assert count > 2
    assert exported.weight_files[0] == f"model-00001-of-{count:05}.safetensors"
    index = json.loads((tmp_path / "merged" / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == whole.bytes_of_weights
    assert all_tensors(tmp_path / "merged", exported) == all_tensors(tmp_path / "whole", whole)


def all_tensors(folder: Path, model: PretrainedModel) -> Mapping[str, bytes]:
    """As the reference implementation of the format reads them."""
    files = [safetensors.numpy.load_file(folder / name) for name in model.weight_files]
    return {name: value.tobytes() for file in files for name, value in file.items()}


@pytest.mark.parametrize(("float32", "dtype"), [(False, "bfloat16"), (True, "float32")])
def test_config_states_the_type_of_the_weights(tmp_path: Path, float32: bool, dtype: str) -> None:
    exported = export(base(tmp_path, torch_dtype="bfloat16"), tmp_path / "merged", float32=float32)

    config = json.loads((tmp_path / "merged" / "config.json").read_text())
    assert config["torch_dtype"] == exported.dtype == dtype


def test_values_that_the_type_cannot_hold_are_refused(tmp_path: Path) -> None:
    config = make_config("llama3", torch_dtype="float16")
    tensors = {name: value.astype(np.float16) for name, value in make_tensors(config).items()}
    pretrained = inspect_folder(write_folder(tmp_path / "base", config, tensors))
    adapters = make_adapters(pretrained.configuration, scale=1e9)

    with pytest.raises(ExportError, match="F16 cannot hold"):
        export_merged(pretrained, adapters, tmp_path / "merged", base="base")

    assert names(tmp_path) == {"base"}


@pytest.mark.parametrize("content", [None, "kept"])
def test_an_existing_folder_is_neither_deleted_nor_overwritten(tmp_path: Path, content: str | None) -> None:
    """Trap 16: Google's merge deletes the output folder first."""
    target = tmp_path / "merged"
    target.mkdir()
    if content:
        (target / "config.json").write_text(content)

    with pytest.raises(ExportError, match="merged exists already"):
        export(base(tmp_path), target)

    assert [path.read_text() for path in target.iterdir()] == ([content] if content else [])
    assert names(tmp_path) == {"base", "merged"}


def test_a_folder_that_appears_during_the_export_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "merged"

    with pytest.raises(ExportError, match="exists already"), new_folder(target):
        target.mkdir()

    assert names(tmp_path) == {"merged"}
    assert not names(target)


def test_adapters_of_another_base_are_refused(tmp_path: Path) -> None:
    small, large = base(tmp_path / "small"), base(tmp_path / "large", hidden_size=128)

    with pytest.raises(ExportError, match=r"are for a matrix \[96, 128\], but the base has \[96, 64\]"):
        export_merged(small, make_adapters(large.configuration), tmp_path / "merged", base="base")


def test_weights_of_another_base_are_refused(tmp_path: Path) -> None:
    tensors = make_tensors(make_config("llama3"))
    del tensors["model.norm.weight"]

    with pytest.raises(ExportError, match="do not fit the base"):
        export_full(base(tmp_path), tensors, tmp_path / "merged", base="base")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "There are no adapters"),
        ({"layers.0.attn.q_proj.lora_c": (64, 3)}, "unknown name: 'layers.0.attn.q_proj.lora_c'"),
        ({"layers.0.attn.q_proj.lora_a": (64, 3)}, "lack one of lora_a and lora_b: 'layers.0.attn.q_proj'"),
        ({"layers.0.attn.x.lora_a": (64, 3), "layers.0.attn.x.lora_b": (3, 64)}, "which no supported model has"),
        ({"layers.0.mlp.up_proj.lora_a": (64, 2), "layers.0.mlp.up_proj.lora_b": (3, 96)}, "not have the rank 3"),
    ],
)
def test_adapters_that_are_not_complete_are_refused(arrays: dict[str, tuple[int, ...]], message: str) -> None:
    zeros = {name: np.zeros(shape, np.float32) for name, shape in arrays.items()}

    with pytest.raises(ExportError, match=message):
        projections(StoredAdapters(zeros, rank=3, scale=1.0, targets="all"))


def test_the_language_model_of_a_model_that_sees_images_is_exported_as_a_text_model(tmp_path: Path) -> None:
    config = make_config("gemma3")
    tensors = {f"language_model.{name}": value for name, value in make_tensors(config).items()}
    folder = write_folder(tmp_path / "base", config, tensors)
    write_json(folder / "config.json", {"model_type": "gemma3", "text_config": config, "vision_config": {}})

    exported = export(inspect_folder(folder), tmp_path / "merged")

    written = json.loads((tmp_path / "merged" / "config.json").read_text())
    assert (written["model_type"], written["architectures"]) == ("gemma3_text", ["Gemma3ForCausalLM"])
    assert "vision_config" not in written
    assert set(safetensors.numpy.load_file(tmp_path / "merged" / "model.safetensors")) == set(exported.tensors)


def test_the_ends_of_an_answer_replace_those_of_the_base(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "base")
    write_json(folder / "generation_config.json", {"eos_token_id": 2, "temperature": 0.6})

    exported = export(inspect_folder(folder), tmp_path / "merged", end_ids=(2, 7))

    assert exported.end_token_ids == (2, 7)
    assert json.loads((tmp_path / "merged" / "generation_config.json").read_text())["temperature"] == 0.6


def test_a_base_without_generation_config_gets_one_with_its_other_tokens(tmp_path: Path) -> None:
    export(base(tmp_path, bos_token_id=1), tmp_path / "merged", end_ids=(7,))

    written = json.loads((tmp_path / "merged" / "generation_config.json").read_text())
    assert written == {"bos_token_id": 1, "eos_token_id": [7]}
