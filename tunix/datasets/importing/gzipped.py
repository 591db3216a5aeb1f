"""Reads gzip files in pieces, within limits: a small file can unpack to any size."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Protocol

from .faults import Fault

MAGIC = b"\x1f\x8b"
MAX_EXPANSION = 200
"""Text shrinks to a tenth or a twentieth; only a file that was made to fill a machine unpacks to a thousandfold."""
FREE_BYTES = 32 * 1024 * 1024
"""Unpacked bytes that may be any number of times the size of the file."""


FREE_ROWS = 1_000_000
"""Rows that a file of any size may have. More need a byte of the compressed file each, as different rows do."""


class ByteFile(Protocol):
    """The methods of a file that are used here."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, limit: int, /) -> bytes: ...

    def close(self) -> None: ...


class UnpackLimits:
    """Counts what a compressed file of `size` bytes unpacks to, and stops at MAX_EXPANSION or at `most` bytes.

    Empty rows cost far more time than long ones, so line breaks and the starts of objects are counted too.
    """

    def __init__(self, size: int, most: int | None) -> None:
        self._size = size
        self._most = most
        self._unpacked = 0
        self._rows = 0

    def add(self, data: bytes) -> None:
        """Counts unpacked bytes. Raises Fault if there are too many."""
        self._unpacked += len(data)
        self._rows += data.count(b"\n") + data.count(b"{")
        if self._most is not None and self._unpacked > self._most:
            raise Fault(
                f"The file unpacks to more than {self._most / 2**20:,.4g} MiB, the limit for uploads (the setting"
                " MAX_UNPACKED_BYTES). Use manage.py import_dataset on the server."
            )
        if self._rows > max(FREE_ROWS, self._size):
            raise Fault(
                f"The file unpacks to more than {max(FREE_ROWS, self._size):,} lines or objects, more than it can hold"
                " unless nearly all of them are empty or equal. If its rows are what you expect, unpack it yourself,"
                " and import the result."
            )
        if self._unpacked > max(FREE_BYTES, MAX_EXPANSION * self._size):
            raise Fault(
                f"The file unpacks to more than {MAX_EXPANSION} times its size, as files do that are made to fill a"
                " machine. If its rows are what you expect, unpack it yourself, and import the result."
            )


class Gunzipped:
    """The bytes in a gzip file. Reading raises Fault if it is cut off, damaged or too large."""

    def __init__(self, file: ByteFile, limits: UnpackLimits) -> None:
        self._file = file
        self._gzip = gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[arg-type]
        self._limits = limits

    def read(self, size: int, /) -> bytes:
        return self._checked(self._gzip.read, size)

    def readline(self, limit: int, /) -> bytes:
        return self._checked(self._gzip.readline, limit)

    def close(self) -> None:
        self._gzip.close()
        self._file.close()

    def _checked(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            data = read(size)
        except EOFError:
            raise Fault("The gzip file is cut off: its end is missing. Copy or download it again.") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Fault(f"The gzip file is damaged: {_reason(error)}. Copy or download it again.") from None
        self._limits.add(data)
        return data


def _reason(error: Exception) -> str:
    """What is wrong with the data, in words."""
    text = str(error)
    if "CRC check" in text or "length of data" in text:
        return "its checksum does not match its contents"
    if "Not a gzipped file" in text:
        return "other bytes follow the compressed data"
    return "its compressed data cannot be read"
