"""The quantizations of GGUF files that are multiplied out: how a block is laid out, and the numbers it stands for.

https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h has the layouts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

_BLOCKS_AT_A_TIME = 2**16


@dataclass(frozen=True)
class Quantization:
    """A block of `values` numbers in the layout `dtype`. `numbers` gives float32 [blocks, values]."""

    name: str
    values: int
    dtype: np.dtype
    numbers: Callable[[Any], np.ndarray]


def dequantize(kind: Quantization, blocks: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The numbers of all blocks in a row, as `dtype`."""
    out = np.empty(len(blocks) * kind.values, dtype)
    for start in range(0, len(blocks), _BLOCKS_AT_A_TIME):
        part = kind.numbers(blocks[start : start + _BLOCKS_AT_A_TIME])
        out[start * kind.values : start * kind.values + part.size] = part.reshape(-1).astype(dtype)
    return out


def _plain(blocks: Any) -> np.ndarray:
    return blocks.astype(np.float32)[:, None]


def _scale(blocks: Any, name: str = "scale") -> np.ndarray:
    return blocks[name].astype(np.float32)[:, None]


def _halves(packed: np.ndarray) -> np.ndarray:
    """All lower halves of the bytes, then all upper ones."""
    return np.concatenate([packed & 15, packed >> 4], axis=-1)


def _q4_0(blocks: Any) -> np.ndarray:
    return _scale(blocks) * (_halves(blocks["low"]).astype(np.float32) - 8)


def _q4_1(blocks: Any) -> np.ndarray:
    return _scale(blocks) * _halves(blocks["low"]).astype(np.float32) + _scale(blocks, "least")


def _q5_0(blocks: Any) -> np.ndarray:
    fifth = np.unpackbits(blocks["high"], axis=-1, bitorder="little")
    return _scale(blocks) * ((_halves(blocks["low"]) | fifth << 4).astype(np.float32) - 16)


def _q8_0(blocks: Any) -> np.ndarray:
    return _scale(blocks) * blocks["whole"].astype(np.float32)


def _q4_k(blocks: Any) -> np.ndarray:
    """Eight groups of 32 numbers, each with a scale and a least number of 6 bits."""
    first, second, third = blocks["scales"].reshape(-1, 3, 4).swapaxes(0, 1)
    scales = np.concatenate([first & 63, third & 15 | first >> 6 << 4], axis=-1).astype(np.float32)
    least = np.concatenate([second & 63, third >> 4 | second >> 6 << 4], axis=-1).astype(np.float32)
    groups = _halves(blocks["low"].reshape(-1, 4, 32)).reshape(-1, 8, 32).astype(np.float32)
    found = (_scale(blocks) * scales)[..., None] * groups - (_scale(blocks, "least") * least)[..., None]
    return found.reshape(-1, 256)


def _q6_k(blocks: Any) -> np.ndarray:
    """Sixteen groups of 16 numbers, each with a scale of 8 bits; two bits of each number are in bytes of their own."""
    low = _halves(blocks["low"].reshape(-1, 2, 64)).reshape(-1, 2, 4, 32)
    shifts = np.array([0, 2, 4, 6], np.uint8)[None, None, :, None]
    high = blocks["high"].reshape(-1, 2, 1, 32) >> shifts & 3
    numbers = (low | high << 4).astype(np.float32).reshape(-1, 16, 16) - 32
    return ((_scale(blocks) * blocks["scales"].astype(np.float32))[..., None] * numbers).reshape(-1, 256)


def _block(*fields: tuple[str, str] | tuple[str, str, int]) -> np.dtype:
    return np.dtype(list(fields))


BLOCKS: dict[int, Quantization] = {
    0: Quantization("F32", 1, np.dtype("<f4"), _plain),
    1: Quantization("F16", 1, np.dtype("<f2"), _plain),
    2: Quantization("Q4_0", 32, _block(("scale", "<f2"), ("low", "u1", 16)), _q4_0),
    3: Quantization("Q4_1", 32, _block(("scale", "<f2"), ("least", "<f2"), ("low", "u1", 16)), _q4_1),
    6: Quantization("Q5_0", 32, _block(("scale", "<f2"), ("high", "u1", 4), ("low", "u1", 16)), _q5_0),
    8: Quantization("Q8_0", 32, _block(("scale", "<f2"), ("whole", "i1", 32)), _q8_0),
    12: Quantization(
        "Q4_K", 256, _block(("scale", "<f2"), ("least", "<f2"), ("scales", "u1", 12), ("low", "u1", 128)), _q4_k
    ),
    14: Quantization(
        "Q6_K", 256, _block(("low", "u1", 128), ("high", "u1", 64), ("scales", "i1", 16), ("scale", "<f2")), _q6_k
    ),
    30: Quantization("BF16", 1, np.dtype(ml_dtypes.bfloat16), _plain),
}
"""By their numbers in a file."""
