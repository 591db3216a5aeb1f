"""Lengths of rows in tokens are those of training, and of very many rows a part is measured."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.pipeline.data import lengths, tokenizers
from tunix.pipeline.data.batches import bucketed
from tunix.pipeline.data.chat.refused_rows import RowFinding, RowsRefused
from tunix.pipeline.data.lengths import RowLengths, most_tokens
from tunix.pipeline.data.row_tokenizer import TokenizedRow
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


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limit", [8, 31, 64, 100, 400])
def test_as_many_rows_are_counted_as_training_cuts(seed: int, limit: int) -> None:
    rows = rows_of(seed)
    tokenizer = train(rows, 300)
    cut = bucketed(tokenizer, rows, limit).cut

    found = RowLengths(rows, tokenizer).longer("length", limit)

    assert (found.count if found else 0) == cut


@pytest.mark.parametrize("limit", [8, 20, 60])
def test_an_answer_is_counted_if_training_loses_its_end(limit: int) -> None:
    rows = rows_of(4)
    tokenizer = train(rows, 300)
    kept = [bucketed(tokenizer, [row], limit)[0].answer_mask.sum() for row in rows]
    cut = sum(int(count) < len(tokenizer.encode_answer(row.answer)) + 1 for count, row in zip(kept, rows, strict=True))

    found = RowLengths(rows, tokenizer).longer("answer_length", limit - 2)

    assert (found.count if found else 0) == cut


def test_at_its_own_length_nothing_of_a_row_is_cut() -> None:
    rows = rows_of(5)
    tokenizer = train(rows, 300)
    found = RowLengths(rows, tokenizer).longer("length", 8)

    assert found is not None
    assert bucketed(tokenizer, rows, found.longest).cut == 0
    assert bucketed(tokenizer, rows, found.longest - 1).cut > 0


@settings(max_examples=300, deadline=None, derandomize=True)
@given(prompt=ANY_TEXT, answer=ANY_TEXT)
def test_no_row_has_more_tokens_than_bytes(prompt: str, answer: str) -> None:
    row = Row(prompt, answer)
    assert TOKENIZER.tokenized([row])[0].length <= most_tokens(row)


TOKENIZER = train(rows_of(0), 300)


def test_the_first_row_and_the_longest_are_named() -> None:
    rows = [Row("a", "b"), Row("ab " * 9, "x"), Row("ab " * 30, "x")]
    found = RowLengths(rows, train(rows, 300)).longer("prompt_length", 8)

    assert found is not None
    assert (found.count, found.line, found.is_estimate) == (2, 2, False)
    assert found.longest > found.tokens > 8


def sampled(monkeypatch: pytest.MonkeyPatch, rows: list[Row], tokenizer: PairTokenizer) -> RowLengths:
    """What is measured with room for a tenth of 3000 rows."""
    monkeypatch.setattr(lengths, "MOST_ROWS", 300)
    return RowLengths(rows, tokenizer)


def test_of_very_many_rows_a_part_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(7, count=3000)
    tokenizer = train(rows[:200], 300)
    whole = [row.length for row in tokenizer.tokenized(rows)]
    found = sampled(monkeypatch, rows, tokenizer)
    longer = found.longer("length", 100)

    assert longer is not None and longer.is_estimate
    assert abs(longer.count - sum(length > 100 for length in whole)) < 0.1 * len(rows)
    assert abs(found.percentiles("length", [0.5])[0] - np.median(whole)) < 0.15 * np.median(whole)


def test_the_longest_rows_are_always_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(8, count=3000)
    rows[1234] = Row("12" * 400, "x")
    found = sampled(monkeypatch, rows, train(rows[:200], 300)).longer("length", 500)

    assert found is not None
    assert (found.count, found.line) == (1, 1235)


def test_a_count_is_certain_where_no_other_row_can_be_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*rows_of(9, count=3000, words=3), *rows_of(10, count=20)]
    tokenizer = train(rows[:200], 300)
    found = sampled(monkeypatch, rows, tokenizer)

    assert found.is_certain("length", 60) and not found.is_certain("length", 8)
    longer = found.longer("length", 60)
    assert longer is not None and not longer.is_estimate
    assert longer.count == sum(row.length > 60 for row in tokenizer.tokenized(rows))


def test_percentiles_are_lengths_that_so_many_rows_do_not_exceed() -> None:
    rows = [Row("1" * size, "x") for size in (1, 2, 3, 4)]  # bos, a token a digit, the answer, eos

    found = RowLengths(rows, train(rows, 300))

    assert found.percentiles("length", [0.25, 0.5, 0.9, 1.0]) == [4, 5, 7, 7]
    assert found.percentiles("trained", [1.0]) == [2]
    assert found.trained_share == 8 / 22


def test_rows_that_keep_no_trained_token_are_named() -> None:
    class Conversations:
        """Trains an early turn alone, which a cut loses."""

        def tokenized(self, rows: list[Row]) -> list[TokenizedRow]:
            return [TokenizedRow([1] * int(row.prompt), ((2, 4),), int(row.prompt)) for row in rows]

    rows = [Row("6", ""), Row("40", ""), Row("8", ""), Row("50", "")]

    assert RowLengths(rows, Conversations()).untrained_at(10) == [2, 4]  # type: ignore[arg-type]


def test_rows_that_the_tokenizer_refuses_are_left_out_and_named() -> None:
    class Strict:
        def tokenized(self, rows: list[Row]) -> list[TokenizedRow]:
            if bad := [RowFinding(line, "bad") for line, row in enumerate(rows, start=1) if row.prompt == "bad"]:
                raise RowsRefused(bad, len(rows))
            return [TokenizedRow([1, 2, 3], ((2, 3),), 2) for _ in rows]

    found = RowLengths([Row("a", ""), Row("bad", ""), Row("b", "")], Strict())  # type: ignore[arg-type]

    assert found.refused == [RowFinding(2, "bad")]
    assert (found.lines, found.is_whole) == ([1, 3], True)


def test_the_stored_tokenizer_is_that_of_the_first_run(tmp_path: Path) -> None:
    info, rows = base_model("tiny-gemma3"), rows_of(2)
    assert stored_tokenizer(info, "v1", tmp_path) is None

    made = tokenizers.cached(info, "v1", rows, tmp_path / CACHE)
    found = stored_tokenizer(info, "v1", tmp_path)

    assert isinstance(found, PairTokenizer) and found.to_json() == made.to_json()
    assert train(rows, info.sizes.vocabulary).to_json() == made.to_json()
