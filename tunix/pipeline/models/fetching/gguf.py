"""Reads GGUF, the file format of llama.cpp: fields of metadata, then tensors in quantized blocks.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tunix.pipeline.models.fetching.quantization import BLOCKS, dequantize

_MAGIC, _VERSIONS = b"GGUF", (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_ALIGNMENT = "general.alignment"


class InvalidGguf(ValueError):
    """The file is not GGUF, is cut off, or uses a quantization that is not implemented."""


@dataclass(frozen=True)
class GgufTensor:
    """A tensor in the file. `shape` is in the order of numpy; `start` counts from the start of the file."""

    name: str
    shape: tuple[int, ...]
    kind: int
    start: int

    @property
    def blocks(self) -> int:
        """The number of quantized blocks."""
        return math.prod(self.shape) // BLOCKS[self.kind].values


class GgufFile:
    """The fields of a file, and its tensors by name. The file is memory-mapped. Raises InvalidGguf and OSError."""

    def __init__(self, path: Path) -> None:
        self._bytes = np.memmap(path, np.uint8, "r")
        reader = _Reader(self._bytes)
        if reader.take(4) != _MAGIC or (version := reader.number("I")) not in _VERSIONS:
            raise InvalidGguf(f"{path.name} is not a GGUF file of version 2 or 3.")
        tensors, fields = reader.number("Q"), reader.number("Q")
        self.fields: dict[str, Any] = {reader.string(): reader.value(reader.number("I")) for _ in range(fields)}
        self.version = version
        found = [reader.tensor() for _ in range(tensors)]
        alignment = int(self.fields.get(_ALIGNMENT, 32))
        data = math.ceil(reader.position / alignment) * alignment
        self.tensors = {
            tensor.name: GgufTensor(tensor.name, tensor.shape, tensor.kind, data + tensor.start) for tensor in found
        }

    def values(self, name: str, dtype: np.dtype) -> np.ndarray:
        """The numbers of a tensor, converted to `dtype` piece by piece, so that little is in memory as float32."""
        tensor = self.tensors[name]
        kind = BLOCKS[tensor.kind]
        stop = tensor.start + tensor.blocks * kind.dtype.itemsize
        if stop > len(self._bytes):
            raise InvalidGguf(f"The file ends inside of the tensor {name}.")
        blocks = self._bytes[tensor.start : stop].view(kind.dtype)
        return dequantize(kind, blocks, dtype).reshape(tensor.shape)


class _Reader:
    """A position in the header. Numbers are little-endian."""

    def __init__(self, content: np.ndarray) -> None:
        self._content, self.position = content, 0

    def take(self, count: int) -> bytes:
        found = self._content[self.position : self.position + count].tobytes()
        if len(found) != count:
            raise InvalidGguf("The file ends inside of its header.")
        self.position += count
        return found

    def number(self, form: str) -> Any:
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]

    def string(self) -> str:
        return self.take(self.number("Q")).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            return self._array()
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        raise InvalidGguf(f"The header has a value of the unknown type {kind}.")

    def tensor(self) -> GgufTensor:
        name = self.string()
        shape = tuple(reversed(self._numbers("Q", self.number("I"))))
        kind, start = self.number("I"), self.number("Q")
        if kind not in BLOCKS:
            raise InvalidGguf(f"The tensor {name} has the quantization {kind}, which is not implemented.")
        if not shape or shape[-1] % BLOCKS[kind].values:
            raise InvalidGguf(f"The tensor {name} has the shape {shape}, which does not consist of whole blocks.")
        return GgufTensor(name, shape, kind, start)

    def _array(self) -> list[Any]:
        kind, count = self.number("I"), self.number("Q")
        if kind in _NUMBERS:
            return list(self._numbers(_NUMBERS[kind], count))
        return [self.value(kind) for _ in range(count)]

    def _numbers(self, form: str, count: int) -> tuple[Any, ...]:
        return struct.unpack(f"<{count}{form}", self.take(struct.calcsize(f"<{form}") * count))
