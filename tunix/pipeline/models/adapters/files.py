"""Writes the adapters of a run to a file, and reads them. They are stored alone, without the base model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, get_args

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from tunix.pipeline.files import open_inside, write_bytes
from tunix.pipeline.models.adapters.structure import Targets

ADAPTERS: Final = "adapters.safetensors"
_ENTRY: Final = "adapters"


@dataclass(frozen=True)
class StoredAdapters:
    """The adapters of a run as they are stored: by name, of the run's own rank, without padding.

    The names are those of Google's modules: `layers.0.attn.q_proj.lora_a` [..., rank] and `lora_b` [rank, ...], with
    the dimensions of the module's inputs and outputs. What they add is `scale` * B A x; `scale` is alpha / rank.
    """

    arrays: Mapping[str, np.ndarray]
    rank: int
    scale: float
    targets: Targets


def save_adapters(folder: Path, adapters: StoredAdapters) -> Path:
    """Writes the file into `folder`. Its metadata has rank, scale and targets.

    They are one entry, because safetensors writes several in an order of chance: equal adapters give equal files.
    """
    described = {"rank": adapters.rank, "scale": adapters.scale, "targets": adapters.targets}
    path = folder / ADAPTERS
    write_bytes(path, safetensors.numpy.save(dict(adapters.arrays), {_ENTRY: json.dumps(described)}))
    return path


def read_adapters(folder: Path) -> StoredAdapters:
    """The adapters in `folder`. Raises ValueError, which names the fault, or FileNotFoundError."""
    with open_inside(folder, folder / ADAPTERS) as file:
        content = file.read()
    try:
        arrays = safetensors.numpy.load(content)
        described = json.loads(_header(content)["__metadata__"][_ENTRY])
        rank, scale, targets = int(described["rank"]), float(described["scale"]), described["targets"]
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise ValueError(f"{ADAPTERS} is damaged or was not written by a run: {error}.") from error
    if targets not in get_args(Targets):
        raise ValueError(f"{ADAPTERS} has the unknown targets {targets!r}.")
    return StoredAdapters(arrays, rank, scale, cast(Targets, targets))


def _header(content: bytes) -> dict[str, Any]:
    """The header of a safetensors file: JSON after eight bytes with its size."""
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
