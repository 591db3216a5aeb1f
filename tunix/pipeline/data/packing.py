"""Packs rows: several of them in one sequence, each a segment that does not see the others.

It changes where the rows of a batch are, and not which they are: loss and gradient stay the same but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tunix.pipeline.data.batches import Batch, Sequences, padded_length, padded_lengths

_MOST_TRIED, _FEWEST_TRIED, _TRIED_ROWS = 512, 64, 2**16
"""Batches that are tried: fewer of many rows, which differ less and take longer."""
_TRIED_FOR_LENGTH = 16


class Packing:
    """Packs batches of `batch_size` rows of a bucket into sequences of at most `limit` tokens.

    The length of the sequences is the one, from that of the bucket on, with which a batch has the fewest tokens with
    its padding: not more than a batch that is not packed.

    All batches have one shape, since each is compiled: it holds any of some hundred random batches, the same for every
    seed. A batch that does not fit into it, which is rare, gets a larger one.
    """

    def __init__(self, bucket: Sequences, batch_size: int, limit: int) -> None:
        self._bucket = bucket
        self._lengths = (bucket.segments > 0).sum(axis=1)
        self._answers = bucket.answer_mask.sum(axis=1)
        tried = self._tried(batch_size)
        self._length = self._best_length(tried, limit)
        packed = [self._packed(rows, self._length) for rows in tried]
        self._sequences = max(map(len, packed))
        most_answers = max(self._answers[rows].sum() for batch in packed for rows in batch)
        self._answer_length = padded_length(int(most_answers), self._length)

    def batch(self, rows: Sequence[int]) -> Batch:
        """The rows in arrays [sequences, length], the fields of a batch that is not packed."""
        packed = self._packed(rows, self._length)
        sequences = max(self._sequences, len(packed))
        most_answers = max(int(self._answers[found].sum()) for found in packed)
        shape = sequences, max(self._answer_length, padded_length(most_answers, self._length))
        batch = {name: np.zeros((sequences, self._length), np.int32) for name in ("tokens", "positions", "segments")}
        batch |= {"answer_positions": np.ones(shape, np.int32), "answer_mask": np.zeros(shape, np.bool_)}
        for sequence, found in enumerate(packed):
            self._lay_out(found, {name: values[sequence] for name, values in batch.items()})
        return batch

    def _lay_out(self, rows: Sequence[int], sequence: Batch) -> None:
        start, answered = 0, 0
        for segment, row in enumerate(rows, start=1):
            stop = start + self._lengths[row]
            sequence["tokens"][start:stop] = self._bucket.tokens[row, : stop - start]
            sequence["positions"][start:stop] = np.arange(stop - start)
            sequence["segments"][start:stop] = segment
            answers = start + self._bucket.answer_positions[row][self._bucket.answer_mask[row]]
            sequence["answer_positions"][answered : answered + len(answers)] = answers
            sequence["answer_mask"][answered : answered + len(answers)] = True
            start, answered = stop, answered + len(answers)

    def _packed(self, rows: Sequence[int], length: int) -> list[list[int]]:
        """The rows of each sequence: the longest rows first, each into the first sequence that has room for it."""
        sequences: list[list[int]] = []
        room = np.full(len(rows), length)
        for row in sorted(rows, key=lambda row: -self._lengths[row]):
            place = int(np.argmax(room >= self._lengths[row]))
            if place == len(sequences):
                sequences.append([])
            sequences[place].append(row)
            room[place] -= self._lengths[row]
        return sequences

    def _tried(self, batch_size: int) -> list[list[int]]:
        """The rows of random batches. With more rows than the bucket has, a batch repeats them."""
        chance = np.random.default_rng(0)
        count = min(_MOST_TRIED, max(_FEWEST_TRIED, _TRIED_ROWS // batch_size))
        return [np.resize(chance.permutation(self._bucket.rows), batch_size).tolist() for _ in range(count)]

    def _best_length(self, tried: Sequence[Sequence[int]], limit: int) -> int:
        """The length with the smallest arrays; the shortest of equal ones, since attention grows with its square."""

        def tokens(length: int, batches: Sequence[Sequence[int]]) -> int:
            return length * max(len(self._packed(rows, length)) for rows in batches)

        lengths = padded_lengths(int(self._lengths.max()), limit)
        best = min(lengths, key=lambda length: tokens(length, tried[:_TRIED_FOR_LENGTH]))
        return min({lengths[0], best}, key=lambda length: (tokens(length, tried), length))
