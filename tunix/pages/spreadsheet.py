"""CSV in which spreadsheets do not run user text as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Excel, LibreOffice and Google Sheets read text that starts with one of these as a formula."""


def safe_cell(value: Any) -> Any:
    """Puts an apostrophe before text that looks like a formula (OWASP, CSV injection). Numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yields the lines of a CSV file; None is an empty cell."""
    yield _line(header)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(["" if value is None else safe_cell(value) for value in row])
    return line.getvalue()
