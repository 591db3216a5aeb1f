"""Rows are shown as the tokens that a model reads, with the trained ones marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data import token_examples as module
from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.chat.tests.chat_cases import MERGED_SYSTEM
from tunix.pipeline.data.chat.tests.making import make_model
from tunix.pipeline.data.lengths import RowLengths
from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.token_examples import TokenExample, token_examples
from tunix.pipeline.data.token_pieces import shown_piece
from tunix.pipeline.data.tokenizers import train

ROWS = [Row("is 1 even", "no"), Row("is 22 even", "yes"), Row("is 333333 even", "no")] * 4
"""So many rows an answer that each answer is a token."""


def examples_of(rows: list[Row], limit: int, tokenizer: RowTokenizer | None = None) -> list[TokenExample]:
    tokenizer = tokenizer or train(rows, 300)
    return token_examples(RowLengths(rows, tokenizer), tokenizer, limit)


def test_first_median_and_longest() -> None:
    found = examples_of(ROWS, 256)

    assert [(one.which, one.line) for one in found] == [(("first",), 1), (("median",), 2), (("longest",), 3)]


def test_answers_and_their_ends_are_marked() -> None:
    (first, *_) = examples_of(ROWS, 256)

    assert [token.text for token in first.tokens if token.trained] == ["no", "<eos>"]
    assert "".join(token.text for token in first.tokens if not token.trained) == "<bos>is 1 even"


def test_the_longest_is_one_that_is_not_cut() -> None:
    lengths = [one.length for one in examples_of(ROWS, 256)]
    found = examples_of(ROWS, lengths[2] - 1)

    assert [one.is_cut for one in found] == [False, False]
    assert ("median", "longest") in [one.which for one in found]


def test_rows_are_shown_as_they_are_cut() -> None:
    found = examples_of([Row("12345678", "x")], 8)

    assert (found[0].is_cut, found[0].length) == (True, 8)
    assert found[0].as_text() == "<bos>|4|5|6|7|8|[x]|[<eos>]"


def test_the_middle_of_a_long_row_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SHOWN", 104)
    (found,) = examples_of([Row("1" * 200, "x")], 512)

    assert (found.length, found.omitted, len(found.tokens)) == (203, 99, 104)
    assert found.as_text().split("|")[found.before] == "... 99 more tokens ..."
    assert found.tokens[-1].text == "<eos>"


def test_a_chat_shows_what_its_template_adds(tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", MERGED_SYSTEM))
    (found,) = examples_of([Row("Capital of France?", "Paris")], 64, tokenizer)

    assert "".join(token.text for token in found.tokens) == (
        "<bos><turn>user\nCapital of France?</turn>\n<turn>model\nParis</turn>"
    )
    assert "".join(token.text for token in found.tokens if token.trained) == "Paris</turn>"


def test_without_rows_there_is_nothing_to_show() -> None:
    assert token_examples(RowLengths([], train(ROWS, 300)), train(ROWS, 300), 8) == []


@pytest.mark.parametrize(("piece", "text"), [("Ġthe", " the"), ("æĹ¥", "日"), ("æĹ", "\\xe6\\x97"), ("Ċ", "\n")])
def test_pieces_of_bytes_are_readable(piece: str, text: str) -> None:
    assert shown_piece(piece) == text
