"""Reads the header of a safetensors file: names, types and shapes of its tensors. The tensors are not read.

The format: eight bytes with the length of the header, the header as a JSON object, then the tensors one after another.
See https://github.com/huggingface/safetensors#format.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from tunix.validation.json_text import InvalidJson, parse_json

MAX_HEADER_BYTES = 16 * 2**20
"""Enough for 100,000 tensors. The length is a number in the file, so reading must not trust it."""

BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
"""Bytes per element, for the types whose size is checked."""

_LFS_POINTER = b"version https://git-lfs"
_COPY_AGAIN = "Download or copy the file again."


class InvalidHeader(ValueError):
    """A file that is not a complete safetensors file; the message says why, and what to do."""


@dataclass(frozen=True)
class TensorHeader:
    """What the header says of one tensor: the file, and where in this file its bytes are."""

    file: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


def read_header(file: BinaryIO, name: str) -> dict[str, TensorHeader]:
    """The tensors of a file by name. Raises InvalidHeader unless they fill the file without gaps."""
    available = os.fstat(file.fileno()).st_size
    first = file.read(len(_LFS_POINTER))
    if first == _LFS_POINTER:
        raise InvalidHeader("The file is a pointer of Git LFS, without the weights. Run `git lfs pull` in the folder.")
    if len(first) < 8:
        raise InvalidHeader(f"The file ends within its first 8 bytes. {_COPY_AGAIN}")
    (length,) = struct.unpack("<Q", first[:8])
    if length > MAX_HEADER_BYTES:
        raise InvalidHeader(
            f"The file claims a header of {length:,} bytes; at most {MAX_HEADER_BYTES:,} are read. "
            f"It is damaged or not a safetensors file. {_COPY_AGAIN}"
        )
    if 8 + length > available:
        raise InvalidHeader(f"The file ends within its header. {_COPY_AGAIN}")
    file.seek(8)
    tensors = _parsed(file.read(length), name, 8 + length)
    _check_that_they_fill_the_file(tensors, 8 + length, available)
    return tensors


def _parsed(header: bytes, name: str, offset: int) -> dict[str, TensorHeader]:
    try:
        entries = parse_json(header.decode())
    except (InvalidJson, UnicodeDecodeError) as error:
        raise InvalidHeader(f"The header is not valid JSON: {error}. {_COPY_AGAIN}") from None
    if not isinstance(entries, Mapping):
        raise InvalidHeader(f"The header is not a JSON object. {_COPY_AGAIN}")
    return {key: _tensor(key, value, name, offset) for key, value in entries.items() if key != "__metadata__"}


def _tensor(key: str, entry: Any, name: str, offset: int) -> TensorHeader:
    found = entry if isinstance(entry, Mapping) else {}
    dtype, shape, offsets = found.get("dtype"), _sizes(found.get("shape")), _sizes(found.get("data_offsets"))
    if not isinstance(dtype, str) or shape is None or offsets is None or len(offsets) != 2:
        raise InvalidHeader(f"The header's entry of {quoted(key)} lacks dtype, shape or data_offsets. {_COPY_AGAIN}")
    start, end = offsets
    tensor = TensorHeader(name, dtype, shape, offset + start, offset + end)
    if end < start or (dtype in BYTES and end - start != tensor.size * BYTES[dtype]):
        raise InvalidHeader(
            f"{quoted(key)} has {end - start} bytes, which is not the size of {list(shape)} as {dtype}. {_COPY_AGAIN}"
        )
    return tensor


def _sizes(values: Any) -> tuple[int, ...] | None:
    """The sizes in a list of JSON; None if it is anything else."""
    if isinstance(values, list) and all(type(value) is int and 0 <= value < 2**63 for value in values):
        return tuple(values)
    return None


def _check_that_they_fill_the_file(tensors: Mapping[str, TensorHeader], first: int, available: int) -> None:
    end = first
    for key, tensor in sorted(tensors.items(), key=lambda pair: (pair[1].start, pair[1].end)):
        if tensor.start != end:
            problem = "overlaps the tensor before it" if tensor.start < end else "does not follow the tensor before it"
            raise InvalidHeader(f"{quoted(key)} {problem}. {_COPY_AGAIN}")
        end = tensor.end
    if end > available:
        raise InvalidHeader(
            f"The file is cut off: its header describes {end:,} bytes, and {available:,} are there. {_COPY_AGAIN}"
        )
    if end < available:
        raise InvalidHeader(f"{available - end:,} bytes follow the last tensor. {_COPY_AGAIN}")


def quoted(name: str, limit: int = 120) -> str:
    """A name from a file in quotation marks, with control characters escaped and cut to `limit`."""
    return repr(name if len(name) <= limit else f"{name[:limit]}...")


def shown(text: str, limit: int = 120) -> str:
    """A text from a file as it is, or in quotation marks if it is long or a terminal must not see it."""
    return text if text.isprintable() and len(text) <= limit else quoted(text, limit)


def listed(names: Iterable[str], limit: int = 3) -> str:
    """The first names in quotation marks, and how many more there are."""
    every = sorted(names)
    more = f" and {len(every) - limit} more" if len(every) > limit else ""
    return ", ".join(quoted(name) for name in every[:limit]) + more
