"""Packs rows: several of them in one sequence, each a segment that does not see the others.

It changes where the rows of a batch are, and not which they are: loss and gradient stay the same but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tunix.pipeline.data.batches import Batch, Sequences, padded_length

_TRIED_BATCHES = 512


class Packing:
    """Packs batches of `batch_size` rows of a bucket into sequences of at most `length` tokens.

    All batches have one shape, since each is compiled: it holds any of some hundred random batches, the same for every
    seed. A batch that does not fit into it, which is rare, gets a larger one.
    """

    def __init__(self, bucket: Sequences, batch_size: int, length: int) -> None:
        self._bucket = bucket
        self._lengths = (bucket.segments > 0).sum(axis=1)
        self._answers = bucket.answer_mask.sum(axis=1)
        self._length = length
        self._sequences, self._answer_length, width = self._largest(batch_size)
        if self._sequences == 1:
            self._length = padded_length(max(width, int(self._lengths.max())), length)

    def batch(self, rows: Sequence[int]) -> Batch:
        """The rows in arrays [sequences, length], the fields of a batch that is not packed."""
        packed = self._packed(rows)
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

    def _packed(self, rows: Sequence[int]) -> list[list[int]]:
        """The rows of each sequence: the longest rows first, each into the first sequence that has room for it."""
        sequences: list[list[int]] = []
        room: list[int] = []
        for row in sorted(rows, key=lambda row: -self._lengths[row]):
            needed = int(self._lengths[row])
            place = next((number for number, left in enumerate(room) if left >= needed), len(room))
            if place == len(room):
                sequences.append([])
                room.append(self._length)
            sequences[place].append(row)
            room[place] -= needed
        return sequences

    def _largest(self, batch_size: int) -> tuple[int, int, int]:
        """Sequences, trained tokens of a sequence, and its tokens, so that each of the tried batches fits."""
        chance = np.random.default_rng(0)
        sequences, answers, width = 1, 1, 1
        for _ in range(_TRIED_BATCHES):
            # With more rows than the bucket has, a batch repeats them.
            packed = self._packed(np.resize(chance.permutation(self._bucket.rows), batch_size).tolist())
            sequences = max(sequences, len(packed))
            answers = max(answers, *(int(self._answers[rows].sum()) for rows in packed))
            width = max(width, *(int(self._lengths[rows].sum()) for rows in packed))
        return sequences, padded_length(answers, self._length), width
