"""A program that writes the rows of the Parquet file on its standard input as JSON Lines.

It runs as a process of its own, with limits on memory and time: a small Parquet file can describe a page of any size,
and a damaged one can end the process that reads it. Its first line has the columns. Each row is an object. A line that
begins with `!` is an error, and `.` is the end. It imports nothing of this project, so that it starts quickly.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

MAX_SECONDS = 900
MAX_COLUMNS = 1000
ROWS_AT_ONCE = 64
_TOO_MUCH_MEMORY = (
    "The Parquet file needs too much memory to read: it has pages of more than a GiB, or very long texts. Write it with"
    " smaller pages, or as JSON Lines."
)


def main(columns: list[str] | None) -> Iterator[str]:
    """The lines of the output: `columns` of every row, or with None, all that can be imported of the first row."""
    import pyarrow as pa
    from pyarrow import parquet

    pa.set_cpu_count(1)
    try:
        file = parquet.ParquetFile(open(0, "rb"), pre_buffer=False, buffer_size=1024**2)  # noqa: SIM115
        types = {field.name: field.type for field in file.schema_arrow}
        yield from _refused(file.schema_arrow.names)
        yield json.dumps({name: "" if _is_usable(kind) else str(kind) for name, kind in types.items()})
        chosen = [name for name, kind in types.items() if _is_usable(kind) and (columns is None or name in columns)]
        floats = {name for name in chosen if pa.types.is_float32(types[name]) or pa.types.is_float16(types[name])}
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE if columns else 1, columns=chosen, use_threads=False):
            for row in batch.to_pylist():
                yield json.dumps({name: _plain(value, name in floats) for name, value in row.items()})
            if columns is None:
                break
        yield "."
    except MemoryError:
        yield f"!{_TOO_MUCH_MEMORY}"
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).split("\n")[0][:200].rstrip(".")
        yield f"!The Parquet file is damaged, or of a kind that cannot be read: {reason}. Copy or write it again."


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
    wanted, memory_bytes = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for line in main(wanted):
        sys.stdout.write(f"{line}\n")
        if line.startswith("!"):
            break
