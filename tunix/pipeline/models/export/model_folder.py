"""Writes a trained model as an ordinary folder in the layout of Hugging Face, which transformers and vLLM load."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.adapters import LowRank, projections_of
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.export.placing import new_folder
from tunix.pipeline.models.export.surroundings import (
    copy_tokenizer_and_license,
    write_config,
    write_generation_config,
    write_readme,
)
from tunix.pipeline.models.export.tensor_files import MAX_FILE_BYTES, TensorPlan, write_model_files
from tunix.pipeline.models.pretrained.headers import listed, quoted
from tunix.pipeline.models.pretrained.inspection import FolderError, PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.tensors import NUMPY_DTYPES, MappedTensors

Values = Callable[[str], np.ndarray]
"""The value of a tensor by name, of any type."""


def export_merged(
    pretrained: PretrainedModel,
    adapters: StoredAdapters,
    target: Path,
    *,
    base: str,
    card: str = "",
    end_ids: Sequence[int] = (),
    float32: bool = False,
    max_file_bytes: int = MAX_FILE_BYTES,
) -> PretrainedModel:
    """The base with its adapters merged, in a new folder `target`: W + scale B A, computed in float32.

    Each tensor has the type of the base, or float32. One tensor at a time is in memory. `base` names the base in
    README.md, whose text is `card`. `end_ids` are the tokens at which the model learned to end an answer; without them
    those of the base stay. Raises ExportError, BaseModelError and OSError.
    """
    tensors, projections = MappedTensors(pretrained.folder, pretrained.tensors), projections_of(adapters, pretrained)

    def value(name: str) -> np.ndarray:
        return merged(tensors[name], projections.get(name), adapters.scale)

    return _export(pretrained, value, target, base, card, end_ids, float32, max_file_bytes)


def export_full(
    pretrained: PretrainedModel,
    weights: Mapping[str, np.ndarray],
    target: Path,
    *,
    base: str,
    card: str = "",
    end_ids: Sequence[int] = (),
    float32: bool = False,
    max_file_bytes: int = MAX_FILE_BYTES,
) -> PretrainedModel:
    """A model of which all weights were trained, in a new folder `target`; otherwise as `export_merged`.

    `weights` has the names and shapes of the base's tensors.
    """
    different = weights.keys() ^ pretrained.tensors.keys()
    different |= {name for name in weights.keys() - different if weights[name].shape != pretrained.tensors[name].shape}
    if different:
        raise ExportError(f"The weights do not fit the base: {listed(different)}. Export with the base of the run.")
    return _export(pretrained, weights.__getitem__, target, base, card, end_ids, float32, max_file_bytes)


def merged(weight: np.ndarray, low_rank: LowRank | None, scale: float) -> np.ndarray:
    """A projection [outputs, inputs] with its adapters, as float32; a tensor without adapters as it is."""
    if low_rank is None:
        return weight
    product = low_rank.b @ low_rank.a
    product *= np.float32(scale)
    product += weight.astype(np.float32)
    return product


def _export(
    pretrained: PretrainedModel,
    value: Values,
    target: Path,
    base: str,
    card: str,
    end_ids: Sequence[int],
    float32: bool,
    max_file_bytes: int,
) -> PretrainedModel:
    plans = {
        name: TensorPlan("F32" if float32 else tensor.dtype, tensor.shape)
        for name, tensor in pretrained.tensors.items()
    }
    with new_folder(target) as folder:
        write_model_files(folder, plans, lambda name: _cast(name, value(name), plans[name]), max_file_bytes)
        write_config(pretrained, folder, "float32" if float32 else pretrained.dtype)
        copy_tokenizer_and_license(pretrained, folder)
        if end_ids:
            write_generation_config(pretrained, folder, end_ids)
        write_readme(pretrained, folder, base=base, library="transformers", card=card)
        _check(folder)
    return inspect_folder(target)


def _cast(name: str, value: np.ndarray, plan: TensorPlan) -> np.ndarray:
    wanted = NUMPY_DTYPES[plan.dtype]
    if value.dtype == wanted:
        return value
    with np.errstate(over="ignore"):  # checked below
        cast = value.astype(wanted)
    if not np.isfinite(cast.astype(np.float32)).all():
        raise ExportError(f"{quoted(name)} has values that {plan.dtype} cannot hold. Export as float32.")
    return cast


def _check(folder: Path) -> None:
    """What is written must be a folder that this project accepts."""
    try:
        inspect_folder(folder)
    except FolderError as error:
        raise ExportError(f"The exported folder has faults: {error}") from error
