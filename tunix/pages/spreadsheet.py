"""CSV that a spreadsheet opens without running anything that somebody wrote into it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is taken for a formula by Excel, LibreOffice and Google Sheets."""


def safe_cell(value: Any) -> Any:
    """Text that looks like a formula gets an apostrophe in front (OWASP, CSV injection); numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Lines of CSV, one at a time; null is an empty cell."""
    yield _line(header)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(["" if value is None else safe_cell(value) for value in row])
    return line.getvalue()
