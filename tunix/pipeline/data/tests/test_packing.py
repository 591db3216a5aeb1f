"""Packed rows are the same rows at other places."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from tunix.pipeline.data.batches import Batch, Sequences, bucketed, training_batches
from tunix.pipeline.data.packing import Packing
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import train

ROWS = [Row("1" * (1 + number * number % 29), str(10**5 + number)[: 1 + number % 6]) for number in range(60)]
"""Every digit is a token, so that rows have many lengths."""
LENGTH = 48


def bucket(rows: list[Row] = ROWS) -> Sequences:
    (found,) = bucketed(train(rows, 300), rows, LENGTH)
    return found


def rows_in(batch: Batch) -> list[tuple[list[int], list[int]]]:
    """Tokens and trained tokens of each row of a batch, from its segments and positions."""
    found = []
    for sequence, segments in enumerate(batch["segments"]):
        trained = np.zeros(len(segments), bool)
        trained[batch["answer_positions"][sequence][batch["answer_mask"][sequence]]] = True
        for segment in range(1, segments.max() + 1):
            places = np.flatnonzero(segments == segment)
            assert batch["positions"][sequence][places].tolist() == list(range(len(places)))
            assert places.tolist() == list(range(places[0], places[-1] + 1))
            tokens = batch["tokens"][sequence][places]
            found.append((tokens.tolist(), tokens[trained[places]].tolist()))
    return sorted(found)


def test_a_packed_batch_has_the_rows_of_the_plain_one() -> None:
    found = bucket()
    packing = Packing(found, 12, LENGTH)
    for rows in np.random.default_rng(1).integers(0, len(ROWS), (20, 12)):
        assert rows_in(packing.batch(rows.tolist())) == rows_in(found.batch(rows))


def test_packed_batches_have_one_shape_and_less_padding() -> None:
    packing = Packing(bucket(), 12, LENGTH)
    batches = [packing.batch(rows.tolist()) for rows in np.random.default_rng(2).integers(0, len(ROWS), (30, 12))]
    assert len({tuple(values.shape for values in batch.values()) for batch in batches}) == 1
    assert batches[0]["tokens"].size < 12 * bucket().length


def test_a_batch_that_needs_more_room_than_those_tried_gets_it() -> None:
    rows = [Row("1", "2")] * 999 + [Row("1" * 20, "2")]
    found = bucket(rows)
    packing = Packing(found, 4, LENGTH)
    longest = [999] * 4
    assert rows_in(packing.batch(longest)) == rows_in(found.batch(longest))


@pytest.mark.parametrize("limit", [48, 64, 1024])
@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_packing_adds_no_padding(batch_size: int, limit: int) -> None:
    rows = [Row("1" * (24 + number % 17), "12345") for number in range(64)]  # of 32 to 48 tokens
    (found,) = bucketed(train(rows, 300), rows, limit)
    chosen = list(range(batch_size))
    assert Packing(found, batch_size, limit).batch(chosen)["tokens"].size <= found.batch(chosen)["tokens"].size


def test_a_sequence_is_no_longer_than_its_rows_need() -> None:
    assert Packing(bucket([Row("a", "b")] * 9), 2, LENGTH).batch([0, 1])["tokens"].shape[1] < LENGTH


@pytest.mark.parametrize("accumulation", [1, 3])
def test_each_step_has_the_same_rows_and_token_weights(accumulation: int) -> None:
    found = bucket()
    plain = islice(training_batches([found], 4, 5, accumulation), 9)
    packed = islice(training_batches([found], 4, 5, accumulation, [Packing(found, 4, LENGTH)]), 9)
    for one, other in zip(plain, packed, strict=True):
        assert rows_in(one) == rows_in(other)
        assert one["tokens_per_batch"] == other["tokens_per_batch"]
