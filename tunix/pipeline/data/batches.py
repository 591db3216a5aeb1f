"""Rows as arrays of a few fixed shapes, so that all trials on a dataset share a few compiled programs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tunix.pipeline.data.fitting import TooLong, fit
from tunix.pipeline.data.row_tokenizer import RowTokenizer, TokenizedRow
from tunix.pipeline.data.rows import Row

Batch = dict[str, np.ndarray]


class Layout(Protocol):
    """Where the rows of a batch are in its arrays: one in each sequence, or several."""

    def batch(self, rows: Sequence[int], /) -> Batch:
        """The arrays of these rows of a bucket."""


# Every padded length is one of these, whatever the dataset: jit compiles a program for each shape.
_LENGTHS = (2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
_QUANTILES = (0.5, 0.9, 0.99, 1.0)
# Each bucket costs a compilation, which padding fewer rows than this does not outweigh.
_FEWEST_ROWS = 4096


@dataclass(frozen=True)
class Sequences:
    """Rows of one padded length.

    `tokens` is (rows, length), and so are `positions` and `segments`. A token attends to the earlier ones of its
    segment; a segment has a number from 1, and 0 is padding, which is never told by a token's id. `answer_positions`
    and `answer_mask`, both (rows, answer length), locate the tokens that the loss counts: those of answers, with their
    ends.
    """

    tokens: np.ndarray
    positions: np.ndarray
    segments: np.ndarray
    answer_positions: np.ndarray
    answer_mask: np.ndarray

    @property
    def rows(self) -> int:
        return len(self.tokens)

    @property
    def length(self) -> int:
        return self.tokens.shape[1]

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        return {
            "tokens": self.tokens[indices],
            "positions": self.positions[indices],
            "segments": self.segments[indices],
            "answer_positions": self.answer_positions[indices],
            "answer_mask": self.answer_mask[indices],
        }


def padded_length(length: int, limit: int) -> int:
    """The smallest grid length that holds `length` tokens, at most `limit`."""
    return min(limit, _LENGTHS[min(bisect_left(_LENGTHS, length), len(_LENGTHS) - 1)])


def padded_lengths(shortest: int, limit: int) -> list[int]:
    """The grid lengths that hold `shortest` tokens, up to `limit`, which is the last."""
    return [*(length for length in _LENGTHS if shortest <= length < limit), limit]


def padded_bounds(quantile: Callable[[float], int], rows: int, limit: int) -> list[int]:
    """The lengths of the buckets of so many rows, shortest first. `quantile` gives the length that a share has."""
    quantiles = (1.0,) if rows < _FEWEST_ROWS else _QUANTILES
    return sorted({padded_length(quantile(share), limit) for share in quantiles})


class Buckets(list[Sequences]):
    """Rows by length, shortest first. `cut` of them were shortened, and `dropped` others were left out."""

    def __init__(self, buckets: Iterable[Sequences], cut: int = 0, dropped: int = 0) -> None:
        super().__init__(buckets)
        self.cut, self.dropped = cut, dropped


def bucketed(
    tokenizer: RowTokenizer,
    rows: Sequence[Row],
    max_length: int,
    like: Sequence[Sequences] = (),
    too_long: TooLong = "cut",
) -> Buckets:
    """Rows in a few buckets by length, each row padded to the length of its bucket.

    The lengths of the buckets `like` are reused where they suffice. Raises DatasetError as `fit` does.
    """
    return buckets_of(tokenizer.tokenized(rows), tokenizer.pad_id, max_length, like, too_long)


def buckets_of(
    tokenized: Sequence[TokenizedRow],
    pad_id: int,
    max_length: int,
    like: Sequence[Sequences] = (),
    too_long: TooLong = "cut",
) -> Buckets:
    """What `bucketed` makes, of rows that are tokenized already."""
    fitted = fit(tokenized, max_length, too_long)
    lengths = np.array([row.length for row in fitted.rows])
    needed = padded_bounds(
        lambda share: int(np.quantile(lengths, share, method="higher")), 0 if like else len(lengths), max_length
    )
    bounds = sorted({*needed, *(bucket.length for bucket in like)})
    answer_length = padded_length(max(len(row.trained_tokens) for row in fitted.rows), max_length)
    bucket_of = np.searchsorted(bounds, lengths)
    buckets = [
        _padded(pad_id, [fitted.rows[index] for index in found], bound, answer_length)
        for bucket, bound in enumerate(bounds)
        if len(found := np.flatnonzero(bucket_of == bucket))
    ]
    return Buckets(buckets, fitted.cut, fitted.dropped)


def training_batches(
    buckets: Sequence[Sequences],
    batch_size: int,
    seed: int,
    accumulation: int = 1,
    layouts: Sequence[Layout] | None = None,
) -> Iterator[Batch]:
    """An infinite sequence of batches of `batch_size` rows; each `accumulation` of them are one step's.

    The rows of a step depend on batch_size * accumulation alone. They are from one bucket, and are shuffled every
    epoch; rows that do not fill a step at the end of an epoch are used in the next one. `layouts`, one for each bucket,
    make the arrays of a batch; without them each row has one of (batch_size, length).
    """
    layouts = layouts or buckets
    for number, rows in _steps(buckets, batch_size * accumulation, seed):
        tokens_per_batch = np.array(buckets[number].answer_mask[rows].sum() / accumulation, np.float32)
        for start in range(0, len(rows), batch_size):
            yield {**layouts[number].batch(rows[start : start + batch_size]), "tokens_per_batch": tokens_per_batch}


def _steps(buckets: Sequence[Sequences], rows: int, seed: int) -> Iterator[tuple[int, list[int]]]:
    """The number of the bucket and the rows of each step."""
    of_bucket = np.concatenate([np.full(bucket.rows, number) for number, bucket in enumerate(buckets)])
    of_row = np.concatenate([np.arange(bucket.rows) for bucket in buckets])
    waiting: list[list[int]] = [[] for _ in buckets]
    generator = np.random.default_rng(seed)
    while True:
        for index in generator.permutation(len(of_row)):
            number = of_bucket[index]
            waiting[number].append(of_row[index])
            if len(waiting[number]) == rows:
                yield int(number), waiting[number]
                waiting[number] = []


def evaluation_batches(buckets: Sequence[Sequences], batch_size: int) -> list[Batch]:
    """Every row once, in batches of (batch_size, length); padding rows in the last one add nothing to the loss."""
    batches: list[Batch] = []
    for bucket in buckets:
        for start in range(0, bucket.rows, batch_size):
            batch = bucket.batch(np.arange(start, min(start + batch_size, bucket.rows)))
            missing = batch_size - len(batch["tokens"])
            batches.append({name: np.pad(values, ((0, missing), (0, 0))) for name, values in batch.items()})
    return batches


def _padded(pad_id: int, encoded: Sequence[TokenizedRow], length: int, answer_length: int) -> Sequences:
    answer_length = min(answer_length, length)
    lengths = np.array([row.length for row in encoded])
    segments = (np.arange(length) < lengths[:, None]).astype(np.int32)
    tokens = np.full((len(encoded), length), pad_id, np.int32)
    positions = np.ones((len(encoded), answer_length), np.int32)
    mask = np.zeros((len(encoded), answer_length), np.bool_)
    for index, row in enumerate(encoded):
        tokens[index, : row.length] = row.tokens
        trained = [position for span in row.trained for position in range(*span)]
        positions[index, : len(trained)] = trained
        mask[index, : len(trained)] = True
    return Sequences(tokens, np.arange(length, dtype=np.int32) * segments, segments, positions, mask)
