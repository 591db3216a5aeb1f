"""Reads CSV: a header, and rows whose cells fit below it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator

from . import sources
from .faults import Fault
from .sources import Lines, TooLong

MAX_COLUMNS = 1000
DELIMITERS = (";", "\t", "|", ",")


def shown(delimiter: str) -> str:
    """A delimiter as it is shown in messages, and as it can be given as an option."""
    return "tab" if delimiter == "\t" else repr(delimiter)


class WrongDelimiter(Fault):
    """A header whose columns are separated by another delimiter than the one that is used."""

    def __init__(self, header: str, delimiter: str, other: str) -> None:
        super().__init__(
            f"The columns in the header '{header.strip()[:100]}' seem to be separated by {shown(other)}, not by"
            f" {shown(delimiter)}. Set this to {shown(other)} (on the command line: --delimiter {shown(other)})."
        )
        self.delimiter, self.other = delimiter, other


def why_not_the_same(delimiter: str, other: str) -> str:
    """What is wrong with a file that is not the first: to set another delimiter would not help."""
    return (
        f"The columns seem to be separated by {shown(other)}, not by {shown(delimiter)}. All files need the same"
        " delimiter: save this one like the first."
    )


def header_of(lines: Lines, delimiter: str) -> list[str]:
    """The columns that have a name. Raises Fault for a header that is not valid."""
    bounded = _RecordLines(lines)
    try:
        header = _header(csv.reader(bounded, delimiter=delimiter, strict=True))
    except Fault:
        # The header of another delimiter is often not valid: quotation marks end in the middle of its columns.
        for other, names in other_headers(bounded.line, delimiter):
            if len(names) > 1:
                raise WrongDelimiter(bounded.line, delimiter, other) from None
        raise
    return [name for name in header if name]


def other_headers(line: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """The columns in the first line of a file by each other usual delimiter, where they are valid."""
    for other in DELIMITERS:
        try:
            names = _header(csv.reader([line], delimiter=other, strict=True)) if other != delimiter else []
        except Fault:
            continue
        yield other, [name for name in names if name]


def read_csv(
    lines: Lines, delimiter: str, on_fault: Callable[[str, str], None]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows below a header, by line. Blank rows are skipped, and so are rows that do not fit the header, after a report.

    After an unclosed quotation mark or a line that is not UTF-8 the next row cannot be found: reading stops there.
    """
    bounded = _RecordLines(lines)
    reader = csv.reader(bounded, delimiter=delimiter, strict=True)
    start = 1
    try:
        header = _header(reader)
        start = lines.number + 1
        for cells in reader:
            bounded.begin_record()
            try:
                if any(map(str.strip, cells)):
                    yield str(start), _row(header, cells, delimiter)
            except Fault as fault:
                on_fault(str(start), str(fault))
            start = lines.number + 1
    except Fault as fault:
        on_fault(str(max(lines.number, 1)), f"{fault} Reading stopped here.")
    except csv.Error as error:
        on_fault(str(start), f"Not CSV: {_plain(error)}. Reading stopped here.")


def _row(header: list[str], cells: list[str], delimiter: str) -> dict[str, str]:
    """The cells by column. Cells beyond the header are ignored if they are empty, as spreadsheets write them.

    The first column may lack a name, as the row numbers of pandas do. Text in another one is most likely a piece of a
    cell that contains the delimiter and lacks quotation marks. Raises Fault.
    """
    beyond = next((cell for cell in cells[len(header) :] if cell.strip()), None)
    if len(cells) < len(header) or beyond is not None:
        count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
        cure = "Empty cells need their delimiters, too."
        if beyond is not None:
            cure = f"Put quotation marks around cells that contain {shown(delimiter)}."
        raise Fault(f"{count} where the header names {len(header)}. {cure}")
    for number, (name, cell) in enumerate(zip(header, cells, strict=False), start=1):
        if number > 1 and not name and cell.strip():
            raise Fault(
                f"Column {number} has text but no name in the header. Name it; or, if the text belongs to the cell"
                f" before it, put quotation marks around cells that contain {shown(delimiter)}."
            )
    return {name: cell for name, cell in zip(header, cells, strict=False) if name}


class _RecordLines:
    """Lines for the csv module, with a limit on each record: csv buffers a record until its quotation marks close."""

    def __init__(self, lines: Lines) -> None:
        self.line = ""
        """The line that was read last."""
        self._lines = lines
        self._length = 0

    def begin_record(self) -> None:
        """Starts a new record: the one before it is complete."""
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.line = next(self._lines)
        self._length += len(line)
        if self._length > sources.MAX_LINE_BYTES:
            raise TooLong("row")
        return line


def _header(reader: Iterator[list[str]]) -> list[str]:
    """The names of the columns, without the nameless ones at the end."""
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise Fault(f"The header is not CSV: {_plain(error)}.") from None
    while header and not header[-1]:
        header.pop()
    if not header:
        raise Fault("There is no header: the first line must name the columns.")
    if len(header) > MAX_COLUMNS:
        raise Fault(f"More than {MAX_COLUMNS} columns.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise Fault(f"The header has duplicate columns: {', '.join(map(repr, twice))}.")
    return header


def _plain(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a quotation mark that opens in this row is never closed"
    if "field limit" in str(error):
        return f"a cell is longer than {csv.field_size_limit():,} characters, or a quotation mark is never closed"
    if "expected after" in str(error):
        return (
            "a cell begins with a quotation mark, and text follows the one that ends it. Put the whole cell in"
            " quotation marks, and write those within it twice"
        )
    if "new-line character" in str(error):
        return (
            "a carriage return stands outside of quotation marks. Remove it, or put the whole cell in quotation marks"
        )
    return str(error).partition(" - ")[0]
