"""Quantized blocks stand for the numbers that the format defines, computed here one by one."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest

from tunix.pipeline.models.fetching.quantization import BLOCKS, dequantize

KIND_OF = {kind.name: kind for kind in BLOCKS.values()}


def half(block: bytes, start: int) -> float:
    return float(struct.unpack_from("<e", block, start)[0])


def q4_0(block: bytes, number: int) -> float:
    packed = block[2 + number % 16]
    return half(block, 0) * ((packed >> 4 if number >= 16 else packed & 15) - 8)


def q4_1(block: bytes, number: int) -> float:
    packed = block[4 + number % 16]
    return half(block, 0) * (packed >> 4 if number >= 16 else packed & 15) + half(block, 2)


def q5_0(block: bytes, number: int) -> float:
    (high,) = struct.unpack_from("<I", block, 2)
    packed = block[6 + number % 16]
    low = packed >> 4 if number >= 16 else packed & 15
    return half(block, 0) * ((low | (high >> number & 1) << 4) - 16)


def q8_0(block: bytes, number: int) -> float:
    return half(block, 0) * struct.unpack_from("<b", block, 2 + number)[0]


def q4_k(block: bytes, number: int) -> float:
    group, scales = number // 32, block[4:16]
    if group < 4:
        scale, least = scales[group] & 63, scales[group + 4] & 63
    else:
        scale = scales[group + 4] & 15 | (scales[group - 4] >> 6) << 4
        least = scales[group + 4] >> 4 | (scales[group] >> 6) << 4
    packed = block[16 + 32 * (group // 2) + number % 32]
    value = packed >> 4 if group % 2 else packed & 15
    return half(block, 0) * scale * value - half(block, 2) * least


def q6_k(block: bytes, number: int) -> float:
    part, place = divmod(number, 128)
    row, column = divmod(place, 32)
    packed = block[64 * part + 32 * (row % 2) + column]
    low = packed >> 4 if row >= 2 else packed & 15
    high = block[128 + 32 * part + column] >> 2 * row & 3
    scale = struct.unpack_from("<b", block, 192 + number // 16)[0]
    return half(block, 208) * scale * ((low | high << 4) - 32)


@pytest.mark.parametrize("number_of", [q4_0, q4_1, q5_0, q8_0, q4_k, q6_k], ids=lambda each: each.__name__)
def test_a_block_is_multiplied_out_as_the_format_says(number_of: Callable[[bytes, int], float]) -> None:
    kind = KIND_OF[number_of.__name__.upper()]
    random = np.random.default_rng(5)
    blocks = np.frombuffer(random.bytes(20 * kind.dtype.itemsize), kind.dtype).copy()
    for name in {"scale", "least"} & set(blocks.dtype.names or ()):
        blocks[name] = random.standard_normal(20)
    expected = [number_of(block.tobytes(), number) for block in blocks for number in range(kind.values)]
    np.testing.assert_allclose(dequantize(kind, blocks, np.dtype(np.float32)), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["F32", "F16", "BF16"])
def test_plain_numbers_stay_as_they_are(name: str) -> None:
    numbers = np.array([1.5, -2.0, 0.25]).astype(KIND_OF[name].dtype)
    np.testing.assert_array_equal(dequantize(KIND_OF[name], numbers, np.dtype(np.float32)), [1.5, -2.0, 0.25])


def test_more_blocks_than_are_read_at_a_time_stay_in_order() -> None:
    numbers = np.arange(2**16 + 3, dtype=np.float32)
    np.testing.assert_array_equal(dequantize(KIND_OF["F32"], numbers, np.dtype(np.float32)), numbers)
