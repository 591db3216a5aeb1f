"""The answers in rendered conversations, for templates of every kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.chat.refused_rows import RowsRefused
from tunix.pipeline.data.rows import Row, row_from_json

from .chat_cases import CONVERSATIONS, DEFAULT_SYSTEM, HEADERS, INSTRUCTIONS, MERGED_SYSTEM, REASONING
from .making import make_model, row_of, text_of, trained_texts

CHAT = row_of(("system", "Brief."), ("user", "2?"), ("assistant", "two"), ("user", "3?"), ("assistant", "three"))


TokenizerOf = Callable[[str], FolderTokenizer]


@pytest.fixture(scope="module")
def tokenizer_of(tmp_path_factory: pytest.TempPathFactory) -> TokenizerOf:
    """The tokenizer of a folder with a template, made once for each."""
    made: dict[str, FolderTokenizer] = {}

    def tokenizer(template: str) -> FolderTokenizer:
        if template not in made:
            made[template] = FolderTokenizer(make_model(tmp_path_factory.mktemp("models") / "model", template))
        return made[template]

    return tokenizer


def trained(tokenizer: FolderTokenizer, row: Row) -> list[str]:
    return trained_texts(tokenizer, tokenizer.tokenized([row])[0])


def refusal(tokenizer: FolderTokenizer, row: Row) -> str:
    with pytest.raises(RowsRefused) as raised:
        tokenizer.tokenized([row])
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
def test_trap_18_answers_are_found_without_marks_of_generation(
    tokenizer_of: TokenizerOf, template: str, texts: list[str]
) -> None:
    assert trained(tokenizer_of(template), CHAT) == texts


def test_an_earlier_answer_that_lost_its_reasoning_is_not_trained(tokenizer_of: TokenizerOf) -> None:
    row = row_from_json(CONVERSATIONS["reasoning"])
    assert trained(tokenizer_of(REASONING), row) == ["<think>\nNo factor up to 9.\n</think>\n\nYes<|end|>"]


def test_answers_are_trained_without_reasoning_that_a_template_never_writes(tokenizer_of: TokenizerOf) -> None:
    row = row_from_json(CONVERSATIONS["reasoning"])
    assert trained(tokenizer_of(DEFAULT_SYSTEM), row) == ["No<|end|>", "Yes<|end|>"]


def test_calls_of_tools_are_trained_and_their_results_are_not(tokenizer_of: TokenizerOf) -> None:
    call = '\n<call>{"name": "weather", "arguments": {"town": "Bern", "days": 1, "exact": true}}</call><|end|>'
    last = "<think>\n\n</think>\n\nNo<|end|>"
    assert trained(tokenizer_of(REASONING), row_from_json(CONVERSATIONS["tool"])) == [call, last]


def test_a_call_is_trained_without_the_text_that_its_template_drops(tokenizer_of: TokenizerOf) -> None:
    messages = [dict(message) for message in CONVERSATIONS["tool"]["messages"]]
    messages[1]["content"] = "I look."
    row = row_from_json({"messages": messages})
    call = '{"name": "weather", "parameters": {"town": "Bern", "days": 1, "exact": true}}<|stop|>'
    assert trained(tokenizer_of(HEADERS), row) == [call, "No<|stop|>"]


def test_the_end_of_a_turn_inside_an_answer_does_not_end_its_span(tokenizer_of: TokenizerOf) -> None:
    row = row_of(("user", "Say it."), ("assistant", "a<|end|>b"), ("user", "Again."), ("assistant", "c<|end|>d"))
    assert trained(tokenizer_of(DEFAULT_SYSTEM), row) == ["a<|end|>b<|end|>", "c<|end|>d<|end|>"]


def test_an_answer_that_is_context_is_not_trained(tokenizer_of: TokenizerOf) -> None:
    turns = [message.to_json() for message in CHAT.messages or ()]
    turns[2]["trained"] = False
    assert trained(tokenizer_of(HEADERS), row_from_json({"messages": turns})) == ["three<|stop|>"]


def test_a_last_answer_that_is_context_leaves_the_earlier_ones_trained(tokenizer_of: TokenizerOf) -> None:
    turns = [message.to_json() for message in CHAT.messages or ()]
    turns[4]["trained"] = False
    assert trained(tokenizer_of(HEADERS), row_from_json({"messages": turns})) == ["two<|stop|>"]


def test_an_answer_without_an_end_in_the_template_gets_the_end_token(tokenizer_of: TokenizerOf) -> None:
    template = "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"  # fmt: skip # noqa: E501
    assert trained(tokenizer_of(template), CHAT) == ["two", "three<eos>"]


def test_the_prompt_ends_where_the_generation_prompt_does(tokenizer_of: TokenizerOf) -> None:
    tokenizer = tokenizer_of(REASONING)
    (row,), (prompt,) = tokenizer.tokenized([CHAT]), tokenizer.prompts([CHAT])
    assert row.tokens[: row.prompt_length] == prompt
    assert text_of(tokenizer, prompt).endswith("3?<|end|>\n<|begin|>assistant\n")


def test_a_row_ends_with_its_last_answer(tokenizer_of: TokenizerOf) -> None:
    tokenizer = tokenizer_of(DEFAULT_SYSTEM)
    row = tokenizer.tokenized([CHAT])[0]
    assert row.tokens[-1] in tokenizer.end_ids
    assert row.answer_length == len(row.tokens) - row.prompt_length - 1


def test_a_template_that_asks_otherwise_than_it_answers_is_refused(tokenizer_of: TokenizerOf) -> None:
    template = DEFAULT_SYSTEM.replace("assistant\\n' }}", "assistant\\n<think>' }}")
    problem = refusal(tokenizer_of(template), CHAT)
    assert problem.startswith("the chat template asks for the last answer with '<think>'")


def test_a_template_that_drops_a_text_is_refused(tokenizer_of: TokenizerOf) -> None:
    problem = refusal(tokenizer_of(INSTRUCTIONS), row_from_json(CONVERSATIONS["tool"]))
    assert problem.startswith("the chat template does not write 'weather' of messages[1] as it is.")


def test_what_a_template_raises_is_the_reason(tokenizer_of: TokenizerOf) -> None:
    row = row_of(("user", "a"), ("user", "b"), ("assistant", "c"))
    assert refusal(tokenizer_of(MERGED_SYSTEM), row) == "user and assistant must take turns"


def test_every_refused_row_is_named_by_its_line(tokenizer_of: TokenizerOf) -> None:
    bad = row_of(("user", "a"), ("user", "b"), ("assistant", "c"))
    with pytest.raises(RowsRefused) as raised:
        tokenizer_of(MERGED_SYSTEM).tokenized([CHAT, bad, CHAT, bad])
    assert [finding.line for finding in raised.value.findings] == [2, 4]
    assert str(raised.value).startswith(
        "2 of 4 rows cannot be used. Line 2: user and assistant must take turns. Line 4"
    )
