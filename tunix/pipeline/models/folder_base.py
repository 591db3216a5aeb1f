"""A base model from a folder, as a warm worker holds it: the weights once, and a model for each structure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import safetensors.numpy
from flax import nnx

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.rows import Row
from tunix.pipeline.files import write_bytes, write_text
from tunix.pipeline.folder import FOLDER_FORMAT, MODEL
from tunix.pipeline.models.adapters.adapting import adapt, adapter_arrays, load_adapters, reset
from tunix.pipeline.models.adapters.files import StoredAdapters, read_adapters, save_adapters
from tunix.pipeline.models.adapters.quantization import quantized
from tunix.pipeline.models.adapters.structure import AdapterStructure, AdapterValues
from tunix.pipeline.models.base_models import BaseModelInfo
from tunix.pipeline.models.bases import Structure
from tunix.pipeline.models.forward import Model
from tunix.pipeline.models.loaded import LoadedBase, base_weights, inspected
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.models.pretrained.layouts import restored
from tunix.pipeline.models.pretrained.loading import load_weights
from tunix.pipeline.models.pretrained.shards import SINGLE
from tunix.pipeline.models.pretrained.tensors import tensors_in
from tunix.pipeline.spec import Method, PromptSpec


class FolderBase:
    """A Base whose weights all runs with adapters share. A run that trains all weights gets copies of them."""

    def __init__(self, info: BaseModelInfo, pretrained: PretrainedModel, tokenizer: FolderTokenizer) -> None:
        self.tokenizer = tokenizer
        self._info = info
        self._pretrained = pretrained

    def build(self, structure: Structure) -> Model:
        model = self._loaded(structure).model()
        if structure.quantization:
            model = quantized(model, structure.quantization)
        if structure.is_adapted:
            model = adapt(model, AdapterStructure(structure.max_rank, structure.targets, structure.drops))
        return model

    def start(self, model: Model, structure: Structure, hyperparameters: Mapping[str, Any]) -> None:
        if structure.is_adapted:
            reset(model, AdapterValues.of(hyperparameters))
        elif structure.method == "full":
            # Copied, because the train step donates its arrays: the shared weights would be gone after it. One by one,
            # so that those of the run before make room for them.
            weights = dict(nnx.to_flat_state(self._loaded(structure).weights))
            for path, variable in nnx.to_flat_state(nnx.state(model, nnx.Param)):
                variable.set_value(jnp.copy(weights[path][...]))

    def save(self, folder: Path, model: Model, structure: Structure, hyperparameters: Mapping[str, Any]) -> None:
        described: dict[str, Any] = {
            "format": FOLDER_FORMAT,
            "method": structure.method,
            "base_model_id": self._info.base_model_id,
            "base_model_hash": self._info.content_hash,
            "family": self._info.family,
            "base": {"dtype": structure.dtype, "quantization": structure.quantization},
        }
        folder.mkdir(parents=True, exist_ok=True)
        if structure.is_adapted:
            values = AdapterValues.of(hyperparameters)
            arrays = adapter_arrays(model, values.rank)
            save_adapters(folder, StoredAdapters(arrays, values.rank, values.scale, structure.targets))
        elif structure.method == "full":
            write_bytes(folder / SINGLE, safetensors.numpy.save(self._weights_of(model)))
        write_text(folder / MODEL, json.dumps(described, indent=2) + "\n")

    def stored(self, folder: Path) -> Model:
        """The model of a checkpoint that `save` wrote. Raises ValueError, KeyError, OSError or BaseModelError."""
        described = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        method: Method = described["method"]
        if method == "full":
            return load_weights(self._pretrained.configuration, tensors_in(folder, SINGLE), jnp.float32)
        if method == "untuned":
            return self.build(Structure(method, **described.get("base", {})))
        adapters = read_adapters(folder)
        model = self.build(Structure(method, adapters.rank, adapters.targets, **described.get("base", {})))
        load_adapters(model, adapters.arrays, AdapterValues(adapters.rank, adapters.scale))
        return model

    def _loaded(self, structure: Structure) -> LoadedBase:
        # A quantized model needs no weights of the base, which would take several times its memory.
        return base_weights(self._info, jnp.dtype(structure.dtype), keep=not structure.quantization)

    def _weights_of(self, model: Model) -> dict[str, np.ndarray]:
        """The weights by the names of the folder."""
        found: dict[str, np.ndarray] = {}
        for path, variable in nnx.to_flat_state(nnx.state(model, nnx.Param)):
            values = np.asarray(variable[...])
            found |= restored(".".join(map(str, path)), values, self._pretrained.configuration)
        return {name: np.ascontiguousarray(values) for name, values in found.items()}


def folder_base(info: BaseModelInfo, rows: Sequence[Row], prompt: PromptSpec) -> FolderBase:
    """The base in the folder of `info`, for a dataset with these training rows. Raises BaseModelError."""
    pretrained = inspected(info)
    return FolderBase(info, pretrained, FolderTokenizer(pretrained, prompt, rows))
