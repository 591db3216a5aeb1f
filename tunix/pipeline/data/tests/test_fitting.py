from __future__ import annotations

import pytest

from tunix.pipeline.data.fitting import Fitted, RowsTooLong, fit
from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import DatasetError

SHORT = TokenizedRow([1, 2, 3], ((2, 3),), 2)
LONG = TokenizedRow(list(range(10)), ((2, 4), (8, 10)), 8)


def test_rows_that_fit_stay_as_they_are() -> None:
    assert fit([SHORT, LONG], 10, "refuse") == Fitted([SHORT, LONG])


def test_a_cut_row_loses_the_beginning_of_its_prompt_after_bos() -> None:
    fitted = fit([SHORT, LONG], 6, "cut")
    assert fitted == Fitted([SHORT, TokenizedRow([0, 5, 6, 7, 8, 9], ((4, 6),), 4)], cut=1)


def test_the_end_of_an_answer_is_cut_last() -> None:
    answer = TokenizedRow([0, 1, 2, 3, 4, 5], ((2, 6),), 2)
    assert fit([answer], 3, "cut").rows == [TokenizedRow([0, 2, 3], ((1, 3),), 1)]


def test_rows_are_dropped_and_counted() -> None:
    assert fit([LONG, SHORT, LONG], 6, "drop") == Fitted([SHORT], dropped=2)


def test_rows_are_refused_by_line() -> None:
    with pytest.raises(
        RowsTooLong, match=r"2 of 3 rows are longer .* the first in line 1; the longest has 10"
    ) as raised:
        fit([LONG, SHORT, LONG], 6, "refuse")
    assert raised.value.lines == (1, 3)


def test_a_row_that_loses_all_trained_tokens_is_dropped() -> None:
    context = TokenizedRow(list(range(10)), ((2, 4),), 8)
    assert fit([SHORT, context], 5, "cut") == Fitted([SHORT], dropped=1)


def test_it_is_refused_if_no_row_is_left() -> None:
    with pytest.raises(DatasetError, match="None of the 2 rows fits into max_seq_length = 6 tokens"):
        fit([LONG, LONG], 6, "drop")
