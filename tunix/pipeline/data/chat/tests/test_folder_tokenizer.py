"""The tokenizer of a folder: the traps of bos, ends and padding, plain text, and the way back to text."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, processors

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.chat.refused_rows import RowsRefused
from tunix.pipeline.data.rows import Row, row_from_json
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import change_json
from tunix.pipeline.spec import PromptSpec

from .chat_cases import BOS, DEFAULT_SYSTEM, EOS, HEADERS, MERGED_SYSTEM, REASONING, tiny_tokenizer
from .making import make_model, row_of, text_of, trained_texts

PAIR = Row("Capital of France?", "Paris")
TEXT = PromptSpec(format="text", template="Q: {prompt}\nA: ")


def with_bos() -> Tokenizer:
    """A tokenizer that puts bos before a text by itself."""
    tokenizer = tiny_tokenizer()
    bos = (BOS, tokenizer.token_to_id(BOS))
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{BOS} $A", special_tokens=[bos])
    return tokenizer


def text_tokenizer(folder: Path, tokenizer: Tokenizer | None = None, prompt: PromptSpec = TEXT) -> FolderTokenizer:
    return FolderTokenizer(make_model(folder / "model", None, tokenizer), prompt)


def whole_text(tokenizer: FolderTokenizer, row: Row = PAIR) -> str:
    return text_of(tokenizer, tokenizer.tokenized([row])[0].tokens)


def test_a_pair_is_a_chat_where_there_is_a_template(tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", MERGED_SYSTEM))
    assert whole_text(tokenizer) == "<bos><turn>user\nCapital of France?</turn>\n<turn>model\nParis</turn>"


def test_a_pair_is_plain_text_without_a_template(tmp_path: Path) -> None:
    assert whole_text(text_tokenizer(tmp_path)) == "Q: Capital of France?\nA: Paris<eos>"


def test_chat_is_refused_without_a_template(tmp_path: Path) -> None:
    with pytest.raises(BaseModelError, match="has no chat template"):
        text_tokenizer(tmp_path, prompt=PromptSpec(format="chat"))


def test_bos_is_not_doubled_where_the_template_writes_it(tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", HEADERS, with_bos()))
    assert whole_text(tokenizer).count(BOS) == 1


def test_bos_comes_first_in_plain_text_if_the_tokenizer_adds_it(tmp_path: Path) -> None:
    assert whole_text(text_tokenizer(tmp_path, with_bos())).startswith("<bos>Q: ")


def test_bos_is_not_doubled_where_the_prompt_writes_it(tmp_path: Path) -> None:
    prompt = PromptSpec(format="text", template="<bos>{prompt} ")
    assert whole_text(text_tokenizer(tmp_path, with_bos(), prompt)).count(BOS) == 1


def test_the_end_of_an_answer_is_trained(tmp_path: Path) -> None:
    tokenizer = text_tokenizer(tmp_path)
    assert trained_texts(tokenizer, tokenizer.tokenized([PAIR])[0]) == ["Paris<eos>"]


def test_ends_are_those_of_the_folder_and_of_the_template(tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", DEFAULT_SYSTEM))
    assert [text_of(tokenizer, [number]) for number in tokenizer.end_ids] == [EOS, "<|end|>"]


def test_a_folder_without_an_end_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", None, eos_token=None).folder
    change_json(folder / "config.json", eos_token_id=None)
    with pytest.raises(BaseModelError, match="add eos_token_id"):
        FolderTokenizer(inspect_folder(folder))


def test_trap_3_padding_is_an_id_that_no_text_has(tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", DEFAULT_SYSTEM))
    assert tokenizer.pad_id == tiny_tokenizer().get_vocab_size() < tokenizer.vocab_size


def test_trap_3_padding_is_a_reserved_token_where_all_ids_are_used(tmp_path: Path) -> None:
    tokens = tiny_tokenizer()
    model = make_model(tmp_path / "model", DEFAULT_SYSTEM, tokens, tokens.get_vocab_size(), pad_token="<eos>")
    assert FolderTokenizer(model).pad_id == tokens.token_to_id("<pad>")


def test_trap_5_control_tokens_in_a_text_stay_and_are_named(tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", DEFAULT_SYSTEM))
    rows = [PAIR, row_of(("user", "What is <|end|>?"), ("assistant", "<think> An end."))]
    assert "What is <|end|>?<|end|>" in whole_text(tokenizer, rows[1])
    (finding,) = tokenizer.control_tokens_in(rows)
    assert str(finding) == "Line 2: its text has '<|end|>', which the model reads as a control token."


def test_cutting_and_padding_stored_with_a_tokenizer_are_not_used(tmp_path: Path) -> None:
    tokens = tiny_tokenizer()
    tokens.enable_truncation(4)
    tokens.enable_padding(length=64)
    assert whole_text(text_tokenizer(tmp_path, tokens)) == "Q: Capital of France?\nA: Paris<eos>"


def test_named_tokens_are_special_even_if_the_tokenizer_has_them_as_pieces(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model", DEFAULT_SYSTEM, eos_token="user")
    assert "user" not in FolderTokenizer(model).decode(FolderTokenizer(model).prompts([PAIR])[0])


def test_an_answer_is_decoded_without_the_reasoning_before_it(tmp_path: Path) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", REASONING))
    row = tokenizer.tokenized([PAIR])[0]
    assert trained_texts(tokenizer, row) == ["<think>\n\n</think>\n\nParis<|end|>"]
    assert tokenizer.decode(row.trained_tokens) == "Paris"


def test_reasoning_that_the_prompt_opens_is_not_part_of_an_answer(tmp_path: Path) -> None:
    template = REASONING.replace("assistant\\n' }}\n{%- endif %}\n", "assistant\\n<think>\\n' }}\n{%- endif %}\n")
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", template))
    row = tokenizer.tokenized([Row("Capital of France?", "<think>\nSeine.\n</think>\n\nParis")])[0]
    assert trained_texts(tokenizer, row) == ["Seine.\n</think>\n\nParis<|end|>"]
    assert tokenizer.decode(row.trained_tokens) == "Paris"


def test_bytes_are_those_of_the_text(tmp_path: Path) -> None:
    tokenizer = text_tokenizer(tmp_path)
    row = tokenizer.tokenized([Row("", "Zürich 猫 <think>")])[0]
    assert tokenizer.bytes_of(row.trained_tokens) == len("Zürich 猫 <think>".encode())


def test_a_prompt_is_never_empty(tmp_path: Path) -> None:
    tokenizer = text_tokenizer(tmp_path, prompt=PromptSpec(format="text"))
    (row,), (prompt,) = tokenizer.tokenized([Row("", "a")]), tokenizer.prompts([Row("", "a")])
    assert text_of(tokenizer, prompt) == "<eos>"
    assert row.tokens[: row.prompt_length] == prompt


def test_the_prompt_of_a_plain_text_begins_its_row(tmp_path: Path) -> None:
    tokenizer = text_tokenizer(tmp_path, with_bos())
    (row,), (prompt,) = tokenizer.tokenized([PAIR]), tokenizer.prompts([PAIR])
    assert row.tokens[: row.prompt_length] == prompt


def test_a_plain_text_whose_answer_is_context_is_refused(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "assistant", "content": "d", "trained": False},
    ]
    with pytest.raises(RowsRefused, match="Line 2: no token of it is trained"):
        text_tokenizer(tmp_path).tokenized([PAIR, row_from_json({"messages": turns})])


def test_every_character_is_known_to_a_tokenizer_of_bytes(tmp_path: Path) -> None:
    assert text_tokenizer(tmp_path).knows("猫")
