"""Sources of rows: a file on disk, an upload, or bytes in memory, read line by line and hashed meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from .faults import Fault

MAX_LINE_BYTES = 4 * 1024 * 1024
BOM = b"\xef\xbb\xbf"
PACKED = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "compressed by gzip",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"7z\xbc\xaf": "a 7z archive",
    b"PAR1": "a Parquet file",
}
"""First bytes of archives, for a helpful error. None is unpacked: a small archive can fill the disk."""


class ByteLines(Protocol):
    """The methods of a file that are used here."""

    def readline(self, limit: int, /) -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Source:
    """A named stream of bytes that can be read more than once."""

    name: str
    size: int
    open: Callable[[], ByteLines]

    @classmethod
    def from_path(cls, path: Path) -> Source:
        """A file on disk. Raises OSError when it cannot be read."""
        with path.open("rb"):
            return cls(path.name, path.stat().st_size, lambda: path.open("rb"))

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> Source:
        """Bytes in memory."""
        return cls(name, len(data), lambda: BytesIO(data))

    @classmethod
    def from_upload(cls, upload: Any) -> Source:
        """A file that Django received. It stays open: Django closes it with the request."""
        name = Path(upload.name).name.encode("utf-8", "replace").decode()  # for the manifest
        return cls(name, upload.size, lambda: _Rewound(upload))


class _Rewound:
    """An upload from its start, which `close` leaves open."""

    def __init__(self, upload: Any) -> None:
        upload.seek(0)
        self._upload = upload

    def readline(self, limit: int, /) -> bytes:
        return bytes(self._upload.readline(limit))

    def close(self) -> None:
        """Does nothing: see Source.from_upload."""


class Lines:
    """Iterates once over the lines of a source as text. `number` is the last line read, from 1."""

    def __init__(self, file: ByteLines, on_bytes: Callable[[int], None] = lambda count: None) -> None:
        self.number = 0
        self._file = file
        self._on_bytes = on_bytes
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of the bytes read so far, and so of the whole source at its end."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line. Raises Fault for a line that is too long or not UTF-8; reading can continue after it."""
        raw = self._read()
        if not raw:
            raise StopIteration
        self.number += 1
        if len(raw) > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = self._read()  # skips the rest of the line
            raise Fault(f"The line is longer than {MAX_LINE_BYTES // 1024 // 1024} MiB.")
        if self.number == 1:
            for magic, kind in PACKED.items():
                if raw.startswith(magic):
                    raise Fault(f"This is {kind}. Import the text file in it instead.")
            raw = raw.removeprefix(BOM)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Fault(f"Not UTF-8 text: byte 0x{raw[error.start]:02x} at position {error.start}.") from None

    def _read(self) -> bytes:
        raw = self._file.readline(MAX_LINE_BYTES + 1)
        self._hash.update(raw)
        self._on_bytes(len(raw))
        return raw
