"""How long the rows of a split are in tokens, and which of their tokens are trained.

A few hundred thousand tokens are made at most, which takes about a second: of more text the longest rows are tokenized,
and an evenly spread part of the others, which then stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import gcd
from typing import Literal

import numpy as np

from tunix.pipeline.data.chat.refused_rows import RowFinding, RowsRefused
from tunix.pipeline.data.row_tokenizer import RowTokenizer, TokenizedRow
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import PairTokenizer

MOST_TOKENS = 250_000
MOST_ROWS = 2500
"""Rows of a split that are tokenized at most."""
LONGEST = 200
"""So many of the longest rows are always among them."""

_FIRST = 64
"""Rows from which the tokens of a row are known roughly, so that the next ones fit."""
_GOLDEN = 0.6180339887

Measure = Literal["length", "prompt_length", "answer_length", "trained"]
"""What is measured of a row in tokens."""


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


class RowLengths:
    """The lengths of the rows of a split.

    `lines` and `tokenized` are the rows that were tokenized; `refused` are those among them that the tokenizer cannot
    use, with their reasons. Raises ChatTemplateError.
    """

    def __init__(self, rows: Sequence[Row], tokenizer: RowTokenizer) -> None:
        self.rows = len(rows)
        found, self.refused, longest = _tokenized(rows, tokenizer)
        self.lines = sorted(found)
        self.tokenized = [found[line] for line in self.lines]
        measured = len(found) + len(self.refused)
        self.is_whole = measured == len(rows)
        certain = {index + 1 for index in longest}
        share = (len(rows) - len(certain)) / max(1, measured - len(certain))
        self._weights = np.array([1.0 if line in certain or self.is_whole else share for line in self.lines])
        self._values = {name: np.array([_measured(row, name) for row in self.tokenized], int) for name in _MEASURES}
        self._bounds = self._of_the_others(rows, tokenizer)

    def longer(self, measure: Measure, limit: int) -> Longer | None:
        """The rows of which this length is more than `limit`; None if there is none."""
        is_found = self._values[measure] > limit
        if not is_found.any():
            return None
        first = int(np.flatnonzero(is_found)[0])
        return Longer(
            count=round(float(self._weights[is_found].sum())),
            line=self.lines[first],
            tokens=int(self._values[measure][first]),
            longest=int(self._values[measure].max()),
            is_estimate=not self.is_whole and self._bounds.get(measure, limit + 1) > limit,
        )

    def lines_longer(self, measure: Measure, limit: int) -> list[int]:
        """The lines of the rows that are longer, of those that were tokenized."""
        return [self.lines[index] for index in np.flatnonzero(self._values[measure] > limit)]

    def is_certain(self, measure: Measure, limit: int) -> bool:
        """Whether it is known of every row that it is longer than `limit`, or that it is not."""
        return self.is_whole or self._bounds.get(measure, limit + 1) <= limit

    def percentiles(self, measure: Measure, shares: Sequence[float]) -> list[int]:
        """The smallest lengths that these shares of the rows, from 0 to 1, do not exceed; zeros without rows."""
        if not self.lines:
            return [0 for _ in shares]
        order = np.argsort(self._values[measure], kind="stable")
        reached = np.cumsum(self._weights[order]) / self._weights.sum()
        places = np.minimum(np.searchsorted(reached, np.array(shares) - 1e-9), len(order) - 1)
        return [int(value) for value in self._values[measure][order][places]]

    @property
    def trained_share(self) -> float:
        """The share of trained tokens among all tokens; 0 without rows."""
        tokens = float((self._weights * self._values["length"]).sum())
        return float((self._weights * self._values["trained"]).sum()) / tokens if tokens else 0.0

    def untrained_at(self, limit: int) -> list[int]:
        """The lines of rows that have no trained token once they are cut to `limit` tokens."""
        long = np.flatnonzero(self._values["length"] > limit)
        return [self.lines[index] for index in long if not self.tokenized[index].cut(limit).trained]

    def _of_the_others(self, rows: Sequence[Row], tokenizer: RowTokenizer) -> dict[str, int]:
        """The largest lengths that rows which were not tokenized can have, if that is known.

        A token is at least one byte of UTF-8. The templates of folders add tokens, which these bounds do not know.
        """
        if not isinstance(tokenizer, PairTokenizer):
            return {}
        known = {*self.lines, *(finding.line for finding in self.refused)}
        others = [row for line, row in enumerate(rows, start=1) if line not in known]
        return {
            "length": max(map(most_tokens, others), default=0),
            "prompt_length": max((1 + len(row.prompt.encode()) for row in others), default=0),
            "answer_length": max((len(row.answer.encode()) for row in others), default=0),
        }


def most_tokens(row: Row) -> int:
    """An upper bound of the length of a row in tokens, bos and eos included, where no template adds any."""
    return 2 + len(row.prompt.encode()) + len(row.answer.encode())


_MEASURES: tuple[Measure, ...] = ("length", "prompt_length", "answer_length", "trained")


def _measured(row: TokenizedRow, measure: Measure) -> int:
    if measure == "trained":
        return sum(stop - start for start, stop in row.trained)
    return int(getattr(row, measure))


def _tokenized(
    rows: Sequence[Row], tokenizer: RowTokenizer
) -> tuple[dict[int, TokenizedRow], list[RowFinding], list[int]]:
    """Rows by line, those that are refused, and the indices of the longest rows, which are all among them.

    1. A few rows show how many tokens a row has. 2. The longest rows. 3. Others, as far as the limits allow.
    """
    found: dict[int, TokenizedRow] = {}
    refused: list[RowFinding] = []
    order = list(_spread(len(rows)))
    _tokenize(rows, sorted(order[:_FIRST]), tokenizer, found, refused)
    longest = _longest(rows, _room(found) // 4) if len(rows) > LONGEST else []
    taken = {*order[:_FIRST]}
    _tokenize(rows, sorted({*longest} - taken), tokenizer, found, refused)
    taken |= {*longest}
    others = [index for index in order if index not in taken][: min(_room(found), MOST_ROWS - len(taken))]
    _tokenize(rows, sorted(others), tokenizer, found, refused)
    return found, sorted(refused, key=lambda finding: finding.line), longest


def _room(found: Mapping[int, TokenizedRow]) -> int:
    """How many more rows can be tokenized, if they are as long as those that were."""
    tokens = sum(row.length for row in found.values())
    return max(0, int((MOST_TOKENS - tokens) * len(found) / max(1, tokens)))


def _tokenize(
    rows: Sequence[Row],
    indices: Sequence[int],
    tokenizer: RowTokenizer,
    found: dict[int, TokenizedRow],
    refused: list[RowFinding],
) -> None:
    """Rows that are refused are left out, and the others tokenized again."""
    if not indices:
        return
    try:
        made = tokenizer.tokenized([rows[index] for index in indices])
    except RowsRefused as error:
        lines = {indices[finding.line - 1] for finding in error.findings}
        refused += [RowFinding(indices[finding.line - 1] + 1, finding.problem) for finding in error.findings]
        kept = [index for index in indices if index not in lines]
        made = tokenizer.tokenized([rows[index] for index in kept])
        indices = kept
    found.update(zip((index + 1 for index in indices), made, strict=True))


def _longest(rows: Sequence[Row], most: int) -> list[int]:
    """The indices of the longest rows: at most `most`, and fewer if they are very long, but one at least."""
    sizes = [most_tokens(row) for row in rows]
    by_size = sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True)[: max(1, min(LONGEST, most))]
    sums = accumulate(sizes[index] for index in by_size)
    return [index for index, size in zip(by_size, sums, strict=True) if size <= MOST_TOKENS] or by_size[:1]


def _spread(count: int) -> Iterator[int]:
    """All indices below `count`, in an order of which every beginning is spread evenly; the first is 0."""
    step = max(1, round(_GOLDEN * count))
    while gcd(step, count) > 1:
        step += 1
    return (number * step % count for number in range(count)) if count else iter(())
