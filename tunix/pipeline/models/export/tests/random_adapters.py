"""Random adapters in the arrangement of Google's modules, for each family."""

from __future__ import annotations

from typing import Any

import numpy as np

from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.pretrained.configuration import ModelConfiguration

RANK, SCALE = 3, 1.5

Halves = tuple[tuple[int, ...], tuple[int, ...]]


def make_adapters(
    configuration: ModelConfiguration, *, rank: int = RANK, scale: float = SCALE, strength: float = 0.1
) -> StoredAdapters:
    """Adapters on every projection. `strength` is the deviation of all numbers."""
    random = np.random.RandomState(11)
    arrays: dict[str, np.ndarray] = {}
    for layer in range(configuration.layers):
        for module, (inputs, outputs) in modules_of(configuration).items():
            for half, shape in (("a", (*inputs, rank)), ("b", (rank, *outputs))):
                values = random.standard_normal(shape) * strength
                arrays[f"layers.{layer}.{module}.lora_{half}"] = values.astype(np.float32)
    return StoredAdapters(arrays, rank, scale, "all")


def modules_of(configuration: ModelConfiguration) -> dict[str, Halves]:
    """The dimensions of inputs and outputs of each projection of a layer."""
    size: Any = configuration
    width, hidden, head = (size.width,), (size.hidden,), size.head_dim
    queries, keys = (size.heads, head), (size.kv_heads, head)
    found: dict[str, Halves] = {
        "mlp.gate_proj": (width, hidden),
        "mlp.up_proj": (width, hidden),
        "mlp.down_proj": (hidden, width),
    }
    if size.family.name != "gemma3":
        found |= {"attn.q_proj": (width, queries), "attn.k_proj": (width, keys)}
        return found | {"attn.v_proj": (width, keys), "attn.o_proj": (queries, width)}
    found["attn.attn_vec_einsum"] = (queries, width)
    if size.heads == size.kv_heads:
        return found | {"attn.qkv_einsum": (width, (3, *queries))}
    return found | {"attn.q_einsum": (width, queries), "attn.kv_einsum": (width, (2, *keys))}
