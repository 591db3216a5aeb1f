"""Rows as arrays of a few fixed shapes, so that all trials on a dataset share a few compiled programs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import BOS, EOS, PAD, PairTokenizer

Batch = dict[str, np.ndarray]

# Every padded length is one of these, whatever the dataset: jit compiles a program for each shape.
_LENGTHS = (2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
_QUANTILES = (0.5, 0.9, 0.99, 1.0)
# Each bucket costs a compilation, which padding fewer rows than this does not outweigh.
_FEWEST_ROWS = 4096


@dataclass(frozen=True)
class Sequences:
    """Rows of one padded length.

    `tokens` is (rows, length). `answer_positions` and `answer_mask`, both (rows, answer length), locate the answer's
    tokens and its eos, the only ones that the loss counts. `cut` rows were too long and were shortened.
    """

    tokens: np.ndarray
    answer_positions: np.ndarray
    answer_mask: np.ndarray
    cut: int = 0

    @property
    def rows(self) -> int:
        return len(self.tokens)

    @property
    def length(self) -> int:
        return self.tokens.shape[1]

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        return {
            "tokens": self.tokens[indices],
            "answer_positions": self.answer_positions[indices],
            "answer_mask": self.answer_mask[indices],
        }


@dataclass(frozen=True)
class _Encoded:
    """A row's tokens from bos to eos, and the position at which its answer starts."""

    tokens: list[int]
    answer_start: int
    cut: bool

    @property
    def answer_length(self) -> int:
        return len(self.tokens) - self.answer_start


@dataclass(frozen=True)
class TokenizedRow:
    """A row before anything is cut: the tokens of its prompt without bos, and those of its answer with eos."""

    prompt: list[int]
    answer: list[int]

    @property
    def length(self) -> int:
        """What `max_seq_length` must be at least to cut nothing in training, bos and eos included."""
        return self.prompt_length + len(self.answer)

    @property
    def prompt_length(self) -> int:
        """The same for a prompt that is answered, bos included."""
        return 1 + len(self.prompt)

    @property
    def answer_length(self) -> int:
        """What `max_new_tokens` must be at least to generate the answer, without eos."""
        return len(self.answer) - 1


def tokenized(tokenizer: PairTokenizer, rows: Sequence[Row]) -> list[TokenizedRow]:
    """The rows in tokens, in order."""
    prompts = tokenizer.encode_prompts([row.prompt for row in rows])
    return [
        TokenizedRow(prompt, [*tokenizer.encode_answer(row.answer), EOS])
        for row, prompt in zip(rows, prompts, strict=True)
    ]


def padded_length(length: int, limit: int) -> int:
    """The smallest grid length that holds `length` tokens, at most `limit`."""
    return min(limit, _LENGTHS[min(bisect_left(_LENGTHS, length), len(_LENGTHS) - 1)])


def bucketed(
    tokenizer: PairTokenizer, rows: Sequence[Row], max_length: int, like: Sequence[Sequences] = ()
) -> list[Sequences]:
    """Rows in a few buckets by length, shortest first, each row padded to the length of its bucket.

    The lengths of the buckets `like` are reused where they suffice. A prompt that is too long loses its beginning.
    """
    encoded = _encode(tokenizer, rows, max_length)
    lengths = np.array([len(row.tokens) for row in encoded])
    quantiles = (1.0,) if like or len(lengths) < _FEWEST_ROWS else _QUANTILES
    needed = {padded_length(int(np.quantile(lengths, q, method="higher")), max_length) for q in quantiles}
    bounds = sorted({bucket.length for bucket in like} | needed)
    answer_length = padded_length(max(row.answer_length for row in encoded), max_length)
    bucket_of = np.searchsorted(bounds, lengths)
    return [
        _padded([encoded[index] for index in np.flatnonzero(bucket_of == bucket)], bound, answer_length)
        for bucket, bound in enumerate(bounds)
        if bucket in bucket_of
    ]


def training_batches(
    buckets: Sequence[Sequences], batch_size: int, seed: int, accumulation: int = 1
) -> Iterator[Batch]:
    """An infinite sequence of batches of (batch_size, length); each `accumulation` of them are one step's.

    The rows of a step depend on batch_size * accumulation alone. They are from one bucket, and are shuffled every
    epoch; rows that do not fill a step at the end of an epoch are used in the next one.
    """
    for bucket, rows in _steps(buckets, batch_size * accumulation, seed):
        tokens_per_batch = np.array(bucket.answer_mask[rows].sum() / accumulation, np.float32)
        for start in range(0, len(rows), batch_size):
            yield {**bucket.batch(rows[start : start + batch_size]), "tokens_per_batch": tokens_per_batch}


def _steps(buckets: Sequence[Sequences], rows: int, seed: int) -> Iterator[tuple[Sequences, list[int]]]:
    of_bucket = np.concatenate([np.full(bucket.rows, number) for number, bucket in enumerate(buckets)])
    of_row = np.concatenate([np.arange(bucket.rows) for bucket in buckets])
    waiting: list[list[int]] = [[] for _ in buckets]
    generator = np.random.default_rng(seed)
    while True:
        for index in generator.permutation(len(of_row)):
            number = of_bucket[index]
            waiting[number].append(of_row[index])
            if len(waiting[number]) == rows:
                yield buckets[number], waiting[number]
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


def _encode(tokenizer: PairTokenizer, rows: Sequence[Row], max_length: int) -> list[_Encoded]:
    encoded = []
    for row in tokenized(tokenizer, rows):
        answer = row.answer[: max_length - 1]
        kept = row.prompt[max(0, len(row.prompt) - (max_length - 1 - len(answer))) :]
        encoded.append(_Encoded([BOS, *kept, *answer], 1 + len(kept), cut=row.length > max_length))
    return encoded


def _padded(encoded: Sequence[_Encoded], length: int, answer_length: int) -> Sequences:
    answer_length = min(answer_length, length)
    tokens = np.full((len(encoded), length), PAD, np.int32)
    positions = np.ones((len(encoded), answer_length), np.int32)
    mask = np.zeros((len(encoded), answer_length), np.bool_)
    for index, row in enumerate(encoded):
        tokens[index, : len(row.tokens)] = row.tokens
        positions[index, : row.answer_length] = np.arange(row.answer_start, len(row.tokens))
        mask[index, : row.answer_length] = True
    return Sequences(tokens, positions, mask, sum(row.cut for row in encoded))
