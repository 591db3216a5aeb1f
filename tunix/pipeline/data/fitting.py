"""What happens to rows that are longer than `max_seq_length`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import DatasetError

TooLong = Literal["cut", "drop", "refuse"]


class RowsTooLong(DatasetError):
    """Rows are too long, and the job refuses such rows. `lines` are their numbers, from 1."""

    def __init__(self, lines: Sequence[int], rows: int, longest: int, max_length: int) -> None:
        self.lines = tuple(lines)
        super().__init__(
            f"{len(lines):,} of {rows:,} rows are longer than max_seq_length = {max_length:,} tokens, the first in "
            f"line {lines[0]:,}; the longest has {longest:,}. Raise max_seq_length, or set too_long to cut or drop."
        )


@dataclass(frozen=True)
class Fitted:
    """The rows that are trained on, and how many were shortened or left out."""

    rows: list[TokenizedRow]
    cut: int = 0
    dropped: int = 0


def fit(rows: Sequence[TokenizedRow], max_length: int, too_long: TooLong) -> Fitted:
    """Rows of at most `max_length` tokens, in order. Raises RowsTooLong for `refuse`, and DatasetError if none is left.

    A row that is cut loses the beginning of its prompt first, and the end of its last answer only if that is not
    enough. One that has no trained token after that is dropped.
    """
    lines = [line for line, row in enumerate(rows, start=1) if row.length > max_length]
    if too_long == "refuse" and lines:
        raise RowsTooLong(lines, len(rows), max(row.length for row in rows), max_length)
    if too_long == "drop":
        kept = [row for row in rows if row.length <= max_length]
    else:
        kept = [shorter for row in rows if (shorter := row.cut(max_length)).trained]
    if rows and not kept:
        raise DatasetError(
            f"None of the {len(rows):,} rows fits into max_seq_length = {max_length:,} tokens: the shortest has "
            f"{min(row.length for row in rows):,}. Raise max_seq_length."
        )
    dropped = len(rows) - len(kept)
    return Fitted(kept, len(lines) - dropped if too_long == "cut" else 0, dropped)
