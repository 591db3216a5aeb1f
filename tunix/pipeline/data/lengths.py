"""Which rows of a split are longer in tokens than a limit, as training and generation count them.

A token is at least one byte of UTF-8, so a row that has no more bytes than a limit has no more tokens either: only the
other rows are tokenized, which keeps this fast. Of very many long rows a part is tokenized, evenly spread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.data.rows import Row

MOST_BYTES = 300_000
"""Bytes of text that are tokenized at most; some tenths of a second."""

Measure = Literal["length", "prompt_length", "answer_length"]
"""A length of a `TokenizedRow`."""


@dataclass(frozen=True)
class Longer:
    """The rows that are longer than a limit: how many, the number of the first, from 1, and lengths in tokens.

    `count` is an estimate if not all rows that may be longer were tokenized.
    """

    count: int
    line: int
    tokens: int
    longest: int
    is_estimate: bool = False


class LongRows:
    """The rows of a split that may be longer than `limit`, bos and eos included. `tokenizer` is called if there are."""

    def __init__(self, rows: Sequence[Row], limit: int, tokenizer: Callable[[], RowTokenizer]) -> None:
        long = [(line, size) for line, row in enumerate(rows, start=1) if (size := most_tokens(row)) > limit]
        every = max(1, -(-sum(size for _, size in long) // MOST_BYTES))
        self._lines = [line for line, _ in long[::every]]
        found = tokenizer().tokenized([rows[line - 1] for line in self._lines]) if long else []
        self._lengths: dict[Measure, list[int]] = {
            "length": [row.length for row in found],
            "prompt_length": [row.prompt_length for row in found],
            "answer_length": [row.answer_length for row in found],
        }
        self._share = len(self._lines) / len(long) if long else 1.0

    def longer(self, measure: Measure, limit: int) -> Longer | None:
        """The rows of which this length is more than `limit`; None if there is none."""
        lengths = zip(self._lines, self._lengths[measure], strict=True)
        found = [(line, tokens) for line, tokens in lengths if tokens > limit]
        if not found:
            return None
        line, tokens = found[0]
        longest = max(tokens for _, tokens in found)
        return Longer(round(len(found) / self._share), line, tokens, longest, is_estimate=self._share < 1)


def most_tokens(row: Row) -> int:
    """An upper bound of the length of a row, bos and eos included."""
    return 2 + len(row.prompt.encode()) + len(row.answer.encode())
