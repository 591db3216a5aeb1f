"""Rows that cannot be trained on or answered, all of them with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tunix.pipeline.data.rows import DatasetError

_SHOWN = 3


@dataclass(frozen=True)
class RowFinding:
    """Something about one row; `line` is its number among the rows that were given, from 1."""

    line: int
    problem: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.problem}."


class RowsRefused(DatasetError):
    """Rows that cannot be trained on or answered; `findings` has every one of them, in order."""

    def __init__(self, findings: Sequence[RowFinding], rows: int) -> None:
        self.findings = tuple(findings)
        self.rows = rows
        shown = " ".join(map(str, findings[:_SHOWN]))
        super().__init__(f"{len(findings):,} of {rows:,} rows cannot be used. {shown}")


@contextmanager
def located(places: Sequence[int]) -> Iterator[None]:
    """Names the lines of the file in a RowsRefused about a sample, whose rows have these places in their split.

    Rows may have been given several times each, one after the other, as they are for each label.
    """
    try:
        yield
    except RowsRefused as error:
        times = max(1, error.rows // max(1, len(places)))
        findings = {replace(found, line=places[(found.line - 1) // times] + 1) for found in error.findings}
        raise RowsRefused(sorted(findings, key=lambda found: found.line), error.rows // times) from error
