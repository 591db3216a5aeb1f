"""Reads the records of a file in its layout."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from tunix.validation.json_text import DuplicateKey, InvalidJson, NotJson, parse_json

from .csv_records import header_of, read_csv
from .faults import Fault
from .json_values import Value, values_in_turn, values_of_array
from .layouts import Form, Layout
from .sources import Lines, Meter, Source, TooLong
from .tables import first_record, table_lines

OnFault = Callable[[str, str], None]
Record = tuple[str, dict[str, Any]]
"""Where a record is, such as `12` for a line or `row 12`, and its values by column."""


class Number(str):
    """A JSON number, exactly as it was written."""


class NotAnObject(Fault):
    """A JSON value that is not an object."""


@dataclass(frozen=True)
class Sample:
    """The columns in the CSV header or in the first JSON object, and the first record itself."""

    columns: Sequence[str] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Columns of Parquet that are not text, numbers or lists of these, with their types."""


def sample_of(source: Source, layout: Layout) -> Sample:
    """The columns of a source; none if it has no valid record. Raises Fault for a CSV header that is not valid."""
    if layout.form is Form.TABLE:
        types, record = first_record(source)
        return Sample(list(types), record, {name: kind for name, kind in types.items() if kind})
    columns: Sequence[str] = ()
    if layout.form is Form.CSV:
        with closing(source.open_text()) as file:
            columns = tuple(header_of(Lines(file), layout.delimiter))
    with closing(source.open_text()) as file:
        lines = Lines(file)
        first = next(read_records(lines, layout, lambda place, message: None), None)
        record = first[1] if first else {}
        return Sample(columns or list(record), record)


def read_source(
    source: Source, layout: Layout, columns: Collection[str], meter: Meter, on_fault: OnFault
) -> Iterator[Record]:
    """The valid records of a source, as `read_records`; of Parquet, only the values of `columns` are read."""
    if layout.form is Form.TABLE:
        yield from _read_table(source, columns, meter, on_fault)
        return
    with closing(source.open_text(meter)) as file:
        yield from read_records(Lines(file), layout, on_fault)


def read_records(lines: Lines, layout: Layout, on_fault: OnFault) -> Iterator[Record]:
    """The valid records of the file; errors are reported by their place, and where reading must stop, it stops."""
    if layout.form is Form.CSV:
        return read_csv(lines, layout.delimiter, on_fault)
    if layout.form is Form.LINES:
        return _read_lines(lines, on_fault)
    return _read_values(lines, layout, on_fault)


def _read_table(source: Source, columns: Collection[str], meter: Meter, on_fault: OnFault) -> Iterator[Record]:
    """The rows of a Parquet file, found by their number; columns that are not read have null."""
    with table_lines(source, columns, meter) as file:
        empty = dict.fromkeys(file.types)
        for number, record in _read_lines(Lines(file), lambda place, message: on_fault(f"row {place}", message)):
            yield f"row {number}", empty | record


def _read_lines(lines: Lines, on_fault: OnFault) -> Iterator[Record]:
    """One object per line. Blank lines are skipped, and so are invalid lines, after a report."""
    while True:
        try:
            line = next(lines)
        except TooLong as fault:
            on_fault(str(lines.number), f"{fault} Each row must be a line of its own.")
            continue
        except Fault as fault:
            on_fault(str(lines.number), f"{fault} Reading stopped here.")
            return
        except StopIteration:
            return
        try:
            if line.strip():
                yield str(lines.number), _object(line)
        except Fault as fault:
            on_fault(str(lines.number), str(fault))


def _read_values(lines: Lines, layout: Layout, on_fault: OnFault) -> Iterator[Record]:
    """Objects in an array, or over several lines. Reading stops where their ends cannot be found."""
    values = (values_of_array if layout.form is Form.ARRAY else values_in_turn)(lines)
    number = line = 0
    while True:
        try:
            value = next(values)
        except StopIteration:
            return
        except Fault as fault:
            place = f"row {number + 1}" if layout.is_one_line else str(lines.number)
            on_fault(place, f"{fault} Reading stopped here.")
            return
        place = f"row {value.number}" if layout.is_one_line or value.line == line else str(value.line)
        number, line = value.number, value.line
        try:
            yield place, _object_of(value)
        except Fault as fault:
            on_fault(place, str(fault))
            if isinstance(fault, NotAnObject) and number == 1:
                return


def _object_of(value: Value) -> dict[str, Any]:
    if not value.text:
        raise Fault("Not JSON: there is no value before or after a comma.")
    return _object(value.text)


def _object(text: str) -> dict[str, Any]:
    try:
        value = parse_json(text.rstrip(), number=Number, locate=False)
    except NotJson as error:
        raise Fault(_not_json(error, text)) from None
    except DuplicateKey as error:
        raise Fault(f"The key '{error.key[:60]}' appears twice in the row. Remove one of the two.") from None
    except InvalidJson as error:
        raise Fault(f"The row cannot be read: {error.problem}.") from None
    if not isinstance(value, dict):
        raise NotAnObject(
            f'Not a JSON object but {kind_of(value)}. Write rows as {{"prompt": "...", "answer": "..."}}.'
        )
    return value


def _not_json(error: NotJson, text: str) -> str:
    if text.startswith(","):
        return "Not JSON: there is a comma between objects. Remove the commas, or put all objects between [ and ]."
    if error.problem == "Extra data":
        rest = text.rstrip().split("\n")[error.line - 1][error.column - 1 :]
        if rest == ",":
            return "Not JSON: a comma follows the object. Remove the commas at the ends of the lines."
        return "Not JSON: more text follows the object. Write one object per line."
    return f"Not JSON: {error.problem} at {f'line {error.line} of the row, ' * (error.line > 1)}column {error.column}."


def kind_of(value: Any) -> str:
    """What a JSON value is, in words: null, a number, an object."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    kinds = {Number: "a number", str: "a text", list: "a list", dict: "an object"}
    return kinds[type(value)]
