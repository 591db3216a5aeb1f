"""The settings of the prompt: system, template and examples, in a chat and in plain text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.chat.rendering import ChatTemplateError
from tunix.pipeline.data.rows import Row
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.spec import PromptSpec

from .chat_cases import MERGED_SYSTEM
from .making import make_model, row_of, text_of, trained_texts

ROWS = [Row(f"{number}?", f"<{number}>") for number in range(6)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> PretrainedModel:
    return make_model(tmp_path_factory.mktemp("models") / "model", MERGED_SYSTEM)


def prompt_of(model: PretrainedModel, row: Row, example_tokens: int = 100, **settings: object) -> str:
    tokenizer = FolderTokenizer(model, PromptSpec(**settings), ROWS, example_tokens)
    return text_of(tokenizer, tokenizer.prompts([row])[0])


def test_the_template_makes_the_turn_of_the_user(model: PretrainedModel) -> None:
    assert "<turn>user\nSay: a</turn>" in prompt_of(model, Row("a", "b"), template="Say: {prompt}")


def test_braces_in_a_prompt_are_text(model: PretrainedModel) -> None:
    assert "Say: {prompt} {0}</turn>" in prompt_of(model, Row("{prompt} {0}", "b"), template="Say: {prompt}")


def test_the_template_leaves_conversations_as_they_are(model: PretrainedModel) -> None:
    row = row_of(("user", "a"), ("assistant", "b"))
    assert "<turn>user\na</turn>" in prompt_of(model, row, template="Say: {prompt}")


def test_the_system_prompt_comes_first(model: PretrainedModel) -> None:
    assert prompt_of(model, Row("a", "b"), system="Be brief.").startswith("<bos><turn>user\nBe brief.\n\na</turn>")


def test_a_row_keeps_its_own_system_prompt(model: PretrainedModel) -> None:
    row = row_of(("system", "Be long."), ("user", "a"), ("assistant", "b"))
    assert prompt_of(model, row, system="Be brief.").startswith("<bos><turn>user\nBe long.\n\na</turn>")


def test_examples_are_turns_before_the_prompt(model: PretrainedModel) -> None:
    shown = "<turn>user\n0?</turn>\n<turn>model\n<0></turn>\n<turn>user\n1?</turn>\n<turn>model\n<1></turn>\n"
    assert prompt_of(model, Row("a", "b"), examples=2) == f"<bos>{shown}<turn>user\na</turn>\n<turn>model\n"


def test_examples_are_not_trained(model: PretrainedModel) -> None:
    tokenizer = FolderTokenizer(model, PromptSpec(examples=2), ROWS)
    assert trained_texts(tokenizer, tokenizer.tokenized([Row("a", "b")])[0]) == ["b</turn>"]


def test_a_row_is_never_its_own_example(model: PretrainedModel) -> None:
    text = prompt_of(model, ROWS[0], examples=2)
    assert "<0>" not in text
    assert ("<1>" in text, "<2>" in text) == (True, True)


def test_a_row_with_the_same_prompt_is_no_example(model: PretrainedModel) -> None:
    assert "<0>" not in prompt_of(model, Row("0?", "another"), examples=1)


def test_examples_that_do_not_fit_are_passed_over(model: PretrainedModel) -> None:
    rows = [Row("long " * 50, "x"), *ROWS]
    tokenizer = FolderTokenizer(model, PromptSpec(examples=1), rows, example_tokens=40)
    text = text_of(tokenizer, tokenizer.prompts([Row("a", "b")])[0])
    assert ("long" in text, "<0>" in text) == (False, True)


def test_examples_are_text_before_a_plain_prompt(model: PretrainedModel) -> None:
    text = prompt_of(model, Row("a", "b"), format="text", template="{prompt}\nA: ", system="Sums.", examples=1)
    assert text == "Sums.\n\n0?\nA: <0>\n\na\nA: "


def test_plain_text_does_not_need_the_template_of_the_folder(tmp_path: Path) -> None:
    broken = make_model(tmp_path / "model", "{% if %}")
    assert prompt_of(broken, Row("a", "b"), format="text").endswith("a")
    with pytest.raises(ChatTemplateError, match="Expected an expression"):
        FolderTokenizer(broken, PromptSpec(format="chat"))
