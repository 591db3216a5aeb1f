"""A program that writes the rows of the Parquet file on its standard input, or of Arrow files, as JSON Lines.

It runs as a process of its own, with limits on memory and time: a small Parquet file can describe a page of any size,
and a damaged one can end the process that reads it. Its first line has the columns. Each row is an object. A line that
begins with `!` is an error, and `.` is the end. It imports nothing of this project, so that it starts quickly.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

Table = tuple[Any, Callable[[list[str]], Iterable[Any]]]
"""A schema, and how to read some of its columns."""
MAX_SECONDS = 900
MAX_COLUMNS = 1000
ROWS_AT_ONCE = 64
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
_TOO_MUCH_MEMORY = (
    "The {} file needs too much memory to read: it has pages of more than a GiB, or very long texts. Write it with"
    " smaller pages, or as JSON Lines."
)


def main(columns: list[str] | None, paths: list[str]) -> Iterator[str]:
    """The lines of the output: `columns` of every row, or with None, all that can be imported of the first row.

    With `paths`, the rows are those of Arrow streams, one after the other.
    """
    import pyarrow as pa

    pa.set_cpu_count(1)
    kind = "Arrow" if paths else "Parquet"
    try:
        yield from _lines(_stream(paths) if paths else _parquet(), columns)
    except MemoryError:
        yield f"!{_TOO_MUCH_MEMORY.format(kind)}"
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        reason = str(error).split("\n")[0][:200].rstrip(".")
        yield f"!The {kind} file is damaged, or of a kind that cannot be read: {reason}. Copy or write it again."


def _lines(table: Table, columns: list[str] | None) -> Iterator[str]:
    import pyarrow as pa

    schema, batches_of = table
    types = {field.name: field.type for field in schema}
    yield from _refused(schema.names)
    yield json.dumps({name: "" if _is_usable(kind) else str(kind) for name, kind in types.items()})
    chosen = [name for name, kind in types.items() if _is_usable(kind) and (columns is None or name in columns)]
    floats = {name for name in chosen if pa.types.is_float32(types[name]) or pa.types.is_float16(types[name])}
    for batch in batches_of(chosen):
        for row in batch.to_pylist():
            yield json.dumps({name: _plain(value, name in floats) for name, value in row.items()})
            if columns is None:
                yield "."
                return
    yield "."


def _parquet() -> Table:
    from pyarrow import parquet

    file = parquet.ParquetFile(open(0, "rb"), pre_buffer=False, buffer_size=1024**2)  # noqa: SIM115
    return file.schema_arrow, lambda names: file.iter_batches(ROWS_AT_ONCE, columns=names, use_threads=False)


def _stream(paths: list[str]) -> Table:
    from pyarrow import ipc

    def batches(names: list[str]) -> Iterator[Any]:
        for path in paths:
            with Path(path).open("rb") as file:
                _refuse_cut_off(file)
                for batch in ipc.open_stream(file):
                    chosen = batch.select(names)
                    for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                        yield chosen.slice(start, ROWS_AT_ONCE)

    with Path(paths[0]).open("rb") as file:
        return ipc.open_stream(file).schema, batches


def _refuse_cut_off(file: BinaryIO) -> None:
    """A stream that is cut off between two batches can be read, but lacks the mark of its end."""
    file.seek(0, os.SEEK_END)
    file.seek(max(file.tell() - len(_END_OF_STREAM), 0))
    if file.read() != _END_OF_STREAM:
        raise ValueError("its end is missing")
    file.seek(0)


def _refused(names: list[str]) -> Iterator[str]:
    if len(names) > MAX_COLUMNS:
        yield f"!More than {MAX_COLUMNS} columns."
    if twice := sorted({name for name in names if names.count(name) > 1}) if len(names) <= MAX_COLUMNS else []:
        yield f"!The file has duplicate columns: {', '.join(map(repr, twice))}."


def _is_usable(kind: Any) -> bool:
    """Whether values of a type are text, numbers, dates, or lists and structures of these."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind) or types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _is_usable(kind.value_type)
    if types.is_struct(kind):
        return all(_is_usable(field.type) for field in kind)
    checks = (types.is_string, types.is_large_string, types.is_string_view, types.is_boolean, types.is_integer)
    more = (types.is_floating, types.is_decimal, types.is_date, types.is_timestamp, types.is_null)
    return any(check(kind) for check in checks + more)


def _plain(value: Any, is_short_float: bool = False) -> Any:
    """A value as JSON has it. A structure has a field in every row, so those without a value are left out."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_short_float and value is not None:
        import numpy

        return float(str(numpy.float32(value)))
    return value


if __name__ == "__main__":
    wanted, files, memory_bytes = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for line in main(wanted, files):
        sys.stdout.write(f"{line}\n")
        if line.startswith("!"):
            break
