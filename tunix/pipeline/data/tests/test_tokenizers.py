from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data import tokenizers
from tunix.pipeline.data.arithmetic import generate
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import BOS, EOS, PAD, PairTokenizer, UnknownText, train, unknown_text
from tunix.pipeline.models.base_models import base_model
from tunix.pipeline.tests.making import make_rows

SENTENCES = [Row(f"What is {n}?", f"It is number {n}, naïvely.") for n in range(40)]


def test_few_answers_are_one_token_each() -> None:
    tokenizer = train(make_rows(64), 512)
    assert len(tokenizer.encode_answer("A")) == 1
    assert tokenizer.decode(tokenizer.encode_answer("A")) == "A"


def test_an_answer_token_is_not_read_into_a_prompt() -> None:
    tokenizer = train(generate(0)["train"], 512)
    assert not set(tokenizer.encode_prompts(["12+3"])[0]) & set(tokenizer.encode_answer("12"))


def test_digits_stand_alone() -> None:
    tokenizer = train(generate(0)["train"], 512)
    assert len(tokenizer.encode_prompts(["12+345="])[0]) == 7


@pytest.mark.parametrize("rows", [make_rows(31), SENTENCES], ids=["too rare", "all different"])
def test_other_answers_are_spelled_out(rows: list[Row]) -> None:
    tokenizer = train(rows, 512)
    assert tokenizer.answers == ()
    assert tokenizer.decode(tokenizer.encode_answer(rows[0].answer)) == rows[0].answer


def test_answer_that_training_never_had_is_spelled_out() -> None:
    tokenizer = train(make_rows(64), 512)
    assert tokenizer.decode(tokenizer.encode_answer("ab 12")) == "ab 12"


def test_unknown_characters_are_left_out() -> None:
    tokenizer = train(SENTENCES, 512)
    assert tokenizer.decode(tokenizer.encode_answer("It 漢 is")) == "It  is"


def test_text_cannot_spell_a_special_token() -> None:
    tokenizer = train([Row("<pad> <bos> <eos> <unk>", "x"), *SENTENCES], 512)
    assert not {PAD, BOS, EOS} & set(tokenizer.encode_prompts(["<pad><bos><eos>"])[0])


def test_special_tokens_are_decoded_to_nothing() -> None:
    assert train(SENTENCES, 512).decode([PAD, BOS, EOS]) == ""


def test_empty_texts_have_no_tokens() -> None:
    tokenizer = train(SENTENCES, 512)
    assert tokenizer.encode_prompts([""]) == [[]]
    assert tokenizer.encode_answer("") == []


def test_ids_stay_below_the_vocabulary() -> None:
    tokenizer = train(make_rows(64), 512)
    assert max(*tokenizer.encode_answer("H"), *tokenizer.encode_prompts(["h 63"])[0]) < tokenizer.vocab_size


def test_training_is_deterministic() -> None:
    assert train(SENTENCES, 300).to_json() == train(SENTENCES, 300).to_json()


def test_json_both_ways() -> None:
    tokenizer = train(make_rows(64), 512)
    again = PairTokenizer.from_json(tokenizer.to_json())
    assert again.to_json() == tokenizer.to_json()
    assert again.encode_prompts(["a 1"]) == tokenizer.encode_prompts(["a 1"])


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 0}'])
def test_json_of_something_else(content: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PairTokenizer.from_json(content)


def test_cache_is_used(tmp_path: Path) -> None:
    info = base_model("tiny-gemma3")
    first = tokenizers.cached(info, "v1", SENTENCES, tmp_path)
    assert tokenizers.cached(info, "v1", make_rows(64), tmp_path).to_json() == first.to_json()


def test_damaged_cache_is_replaced(tmp_path: Path) -> None:
    info, folder = base_model("tiny-gemma3"), tmp_path / "cache"
    expected = tokenizers.cached(info, "v1", SENTENCES, folder).to_json()
    (path,) = folder.iterdir()
    path.write_text(path.read_text()[:100])
    assert tokenizers.cached(info, "v1", SENTENCES, folder).to_json() == expected
    assert path.read_text() == expected


def test_what_it_was_trained_on_it_can_read() -> None:
    rows = make_rows(64)
    assert unknown_text(train(rows, 512), rows) == UnknownText(0, 0, "")


def test_characters_it_never_saw_are_counted_and_named() -> None:
    tokenizer = train(make_rows(64), 512)
    found = unknown_text(tokenizer, [Row("a 1", "A"), Row("ß a ß", "A"), Row("b 2", "é")])
    assert str(found) == "3 characters in 2 texts: 'ßé'"


def test_an_answer_with_a_token_of_its_own_can_be_read() -> None:
    tokenizer = train([Row(f"a {n % 2}", "é" if n % 2 else "è") for n in range(16)], 512)
    assert unknown_text(tokenizer, [Row("a 1", "é")]).texts == 0
