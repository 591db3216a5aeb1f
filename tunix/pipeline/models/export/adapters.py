"""The adapters of a run as matrices beside the tensors of its base folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.pretrained.headers import listed, quoted
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.models.pretrained.layouts import tensors_of_module

_HALF = re.compile(r"(layers\.\d+\.(?:attn|mlp)\.\w+)\.lora_([ab])")


@dataclass(frozen=True)
class LowRank:
    """What adapters add to a projection [outputs, inputs]: scale times `b` [outputs, rank] times `a` [rank, inputs]."""

    a: np.ndarray
    b: np.ndarray


def projections(adapters: StoredAdapters) -> dict[str, LowRank]:
    """The adapters of each tensor of a folder, such as `model.layers.0.self_attn.q_proj.weight`.

    A module that stands for several tensors, such as Gemma's keys and values, has one `a` for all of them.
    Raises ExportError.
    """
    found: dict[str, LowRank] = {}
    for module in _modules(adapters):
        try:
            tensors = tensors_of_module(module)
        except KeyError:
            raise ExportError(f"The adapters name {quoted(module)}, which no supported model has.") from None
        found |= _of_module(adapters, module, tensors)
    if not found:
        raise ExportError("There are no adapters. Export a run that was trained with LoRA.")
    return found


def projections_of(adapters: StoredAdapters, pretrained: PretrainedModel) -> dict[str, LowRank]:
    """The projections, checked to fit this base. Raises ExportError."""
    found = projections(adapters)
    for name, low_rank in found.items():
        shape = pretrained.tensors[name].shape if name in pretrained.tensors else None
        if shape != (low_rank.b.shape[0], low_rank.a.shape[1]):
            raise ExportError(
                f"The adapters of {quoted(name)} are for a matrix [{low_rank.b.shape[0]}, {low_rank.a.shape[1]}], "
                f"but the base has {'none' if shape is None else list(shape)}. Export with the base of the run."
            )
    return found


def _modules(adapters: StoredAdapters) -> Iterator[str]:
    """The modules with both halves. Raises ExportError for any other name."""
    halves: dict[str, set[str]] = {}
    for name in adapters.arrays:
        match = _HALF.fullmatch(name)
        if match is None:
            raise ExportError(f"The adapters have an unknown name: {quoted(name)}.")
        halves.setdefault(match[1], set()).add(match[2])
    if single := [module for module, found in halves.items() if len(found) < 2]:
        raise ExportError(f"The adapters lack one of lora_a and lora_b: {listed(single)}.")
    yield from halves


def _of_module(adapters: StoredAdapters, module: str, tensors: tuple[str, ...]) -> dict[str, LowRank]:
    rank = adapters.rank
    a, b = (np.asarray(adapters.arrays[f"{module}.lora_{half}"], np.float32) for half in "ab")
    if a.shape[-1] != rank or b.shape[0] != rank or b.size % (rank * len(tensors)):
        raise ExportError(f"The adapters of {quoted(module)} do not have the rank {rank}.")
    down = np.ascontiguousarray(a.reshape(-1, rank).T)
    parts = b.reshape(rank, len(tensors), -1)
    return {name: LowRank(down, np.ascontiguousarray(parts[:, index].T)) for index, name in enumerate(tensors)}
