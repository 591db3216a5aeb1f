"""The adapter folder has the names and shapes that PEFT gives, recorded by `record_peft.py`, and its configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.export.peft import export_adapter
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.tests.reference_cases import CASES
from tunix.pipeline.models.pretrained.tests.tiny import make_config, make_tensors, write_folder, write_json

from .random_adapters import make_adapters
from .record_peft import NAMES, RANK, RECORDED


def base(folder: Path, name: str = "llama-untied") -> PretrainedModel:
    return inspect_folder(write_folder(folder / "base", CASES[name]))


def exported(pretrained: PretrainedModel, target: Path, **options: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    adapters = make_adapters(pretrained.configuration, **{"rank": RANK, **options})
    export_adapter(pretrained, adapters, target, base="models/base")
    config = json.loads((target / "adapter_config.json").read_text())
    return safetensors.numpy.load_file(target / "adapter_model.safetensors"), config


@pytest.mark.parametrize("name", NAMES)
def test_names_and_shapes_are_those_of_peft(tmp_path: Path, name: str) -> None:
    tensors, _ = exported(base(tmp_path, name), tmp_path / "adapter")

    expected = json.loads(RECORDED.read_text())["adapters"][name]
    assert {key: list(value.shape) for key, value in tensors.items()} == expected


def test_keys_and_values_of_gemma_share_one_a_which_is_written_twice(tmp_path: Path) -> None:
    """Trap 16: Gemma has keys and values in one weight with one A; PEFT has an adapter for each."""
    tensors, _ = exported(base(tmp_path, "gemma3"), tmp_path / "adapter")

    layer = "base_model.model.model.layers.0.self_attn"
    assert np.array_equal(tensors[f"{layer}.k_proj.lora_A.weight"], tensors[f"{layer}.v_proj.lora_A.weight"])
    assert not np.array_equal(tensors[f"{layer}.k_proj.lora_B.weight"], tensors[f"{layer}.v_proj.lora_B.weight"])


@pytest.mark.parametrize(("rank", "scale", "alpha"), [(8, 2.0, 16), (4, 0.3, 1.2)])
def test_lora_alpha_is_the_scale_times_the_rank(tmp_path: Path, rank: int, scale: float, alpha: float) -> None:
    _, config = exported(base(tmp_path), tmp_path / "adapter", rank=rank, scale=scale)

    assert (config["r"], config["lora_alpha"]) == (rank, pytest.approx(alpha))


def test_the_configuration_names_base_and_projections(tmp_path: Path) -> None:
    _, config = exported(base(tmp_path), tmp_path / "adapter")

    assert config["base_model_name_or_path"] == "models/base"
    assert (config["peft_type"], config["task_type"]) == ("LORA", "CAUSAL_LM")
    assert set(config["target_modules"]) == {
        *("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    }


def test_adapters_of_a_model_that_sees_images_are_in_its_language_model(tmp_path: Path) -> None:
    """The tower for images has projections of the same names, which have no adapters."""
    config = make_config("gemma3")
    tensors = {f"language_model.{name}": value for name, value in make_tensors(config).items()}
    folder = write_folder(tmp_path / "base", config, tensors)
    write_json(folder / "config.json", {"model_type": "gemma3", "text_config": config, "vision_config": {}})

    found, written = exported(inspect_folder(folder), tmp_path / "adapter")

    assert all(name.startswith("base_model.model.model.language_model.layers.") for name in found)
    assert written["target_modules"].startswith(r".*language_model\.layers\.\d+\.")


def test_an_existing_adapter_folder_is_not_overwritten(tmp_path: Path) -> None:
    pretrained = base(tmp_path)
    exported(pretrained, tmp_path / "adapter")

    with pytest.raises(ExportError, match="adapter exists already"):
        exported(pretrained, tmp_path / "adapter")
