"""Rows that cannot be trained on or answered, all of them with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        shown = " ".join(map(str, findings[:_SHOWN]))
        super().__init__(f"{len(findings):,} of {rows:,} rows cannot be used. {shown}")
