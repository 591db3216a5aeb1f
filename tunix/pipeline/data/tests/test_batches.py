from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from tunix.pipeline.data.batches import bucketed, evaluation_batches, padded_length, training_batches
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import BOS, EOS, PAD, train
from tunix.pipeline.tests.making import make_rows

TOKENIZER = train(make_rows(64), 512)


@pytest.mark.parametrize(("length", "padded"), [(1, 2), (12, 12), (13, 16), (200, 100), (5000, 100)])
def test_lengths_come_from_a_grid(length: int, padded: int) -> None:
    assert padded_length(length, 100) == padded


def test_a_row_is_bos_prompt_answer_eos() -> None:
    (bucket,) = bucketed(TOKENIZER, [Row("a 1", "A")], 64)
    tokens = bucket.tokens[0][bucket.tokens[0] != PAD].tolist()
    assert (tokens[0], tokens[-1]) == (BOS, EOS)
    assert tokens[-2:-1] == TOKENIZER.encode_answer("A")


def test_the_loss_is_on_answer_and_eos_alone() -> None:
    (bucket,) = bucketed(TOKENIZER, make_rows(8), 64)
    chosen = np.take_along_axis(bucket.tokens, bucket.answer_positions, axis=1)[bucket.answer_mask]
    expected = [token for row in make_rows(8) for token in [*TOKENIZER.encode_answer(row.answer), EOS]]
    assert chosen.tolist() == expected


def test_a_long_prompt_loses_its_beginning() -> None:
    buckets = bucketed(TOKENIZER, [Row("a b c d e f g h 12", "A")], 8)
    (bucket,) = buckets
    assert buckets.cut == 1
    assert bucket.tokens.shape == (1, 8)
    assert TOKENIZER.decode(bucket.tokens[0]).endswith("h 12A")


def test_a_long_answer_loses_its_end() -> None:
    (bucket,) = bucketed(TOKENIZER, [Row("a", "b" * 100)], 8)
    assert EOS not in bucket.tokens[0]
    assert bucket.answer_mask.sum() == 7


def test_few_rows_share_one_length() -> None:
    rows = [*make_rows(100), Row("a " * 40, "A")]
    assert len(bucketed(TOKENIZER, rows, 256)) == 1


def test_many_rows_are_bucketed_by_length() -> None:
    rows = [*make_rows(5000), *[Row("a " * 40, "A")] * 100]
    lengths = [bucket.length for bucket in bucketed(TOKENIZER, rows, 256)]
    assert lengths == sorted(set(lengths))
    assert len(lengths) > 1


def test_evaluation_uses_the_lengths_of_training() -> None:
    training = bucketed(TOKENIZER, [Row("a " * 40, "A")], 256)
    assert bucketed(TOKENIZER, make_rows(4), 256, like=training)[0].length <= training[0].length


def test_training_batches_have_one_shape_and_repeat_with_the_seed() -> None:
    buckets = bucketed(TOKENIZER, make_rows(10), 64)
    first, second = (list(islice(training_batches(buckets, 4, seed=5), 6)) for _ in range(2))
    assert {batch["tokens"].shape for batch in first} == {(4, buckets[0].length)}
    assert all((a["tokens"] == b["tokens"]).all() for a, b in zip(first, second, strict=True))


def test_another_seed_gives_another_order() -> None:
    buckets = bucketed(TOKENIZER, make_rows(64), 64)
    first, second = (next(training_batches(buckets, 32, seed=seed))["tokens"] for seed in (1, 2))
    assert (first != second).any()


def test_every_row_comes_once_an_epoch() -> None:
    buckets = bucketed(TOKENIZER, make_rows(12), 64)
    tokens = np.concatenate([batch["tokens"] for batch in islice(training_batches(buckets, 4, 0), 3)])
    assert sorted(map(tuple, tokens.tolist())) == sorted(map(tuple, buckets[0].tokens.tolist()))


def test_batches_may_be_larger_than_the_dataset() -> None:
    buckets = bucketed(TOKENIZER, make_rows(3), 64)
    assert len(next(training_batches(buckets, 8, 0))["tokens"]) == 8


def test_the_last_evaluation_batch_is_filled_up_without_loss() -> None:
    batches = evaluation_batches(bucketed(TOKENIZER, make_rows(5), 64), 4)
    assert [len(batch["tokens"]) for batch in batches] == [4, 4]
    assert batches[1]["answer_mask"][1:].sum() == 0
