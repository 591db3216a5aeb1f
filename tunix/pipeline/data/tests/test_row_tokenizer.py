"""A row that is too long loses the beginning of its prompt, and only then the end of its answer."""

from __future__ import annotations

import pytest

from tunix.pipeline.data.row_tokenizer import TokenizedRow

ROW = TokenizedRow([1, 10, 11, 12, 13, 20, 21, 2], ((5, 8),), 5)
TWO_TURNS = TokenizedRow([1, 10, 20, 2, 11, 12, 21, 2], ((2, 4), (6, 8)), 6)


def test_a_row_that_fits_is_unchanged() -> None:
    assert ROW.cut(8) is ROW


def test_the_first_token_of_the_prompt_is_kept() -> None:
    assert ROW.cut(6) == TokenizedRow([1, 12, 13, 20, 21, 2], ((3, 6),), 3)


def test_an_answer_that_does_not_fit_loses_its_end() -> None:
    assert ROW.cut(3) == TokenizedRow([1, 20, 21], ((1, 3),), 1)


@pytest.mark.parametrize("limit", range(1, 9))
def test_trained_tokens_stay_those_that_are_left(limit: int) -> None:
    left = TWO_TURNS.cut(limit)
    assert left.length <= limit
    assert left.trained_tokens == [token for token in left.tokens[1:] if token in (20, 21, 2)]


def test_the_length_of_an_answer_is_without_its_end() -> None:
    assert (ROW.length, ROW.answer_length, TWO_TURNS.answer_length) == (8, 2, 1)
