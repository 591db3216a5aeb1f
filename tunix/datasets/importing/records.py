"""Records of a file: JSON lines or CSV, told apart by the name unless said otherwise."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import PurePath
from typing import Any, NoReturn

from . import sources
from .faults import Fault
from .sources import Lines, Source

FORMATS = ("jsonl", "csv")
SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv"}
MAX_COLUMNS = 1000

OnFault = Callable[[int, str], None]
Record = tuple[int, dict[str, Any]]
"""The line a record starts on, and its values by column."""


class Number(str):
    """A JSON number, exactly as it was written."""


def format_of(source: Source, asked: str = "") -> str:
    """`asked`, or what the file's name says. Raises Fault."""
    found = asked or SUFFIXES.get(PurePath(source.name).suffix.lower(), "")
    if found not in FORMATS:
        raise Fault(f"Cannot tell the format of '{source.name}' by its name. Give the format: jsonl or csv.")
    return found


def delimiter_of(source: Source, asked: str = "") -> str:
    """`asked`, or a tab for `.tsv`, or a comma."""
    return asked or ("\t" if source.name.lower().endswith(".tsv") else ",")


def columns_of(source: Source, format_: str, delimiter: str) -> list[str]:
    """Names in the CSV header or in the first JSON object; empty if there is none. Raises Fault."""
    with closing(source.open()) as file:
        lines = Lines(file)
        if format_ == "csv":
            return _header(csv.reader(_RecordLines(lines), delimiter=delimiter, strict=True))
        first = next(read_jsonl(lines, lambda line, message: None), None)
        return list(first[1]) if first else []


def read_jsonl(lines: Lines, on_fault: OnFault) -> Iterator[Record]:
    """One object a line; blank lines are skipped, and a bad line is reported and passed over."""
    while True:
        try:
            line = next(lines)
            if line.strip():
                yield lines.number, _object(line)
        except Fault as fault:
            on_fault(lines.number, str(fault))
        except StopIteration:
            return


def read_csv(lines: Lines, delimiter: str, on_fault: OnFault) -> Iterator[Record]:
    """Rows under a header; blank lines are skipped.

    A row with too many or too few cells is reported and passed over. After an unclosed quotation mark or a
    line that is not text, the start of the next row is unknown: reading ends there.
    """
    bounded = _RecordLines(lines)
    reader = csv.reader(bounded, delimiter=delimiter, strict=True)
    start = 1
    try:
        header = _header(reader)
        start = lines.number + 1
        for cells in reader:
            bounded.begin_record()
            if len(cells) == len(header):
                yield start, dict(zip(header, cells, strict=True))
            elif cells:
                on_fault(start, f"{len(cells)} cells where the header has {len(header)}.")
            start = lines.number + 1
    except Fault as fault:
        on_fault(max(lines.number, 1), f"{fault} Reading ended here.")
    except csv.Error as error:
        on_fault(start, f"Not CSV: {_plain(error)}. Reading ended here.")


class _RecordLines:
    """The lines of one record after another. csv gathers cells in memory until a record's quotation marks close,
    so a record may not be longer than a line.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._length = 0

    def begin_record(self) -> None:
        """The record before is complete."""
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._length += len(line)
        if self._length > sources.MAX_LINE_BYTES:
            raise Fault(f"The row is longer than {sources.MAX_LINE_BYTES // 1024 // 1024} MiB.")
        return line


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise Fault(f"The header is not CSV: {_plain(error)}.") from None
    if not any(header):
        raise Fault("There is no header: the first line must name the columns.")
    if len(header) > MAX_COLUMNS:
        raise Fault(f"More than {MAX_COLUMNS} columns.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise Fault(f"The header names a column twice: {', '.join(map(repr, twice))}.")
    return header


def _plain(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a quotation mark that opens in this row is never closed"
    if "field limit" in str(error):
        return "a cell is very long; is a quotation mark in this row never closed?"
    return str(error).partition(" - ")[0]


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line.rstrip(), parse_float=Number, parse_int=Number, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        hint = " Write one object a line, not an array." if line.lstrip().startswith("[") else ""
        raise Fault(f"Not JSON: {error.msg} at column {error.colno}.{hint}") from None
    except RecursionError:
        raise Fault("Not usable: the JSON is nested too deeply.") from None
    if not isinstance(value, dict):
        raise Fault("Not a JSON object.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise Fault(f"{name} is not JSON.")
