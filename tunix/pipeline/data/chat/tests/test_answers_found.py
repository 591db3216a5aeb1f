"""The answers in rendered conversations, for templates of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.chat.refused_rows import RowsRefused
from tunix.pipeline.data.rows import Row, row_from_json

from .chat_cases import CONVERSATIONS, DEFAULT_SYSTEM, HEADERS, INSTRUCTIONS, MERGED_SYSTEM, REASONING
from .making import make_model, row_of, text_of, trained_texts

CHAT = row_of(("system", "Brief."), ("user", "2?"), ("assistant", "two"), ("user", "3?"), ("assistant", "three"))


def tokenizer_of(folder: Path, template: str) -> FolderTokenizer:
    return FolderTokenizer(make_model(folder / "model", template))


def trained(folder: Path, template: str, row: Row) -> list[str]:
    tokenizer = tokenizer_of(folder, template)
    return trained_texts(tokenizer, tokenizer.tokenized([row])[0])


def refusal(folder: Path, template: str, row: Row) -> str:
    with pytest.raises(RowsRefused) as raised:
        tokenizer_of(folder, template).tokenized([row])
    (finding,) = raised.value.findings
    return finding.problem


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        (DEFAULT_SYSTEM, ["two<|end|>", "three<|end|>"]),
        (HEADERS, ["two<|stop|>", "three<|stop|>"]),
        (MERGED_SYSTEM, ["two</turn>", "three</turn>"]),
        (REASONING, ["two<|end|>", "<think>\n\n</think>\n\nthree<|end|>"]),
        (INSTRUCTIONS, [" two <eos>", " three <eos>"]),
    ],
    ids=["default system", "headers", "merged system", "reasoning", "instructions"],
)
def test_trap_18_answers_are_found_without_marks_of_generation(tmp_path: Path, template: str, texts: list[str]) -> None:
    assert trained(tmp_path, template, CHAT) == texts


def test_an_earlier_answer_that_lost_its_reasoning_is_not_trained(tmp_path: Path) -> None:
    row = row_from_json(CONVERSATIONS["reasoning"])
    assert trained(tmp_path, REASONING, row) == ["<think>\nNo factor up to 9.\n</think>\n\nYes<|end|>"]


def test_answers_are_trained_without_reasoning_that_a_template_never_writes(tmp_path: Path) -> None:
    row = row_from_json(CONVERSATIONS["reasoning"])
    assert trained(tmp_path, DEFAULT_SYSTEM, row) == ["No<|end|>", "Yes<|end|>"]


def test_calls_of_tools_are_trained_and_their_results_are_not(tmp_path: Path) -> None:
    call = '\n<call>{"name": "weather", "arguments": {"town": "Bern", "days": 1, "exact": true}}</call><|end|>'
    last = "<think>\n\n</think>\n\nNo<|end|>"
    assert trained(tmp_path, REASONING, row_from_json(CONVERSATIONS["tool"])) == [call, last]


def test_the_end_of_a_turn_inside_an_answer_does_not_end_its_span(tmp_path: Path) -> None:
    row = row_of(("user", "Say it."), ("assistant", "a<|end|>b"), ("user", "Again."), ("assistant", "c<|end|>d"))
    assert trained(tmp_path, DEFAULT_SYSTEM, row) == ["a<|end|>b<|end|>", "c<|end|>d<|end|>"]


def test_an_answer_that_is_context_is_not_trained(tmp_path: Path) -> None:
    turns = [message.to_json() for message in CHAT.messages or ()]
    turns[2]["trained"] = False
    assert trained(tmp_path, HEADERS, row_from_json({"messages": turns})) == ["three<|stop|>"]


def test_a_last_answer_that_is_context_leaves_the_earlier_ones_trained(tmp_path: Path) -> None:
    turns = [message.to_json() for message in CHAT.messages or ()]
    turns[4]["trained"] = False
    assert trained(tmp_path, HEADERS, row_from_json({"messages": turns})) == ["two<|stop|>"]


def test_an_answer_without_an_end_in_the_template_gets_the_end_token(tmp_path: Path) -> None:
    template = "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"  # fmt: skip # noqa: E501
    assert trained(tmp_path, template, CHAT) == ["two", "three<eos>"]


def test_the_prompt_ends_where_the_generation_prompt_does(tmp_path: Path) -> None:
    tokenizer = tokenizer_of(tmp_path, REASONING)
    (row,), (prompt,) = tokenizer.tokenized([CHAT]), tokenizer.prompts([CHAT])
    assert row.tokens[: row.prompt_length] == prompt
    assert text_of(tokenizer, prompt).endswith("3?<|end|>\n<|begin|>assistant\n")


def test_a_row_ends_with_its_last_answer(tmp_path: Path) -> None:
    tokenizer = tokenizer_of(tmp_path, DEFAULT_SYSTEM)
    row = tokenizer.tokenized([CHAT])[0]
    assert row.tokens[-1] in tokenizer.end_ids
    assert row.answer_length == len(row.tokens) - row.prompt_length - 1


def test_a_template_that_asks_otherwise_than_it_answers_is_refused(tmp_path: Path) -> None:
    template = DEFAULT_SYSTEM.replace("assistant\\n' }}", "assistant\\n<think>' }}")
    problem = refusal(tmp_path, template, CHAT)
    assert problem.startswith("the chat template asks for the last answer with '<think>'")


def test_a_template_that_drops_a_text_is_refused(tmp_path: Path) -> None:
    problem = refusal(tmp_path, INSTRUCTIONS, row_from_json(CONVERSATIONS["tool"]))
    assert problem.startswith("the chat template does not write 'weather' of messages[1] as it is.")


def test_what_a_template_raises_is_the_reason(tmp_path: Path) -> None:
    row = row_of(("user", "a"), ("user", "b"), ("assistant", "c"))
    assert refusal(tmp_path, MERGED_SYSTEM, row) == "user and assistant must take turns"


def test_every_refused_row_is_named_by_its_line(tmp_path: Path) -> None:
    bad = row_of(("user", "a"), ("user", "b"), ("assistant", "c"))
    with pytest.raises(RowsRefused) as raised:
        tokenizer_of(tmp_path, MERGED_SYSTEM).tokenized([CHAT, bad, CHAT, bad])
    assert [finding.line for finding in raised.value.findings] == [2, 4]
    assert str(raised.value).startswith(
        "2 of 4 rows cannot be used. Line 2: user and assistant must take turns. Line 4"
    )
