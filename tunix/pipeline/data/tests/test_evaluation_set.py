"""Bits per byte: which bytes count, and what a loss is in this unit."""

from __future__ import annotations

import math

import pytest

from tunix.pipeline.data.batches import bucketed
from tunix.pipeline.data.evaluation_set import EvaluationSet, evaluation_set
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import BOS, EOS, PAD, PairTokenizer, train

ANSWERS = ["plain words", "naïve café", "日本語", "a€b", "😀 ok", " two  spaces\n", "12 345", ""]
ROWS = [Row(f"say {n}", answer) for n, answer in enumerate(ANSWERS)]
# The first knows all of the answers as single tokens, the second their letters, the last only some of these.
TOKENIZERS = {
    "a token each": train([Row("say", answer) for answer in ANSWERS for _ in range(4)], 512),
    "words": train(ROWS, 512),
    "letters": train(ROWS, 60),
    "unknown": train([Row("say ok", "ok"), Row("12", "3 a")], 512),
}


def byte_count(answers: list[str]) -> int:
    return sum(len(answer.encode()) for answer in answers)


@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_tokens_encode_the_bytes_of_their_text(answer: str, tokenizer: PairTokenizer) -> None:
    assert tokenizer.bytes_of([BOS, *tokenizer.encode_answer(answer), EOS, PAD]) == len(answer.encode())


@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
def test_the_bytes_of_whole_answers_do_not_depend_on_the_tokenizer(tokenizer: PairTokenizer) -> None:
    found = evaluation_set(tokenizer, bucketed(tokenizer, ROWS, 256), 3)
    assert found.answer_bytes == byte_count(ANSWERS)
    assert found.answer_tokens == sum(len(tokenizer.encode_answer(answer)) + 1 for answer in ANSWERS)


def test_of_a_cut_answer_what_is_left_counts() -> None:
    tokenizer = TOKENIZERS["letters"]
    answer = "plain words" * 3
    (bucket,) = bucketed(tokenizer, [Row("say", answer)], 8)
    found = evaluation_set(tokenizer, [bucket], 1)
    left = tokenizer.decode(tokenizer.encode_answer(answer)[:7])
    assert (found.answer_tokens, found.answer_bytes) == (7, len(left))
    assert len(left) < len(answer)


def test_padding_rows_count_nothing() -> None:
    tokenizer = TOKENIZERS["words"]
    sets = [evaluation_set(tokenizer, bucketed(tokenizer, ROWS, 256), size) for size in (1, 7, 32)]
    assert len({(found.answer_tokens, found.answer_bytes) for found in sets}) == 1


def test_a_fair_coin_for_each_token_is_a_bit_for_each_token() -> None:
    found = EvaluationSet(answer_tokens=30, answer_bytes=10)
    assert found.bits_per_byte(math.log(2)) == pytest.approx(3)


def test_answers_without_bytes_have_no_bits_per_byte() -> None:
    tokenizer = TOKENIZERS["words"]
    assert evaluation_set(tokenizer, bucketed(tokenizer, [Row("say", "")], 16), 1).bits_per_byte(1.0) is None
