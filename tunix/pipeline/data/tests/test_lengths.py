"""Rows that are too long are counted as the pipeline cuts them, and short ones are not tokenized."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.pipeline.data import lengths, tokenizers
from tunix.pipeline.data.batches import bucketed
from tunix.pipeline.data.lengths import LongRows, most_tokens
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import PairTokenizer, train
from tunix.pipeline.models.base_models import base_model
from tunix.pipeline.models.tokenizer_of import CACHE, stored_tokenizer

WORDS = ["ab", "Straße", "12,5", "naïve", "日本", "x"]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def rows_of(seed: int, count: int = 60, words: int = 30) -> list[Row]:
    chance = random.Random(seed)
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(1, words))) for _ in range(2 * count)]
    return [Row(prompt, answer) for prompt, answer in zip(texts[::2], texts[1::2], strict=True)]


def never() -> PairTokenizer:
    raise AssertionError("no row is long enough to be tokenized")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limit", [8, 31, 64, 100, 400])
def test_as_many_rows_are_counted_as_training_cuts(seed: int, limit: int) -> None:
    rows = rows_of(seed)
    tokenizer = train(rows, 300)
    cut = bucketed(tokenizer, rows, limit).cut

    found = LongRows(rows, limit, lambda: tokenizer).longer("length", limit)

    assert (found.count if found else 0) == cut


@pytest.mark.parametrize("limit", [8, 20, 60])
def test_an_answer_is_counted_if_training_loses_its_end(limit: int) -> None:
    rows = rows_of(4)
    tokenizer = train(rows, 300)
    kept = [bucketed(tokenizer, [row], limit)[0].answer_mask.sum() for row in rows]
    cut = sum(int(count) < len(tokenizer.encode_answer(row.answer)) + 1 for count, row in zip(kept, rows, strict=True))

    found = LongRows(rows, limit, lambda: tokenizer).longer("answer_length", limit - 2)

    assert (found.count if found else 0) == cut


def test_at_its_own_length_nothing_of_a_row_is_cut() -> None:
    rows = rows_of(5)
    tokenizer = train(rows, 300)
    found = LongRows(rows, 8, lambda: tokenizer).longer("length", 8)

    assert found is not None
    assert bucketed(tokenizer, rows, found.longest).cut == 0
    assert bucketed(tokenizer, rows, found.longest - 1).cut > 0


@settings(max_examples=300, deadline=None, derandomize=True)
@given(prompt=ANY_TEXT, answer=ANY_TEXT)
def test_no_row_has_more_tokens_than_bytes(prompt: str, answer: str) -> None:
    row = Row(prompt, answer)
    assert TOKENIZER.tokenized([row])[0].length <= most_tokens(row)


TOKENIZER = train(rows_of(0), 300)


def test_without_a_long_row_no_tokenizer_is_needed() -> None:
    assert LongRows(rows_of(1, words=3), 256, never).longer("length", 256) is None


def test_the_first_row_and_the_longest_are_named() -> None:
    rows = [Row("a", "b"), Row("ab " * 9, "x"), Row("ab " * 30, "x")]
    found = LongRows(rows, 8, lambda: train(rows, 300)).longer("prompt_length", 8)

    assert found is not None
    assert (found.count, found.line, found.is_estimate) == (2, 2, False)
    assert found.longest > found.tokens > 8


def test_of_very_many_long_rows_a_part_is_tokenized(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(7, count=2000)
    tokenizer = train(rows, 300)
    whole = LongRows(rows, 100, lambda: tokenizer).longer("length", 100)
    monkeypatch.setattr(lengths, "MOST_BYTES", 30_000)
    part = LongRows(rows, 100, lambda: tokenizer).longer("length", 100)

    assert whole is not None and part is not None
    assert part.is_estimate
    assert abs(part.count - whole.count) < 0.1 * len(rows)


def test_the_stored_tokenizer_is_that_of_the_first_run(tmp_path: Path) -> None:
    info, rows = base_model("tiny-gemma3"), rows_of(2)
    assert stored_tokenizer(info, "v1", tmp_path) is None

    made = tokenizers.cached(info, "v1", rows, tmp_path / CACHE)
    found = stored_tokenizer(info, "v1", tmp_path)

    assert found is not None and found.to_json() == made.to_json()
    assert train(rows, info.sizes.vocabulary).to_json() == made.to_json()
