"""Writes safetensors files tensor by tensor, in one file or in several with an index."""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tunix.pipeline.files import write_text
from tunix.pipeline.models.pretrained.shards import INDEX, SINGLE
from tunix.pipeline.models.pretrained.tensors import NUMPY_DTYPES

MAX_FILE_BYTES = 5 * 10**9
"""A model above this size is written in several files, as transformers does."""

_HEADER_ALIGNMENT = 8
_METADATA = {"format": "pt"}
"""Without it, transformers refuses the file."""


@dataclass(frozen=True)
class TensorPlan:
    """The type (as in a header, such as BF16) and shape of a tensor that will be written."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """Its size in the file."""
        return math.prod(self.shape) * NUMPY_DTYPES[self.dtype].itemsize


Plans = Mapping[str, TensorPlan]


def write_model_files(
    folder: Path, plans: Plans, values: Callable[[str], np.ndarray], max_file_bytes: int = MAX_FILE_BYTES
) -> None:
    """Writes all tensors in the order of `plans`. `values` is called once a tensor, which is not kept."""
    groups = _groups(plans, max_file_bytes)
    if len(groups) == 1:
        write_tensors(folder / SINGLE, plans, values)
        return
    places: dict[str, str] = {}
    for number, names in enumerate(groups, start=1):
        file = f"model-{number:05}-of-{len(groups):05}.safetensors"
        write_tensors(folder / file, {name: plans[name] for name in names}, values)
        places |= dict.fromkeys(names, file)
    total = sum(plan.bytes for plan in plans.values())
    index = {"metadata": {"total_size": total}, "weight_map": places}
    write_text(folder / INDEX, json.dumps(index, indent=2) + "\n")


def write_tensors(path: Path, plans: Plans, values: Callable[[str], np.ndarray]) -> None:
    """Writes one file. Raises ValueError if a value does not have its planned type and shape."""
    header = _header(plans)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for name, plan in plans.items():
            value = values(name)
            if value.dtype != NUMPY_DTYPES[plan.dtype] or value.shape != plan.shape:
                raise ValueError(f"{name} is {value.dtype} {list(value.shape)}, not {plan.dtype} {list(plan.shape)}.")
            file.write(np.ascontiguousarray(value).view(np.uint8).data)
        file.flush()
        os.fsync(file.fileno())


def _groups(plans: Plans, max_file_bytes: int) -> list[list[str]]:
    """The tensors of each file, in order. A tensor larger than a file has one of its own."""
    groups: list[list[str]] = [[]]
    size = 0
    for name, plan in plans.items():
        if groups[-1] and size + plan.bytes > max_file_bytes:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size += plan.bytes
    return groups


def _header(plans: Plans) -> bytes:
    entries: dict[str, object] = {"__metadata__": _METADATA}
    start = 0
    for name, plan in plans.items():
        offsets = [start, start + plan.bytes]
        entries[name] = {"dtype": plan.dtype, "shape": list(plan.shape), "data_offsets": offsets}
        start = offsets[1]
    text = json.dumps(entries, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % _HEADER_ALIGNMENT)
