"""The records of Parquet and Arrow files, which another process reads: see table_reader.py."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from .faults import Fault
from .gzipped import UnpackLimits
from .sources import PIECE_BYTES, Meter, Source

READER = Path(__file__).with_name("table_reader.py")
MAX_MEMORY_BYTES = 2 * 1024**3
"""Of the process that reads, for its code and libraries too, which take a seventh."""
MAX_HEADER_BYTES = 4 * 1024 * 1024


class TableLines:
    """The rows as JSON Lines. Reading raises Fault if the file is damaged or too large."""

    def __init__(self, output: IO[bytes], limits: UnpackLimits) -> None:
        self._output = output
        self._limits = limits
        self._is_new_line = True
        self.types: dict[str, str] = json.loads(self.readline(MAX_HEADER_BYTES) or b"{}")
        """The columns, each with the type that keeps it from being imported, or with no text."""

    def readline(self, limit: int, /) -> bytes:
        line = self._output.readline(limit)
        starts, self._is_new_line = self._is_new_line, line.endswith(b"\n")
        if not line:
            raise Fault("The file cannot be read: its reader ended early. The file is damaged, or it was"
                        " made to take too much memory or time.")  # fmt: skip
        if starts and line[:1] == b"!":
            raise Fault(line[1:].decode("utf-8", "replace").strip())
        if starts and line == b".\n":
            return b""
        self._limits.add(line)
        return line

    def read(self, size: int, /) -> bytes:
        return self.readline(size)

    def close(self) -> None:
        self._output.close()


@contextmanager
def table_lines(source: Source, columns: Collection[str] | None, meter: Meter | None = None) -> Iterator[TableLines]:
    """The rows of a source, with the given columns; with None, the first row with all columns. Raises Fault."""
    wanted = json.dumps(
        [None if columns is None else sorted(columns), [str(path) for path in source.parts], MAX_MEMORY_BYTES]
    )
    command = [sys.executable, "-I", str(READER), wanted]
    with (
        _on_disk(source, meter or Meter()) as file,
        subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            yield TableLines(cast("IO[bytes]", process.stdout), UnpackLimits(source.size, source.max_unpacked))
        finally:
            process.kill()


def first_record(source: Source) -> tuple[dict[str, str], dict[str, Any]]:
    """The columns with their types, as in TableLines, and the first row. Raises Fault."""
    with table_lines(source, None) as lines:
        return lines.types, json.loads(lines.readline(MAX_HEADER_BYTES) or b"{}")


@contextmanager
def _on_disk(source: Source, meter: Meter) -> Iterator[BinaryIO]:
    """A file that another process can read, after its bytes were counted; what is in memory is copied."""
    with tempfile.TemporaryFile() as copy:
        for part in source.parts[1:]:
            with part.open("rb") as more:
                while data := more.read(PIECE_BYTES):
                    meter.add(data)
        opened = source.open()
        try:
            is_file = _has_number(opened)
            while data := opened.read(PIECE_BYTES):
                meter.add(data)
                if not is_file:
                    copy.write(data)
            copy.flush()
            file = cast("BinaryIO", opened) if is_file else cast("BinaryIO", copy)
            file.seek(0)
            yield file
        finally:
            opened.close()


def _has_number(file: Any) -> bool:
    try:
        return bool(file.fileno() >= 0)
    except (AttributeError, OSError):
        return False
