"""Rows in the shapes of other tools: Alpaca, Dolly, OpenAI, TRL, ShareGPT."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.models import Dataset
from tunix.pipeline.data.rows import Row, load_split

from .making import import_train

pytestmark = pytest.mark.django_db


def dataset_of(*records: dict[str, Any], **options: Any) -> Dataset:
    return import_train("".join(json.dumps(record) + "\n" for record in records).encode(), **options)


def rows_of(*records: dict[str, Any], **options: Any) -> list[Row]:
    return load_split(dataset_of(*records, **options).folder, "train")


def errors_of(*records: dict[str, Any], **options: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        dataset_of(*records, **options)
    return error.value.errors


def said(*turns: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"role": role, "content": content} for role, content in turns]


@pytest.mark.parametrize(
    ("record", "row"),
    [
        ({"prompt": "a", "completion": " b"}, Row("a", "b")),
        ({"question": "a", "response": "b"}, Row("a", "b")),
        ({"instruction": "a", "output": "b"}, Row("a", "b")),
        ({"instruction": "a", "input": "", "output": "b", "text": "a b"}, Row("a", "b")),
        ({"instruction": "a", "input": None, "output": "b"}, Row("a", "b")),
        ({"instruction": "a", "input": "x", "output": "b"}, Row("a\n\nx", "b")),
        ({"Instruction": "a", "Input": 3, "Output": "b"}, Row("a\n\n3", "b")),
        ({"instruction": "a", "context": "x", "response": "b", "category": "qa"}, Row("a\n\nx", "b")),
        ({"instruction": "a", "input": "x", "label": "b"}, Row("a\n\nx", "b")),
        ({"Question": "a", "ANSWER": "b"}, Row("a", "b")),
        ({"question": "a", "Question": "z", "answer": "b"}, Row("a", "b")),
        ({"prompt": "a", "answer": "b", "output": "z"}, Row("a", "b")),
        ({"text": "is it", "label": True}, Row("is it", "true")),
    ],
)
def test_columns_are_recognized(record: dict[str, Any], row: Row) -> None:
    assert rows_of(record) == [row]


@pytest.mark.parametrize(
    "record",
    [
        {"messages": said(("system", "Be short."), ("user", "a"), ("assistant", "b"))},
        {"messages": said(("developer", "Be short."), ("user", " a"), ("assistant", "b "))},
        {"id": 1, "conversations": [{"from": who, "value": text} for who, text in
                                    (("system", "Be short."), ("human", "a"), ("gpt", "b"))]},
        {"prompt": said(("system", "Be short."), ("user", "a")), "completion": said(("assistant", "b"))},
        {"messages": said(("system", "Be short."), ("user", [{"type": "text", "text": "a"}]), ("assistant", "b"))},
    ],
    ids=["openai", "developer", "sharegpt", "trl", "parts"],
)  # fmt: skip
def test_conversations_of_one_turn(record: dict[str, Any]) -> None:
    (row,) = rows_of(record)
    assert (row.prompt, row.answer) == ("Be short.\n\na", "b")
    assert [message.role for message in row.messages or ()] == ["system", "user", "assistant"]


@pytest.mark.parametrize("turns", [[("system", ""), ("user", "a")], [("user", "a")]])
def test_one_turn_without_a_system_is_a_pair(turns: list[tuple[str, str]]) -> None:
    assert rows_of({"messages": said(*turns, ("assistant", "b"))}) == [Row("a", "b")]


@pytest.mark.parametrize(
    ("turns", "problem"),
    [
        ([("user", "a"), ("assistant", None)], "'messages[1]': the content of the assistant is null, not text."),
        ([("user", "a"), ("narrator", "b")], "'messages[1]' has the unknown role 'narrator'. Known: system, developer"),
        ([("user", "a"), ("tool", "b"), ("assistant", "c")], "messages[1]: the result of a tool without a call"),
        ([("assistant", "b"), ("user", "a")], "messages[0]: the assistant speaks first"),
        ([("user", "a")], "messages[0]: the last turn is the user's, so there is no answer to it. Remove"),
        ([("system", ""), ("user", "a"), ("assistant", " ")], "messages[2].content: is empty."),
        ([("system", "a"), ("system", "b"), ("user", "c"), ("assistant", "d")], "messages[1]: a second system prompt"),
        ([("user", [{"type": "image_url"}]), ("assistant", "b")], "'messages[0]' has content that is not text, such"),
    ],
)
def test_conversations_that_are_refused(turns: list[tuple[str, Any]], problem: str) -> None:
    assert errors_of({"messages": said(*turns)})["train.1"][0].startswith(problem)


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([], "'messages' is not a list of messages with 'role' and 'content', but an empty list."),
        (["a"], "'messages[0]' is not a message with 'role' and 'content'."),
        ([*said(("user", "a")), {"speaker": "gpt"}], "'messages[1]' is not a message with 'role' and 'content'."),
    ],
)
def test_lists_that_are_no_messages(messages: list[Any], problem: str) -> None:
    assert errors_of({"id": 1, "messages": messages}) == {"train.1": [problem]}


def test_messages_that_are_no_messages_in_a_later_row() -> None:
    first = {"messages": said(("user", "a"), ("assistant", "b"))}
    errors = errors_of(first, {"messages": "a"})
    assert errors == {"train.2": ["'messages' is not a list of messages with 'role' and 'content', but a text."]}


def test_an_input_that_only_later_rows_have() -> None:
    rows = rows_of({"instruction": "a", "output": "b"}, {"instruction": "a", "input": "x", "output": "c"})
    assert rows == [Row("a", "b"), Row("a\n\nx", "c")]


def test_an_input_is_kept_with_a_named_prompt_column() -> None:
    rows = rows_of({"instruction": "a", "input": "x", "output": "b"}, prompt_column="instruction")
    assert rows == [Row("a\n\nx", "b")]


@pytest.mark.parametrize("name", ["context", "passage", "Body"])
def test_a_named_input_column(name: str) -> None:
    assert rows_of({"question": "a", name: "x", "answer": "b"}, input_column=name) == [Row("a\n\nx", "b")]


def test_an_input_column_that_does_not_exist() -> None:
    errors = errors_of({"question": "a", "context": "x", "answer": "b"}, input_column="contxt")
    assert errors["input_column"][0].startswith("There is no column 'contxt'. Did you mean 'context'?")


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"input_column": "question"}, "input_column", "Must not be the column of the prompt or of the answer."),
        ({"input_column": "answer"}, "input_column", "Must not be the column of the prompt or of the answer."),
        ({"answer_column": "question"}, "answer_column", "'question' is already the column of the prompt."),
        ({"prompt_column": "answer"}, "prompt_column", "'answer' is already the column of the answer."),
        ({"prompt_column": "x", "answer_column": "x"}, "answer_column", "'x' is already the column of the prompt."),
        ({"prompt_column": "x", "input_column": "x"}, "input_column", "Must not be the column of the prompt or"),
    ],
)
def test_a_column_that_is_used_twice(options: dict[str, str], path: str, message: str) -> None:
    """Also where one of its uses is by its usual name: an answer in its own prompt would score 1."""
    errors = errors_of({"question": "a", "answer": "b", "x": "c"}, **options)
    assert list(errors) == [path]
    assert errors[path][0].startswith(message)


@pytest.mark.parametrize("option", ["prompt_column", "answer_column", "input_column", "answer_pattern"])
def test_an_option_that_cannot_be_stored(option: str) -> None:
    errors = errors_of({"prompt": "a", "answer": "b"}, **{option: "\ud800"})
    assert errors == {option: ["Contains a NUL character or a lone surrogate."]}


def test_a_nested_input_is_refused() -> None:
    errors = errors_of({"instruction": "a", "input": ["x"], "output": "b"})
    assert errors["train.1"][0].startswith("'input' is a list, not text.")


def test_the_manifest_states_how_prompts_were_joined() -> None:
    dataset = dataset_of(
        {"instruction": "a", "input": "x", "output": "b", "id": 1}, {"instruction": "a", "input": "", "output": "c"}
    )
    assert dataset.manifest_json["columns"] == {"prompt": "instruction", "answer": "output"}
    assert dataset.manifest_json["joined"] == {"separator": "\n\n", "rows": {"instruction + input": 1}}
    assert dataset.manifest_json["unused_columns"] == ["id"]


def test_ratings_are_not_taken_for_answers() -> None:
    errors = errors_of({"prompt": "a", "completion": "b", "label": True})
    assert errors["train"][0].startswith("'label' says whether each completion is good.")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"data": [{"prompt": "a", "answer": "b"}]}, "The rows seem to be in 'data', a list of objects."),
        ({"version": 1, "rows": [{"q": "a"}] * 3}, "for example with jq .rows."),
        ({"prompt": ["a", "b"], "answer": ["c", "d"]}, "The file has a list for each column."),
        ({"q": {"0": "a", "1": "b"}, "a": {"0": "c", "1": "d"}}, "in pandas with orient='records'."),
    ],
)
def test_rows_inside_one_object(record: dict[str, Any], message: str) -> None:
    assert message in errors_of(record)["train"][0]
