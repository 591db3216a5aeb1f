"""CSV in which spreadsheets do not run user text as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
"""Excel, LibreOffice and Google Sheets read text that starts with one of these as a formula, in full width too."""
BREAKS = ("\t", "\r", "\n")
"""Text that starts with one of these may begin a new cell, with a formula in it."""
UNSEEN = "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
"""Characters before a formula that a spreadsheet drops, as it does white space."""


def safe_cell(value: Any) -> Any:
    """Puts an apostrophe before text that looks like a formula (OWASP, CSV injection). Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    bare = value
    while bare != (stripped := bare.lstrip().lstrip(UNSEEN)):
        bare = stripped
    return f"'{value}" if value.startswith(BREAKS) or bare.startswith(FORMULA) else value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yields the lines of a CSV file; None is an empty cell."""
    yield _line(header)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(["" if value is None else safe_cell(value) for value in row])
    return line.getvalue()
