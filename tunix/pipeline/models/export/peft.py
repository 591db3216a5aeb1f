"""Writes adapters as a folder that PEFT and vLLM load: adapter_model.safetensors and adapter_config.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tunix.pipeline.files import write_text
from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.adapters import LowRank, projections, projections_of
from tunix.pipeline.models.export.placing import new_folder
from tunix.pipeline.models.export.surroundings import copy_license, write_readme
from tunix.pipeline.models.export.tensor_files import TensorPlan, write_tensors
from tunix.pipeline.models.pretrained.inspection import PretrainedModel

ADAPTER_WEIGHTS, ADAPTER_CONFIG = "adapter_model.safetensors", "adapter_config.json"

_PREFIX = "base_model.model."
_LAYERS, _LAYERS_OF_LANGUAGE_MODEL = "model.layers.", "model.language_model.layers."


def export_adapter(
    pretrained: PretrainedModel, adapters: StoredAdapters, target: Path, *, base: str, card: str = ""
) -> None:
    """The adapters in a new folder `target`, as float32. `base` is the path or name of the base that PEFT loads.

    Keys and values of Gemma share one A; PEFT has one each, so it is written twice. Raises ExportError and OSError.
    """
    tensors = peft_tensors(pretrained, adapters)
    plans = {name: TensorPlan("F32", value.shape) for name, value in tensors.items()}
    with new_folder(target) as folder:
        write_tensors(folder / ADAPTER_WEIGHTS, plans, tensors.__getitem__)
        config = peft_config(pretrained, adapters, base)
        write_text(folder / ADAPTER_CONFIG, json.dumps(config, indent=2) + "\n")
        copy_license(pretrained, folder)
        write_readme(pretrained, folder, base=base, library="peft", card=card)


def peft_tensors(pretrained: PretrainedModel, adapters: StoredAdapters) -> dict[str, np.ndarray]:
    """The adapters under PEFT's names: `lora_A` is [rank, inputs], `lora_B` is [outputs, rank]."""
    found: dict[str, np.ndarray] = {}
    for name, low_rank in sorted(projections_of(adapters, pretrained).items()):
        found |= _halves(_PREFIX + _module(pretrained, name), low_rank)
    return found


def peft_config(pretrained: PretrainedModel, adapters: StoredAdapters, base: str) -> dict[str, Any]:
    """adapter_config.json. PEFT scales by lora_alpha / r, so lora_alpha is the scale times the rank."""
    alpha = adapters.scale * adapters.rank
    return {
        "base_model_name_or_path": base,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "lora_alpha": int(alpha) if alpha == int(alpha) else alpha,
        "lora_dropout": 0.0,
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": adapters.rank,
        "target_modules": _targets(pretrained, adapters),
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": False,
    }


def _targets(pretrained: PretrainedModel, adapters: StoredAdapters) -> list[str] | str:
    """The names of the projections; a pattern where a tower for images has projections of the same names."""
    names = sorted({name.split(".")[-2] for name in projections(adapters)})
    if not pretrained.configuration.sees_images:
        return names
    return rf".*language_model\.layers\.\d+\.(?:self_attn|mlp)\.(?:{'|'.join(names)})"


def _module(pretrained: PretrainedModel, tensor: str) -> str:
    """The module of a tensor. transformers keeps the layers of a model that sees images in its language model."""
    module = tensor.removesuffix(".weight")
    if not pretrained.configuration.sees_images:
        return module
    return _LAYERS_OF_LANGUAGE_MODEL + module.removeprefix(_LAYERS)


def _halves(module: str, low_rank: LowRank) -> dict[str, np.ndarray]:
    return {f"{module}.lora_A.weight": low_rank.a, f"{module}.lora_B.weight": low_rank.b}
