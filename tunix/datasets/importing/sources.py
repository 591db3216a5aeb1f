"""Sources of rows: a file on disk, an upload, or bytes in memory, read in bounded pieces and hashed meanwhile."""

from __future__ import annotations

import codecs
import errno
import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from .faults import Fault
from .file_kinds import BOM, not_utf8
from .gzipped import MAGIC, ByteFile, Gunzipped, UnpackLimits

MAX_LINE_BYTES = 4 * 1024 * 1024
HEAD_BYTES = 64 * 1024
PIECE_BYTES = 64 * 1024


class Meter:
    """Hashes the bytes of a file as they are read, and reports how many they are."""

    def __init__(self, on_bytes: Callable[[int], None] = lambda count: None) -> None:
        self._on_bytes = on_bytes
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of the bytes read so far, and so of the whole file at its end."""
        return self._hash.hexdigest()

    def add(self, data: bytes) -> bytes:
        """Counts `data`, and returns it."""
        self._hash.update(data)
        self._on_bytes(len(data))
        return data


@dataclass(frozen=True)
class Source:
    """A named stream of bytes that can be read more than once."""

    name: str
    size: int
    open: Callable[[], ByteFile]
    max_unpacked: int | None = None
    """The most bytes that a compressed file may unpack to."""
    parts: tuple[Path, ...] = ()
    """The files of Arrow streams that together are the source; `open` opens the first."""

    @classmethod
    def from_path(cls, path: Path) -> Source:
        """A file on disk. Raises OSError when it cannot be read, or only once, as a pipe can."""
        if not (path.is_file() or path.is_dir()) and path.exists():
            raise OSError(errno.ESPIPE, "It is not a regular file. Save the rows to a file first")
        with path.open("rb"):
            return cls(path.name, path.stat().st_size, lambda: path.open("rb"))

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> Source:
        """Bytes in memory."""
        return cls(name, len(data), lambda: BytesIO(data))

    @classmethod
    def from_upload(cls, upload: Any, max_unpacked: int | None = None) -> Source:
        """A file that Django received. It stays open: Django closes it with the request."""
        name = Path(upload.name).name.encode("utf-8", "replace").decode()  # for the manifest
        return cls(name, upload.size, lambda: _Rewound(upload), max_unpacked)

    @cached_property
    def is_gzip(self) -> bool:
        """Whether the first bytes are those of gzip."""
        with closing(self.open()) as file:
            return file.read(len(MAGIC)) == MAGIC

    def open_text(self, meter: Meter | None = None) -> ByteFile:
        """The text, unpacked if it is compressed; `meter` counts the bytes of the file itself."""
        is_gzip = self.is_gzip  # reads an upload, which has one place where it is read
        file = _Metered(self.open(), meter or Meter())
        return Gunzipped(file, UnpackLimits(self.size, self.max_unpacked)) if is_gzip else file

    def head(self) -> bytes:
        """The first HEAD_BYTES bytes of the text, or fewer if there are no more, or no more can be read.

        Raises Fault if not one can be read.
        """
        head = b""
        with closing(self.open_text()) as file:
            try:
                while len(head) < HEAD_BYTES and (more := file.readline(HEAD_BYTES - len(head))):
                    head += more
            except Fault:
                if not head:
                    raise
        return head


class _Metered:
    """A file whose bytes are counted by a meter."""

    def __init__(self, file: ByteFile, meter: Meter) -> None:
        self._file = file
        self._meter = meter
        self.close = file.close

    def read(self, size: int, /) -> bytes:
        return self._meter.add(self._file.read(size))

    def readline(self, limit: int, /) -> bytes:
        return self._meter.add(self._file.readline(limit))


class _Rewound:
    """An upload from its start, which `close` leaves open."""

    def __init__(self, upload: Any) -> None:
        upload.seek(0)
        self._upload = upload

    def read(self, size: int, /) -> bytes:
        return bytes(self._upload.read(size))

    def readline(self, limit: int, /) -> bytes:
        return bytes(self._upload.readline(limit))

    def seek(self, place: int, /) -> None:
        self._upload.seek(place)

    def fileno(self) -> int:
        return int(self._upload.fileno())

    def close(self) -> None:
        """Does nothing: see Source.from_upload."""


class Lines:
    """Iterates once over a source as text, by lines or by pieces. `number` is the current line, from 1."""

    def __init__(self, file: ByteFile) -> None:
        self.number = 0
        self._file = file

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line. Raises TooLong, after which reading can go on, and Fault for a line that cannot be read."""
        raw = self._read(MAX_LINE_BYTES + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        if len(raw) > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = self._file.readline(MAX_LINE_BYTES + 1)  # skips the rest of the line
            raise TooLong("line")
        try:
            return (raw.removeprefix(BOM) if self.number == 1 else raw).decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(error) from None

    def pieces(self) -> Iterator[str]:
        """The text in pieces: lines, of which long ones are cut. Raises Fault for text that cannot be read."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        starts_line = True
        while True:
            raw = self._read(PIECE_BYTES, starts_line)
            self.number += starts_line and bool(raw)
            try:
                piece = decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                raise not_utf8(error) from None
            if not raw:
                return
            starts_line = raw.endswith(b"\n")
            yield piece

    def _read(self, limit: int, starts_line: bool = True) -> bytes:
        """Up to `limit` bytes of a line. Raises Fault; `number` is then the line that could not be read."""
        try:
            return self._file.readline(limit)
        except Fault:
            self.number += starts_line
            raise


class TooLong(Fault):
    """A line, row or value that is longer than MAX_LINE_BYTES; reading can continue after it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} is longer than the limit of {MAX_LINE_BYTES // 1024 // 1024} MiB.")
