from __future__ import annotations

from typing import Any

import pytest

from tunix.pipeline.data.messages import InvalidMessages, Message, ToolCall, messages_from_json, tools_from_json
from tunix.pipeline.data.rows import Row, row_from_json, row_sha256

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "How warm is it in Bern?"}
CALL = {
    "role": "assistant",
    "content": "",
    "thinking": "Look it up.",
    "tool_calls": [{"id": "c1", "name": "weather", "arguments": {"city": "Bern", "days": 1}}],
}
RESULT = {"role": "tool", "content": "", "name": "weather", "tool_call_id": "c1"}
ANSWER = {"role": "assistant", "content": "7 degrees."}
ALL = [SYSTEM, USER, CALL, RESULT, {**ANSWER, "trained": False}, USER, ANSWER]


def row_of(*messages: dict[str, Any], **more: Any) -> Row:
    return row_from_json({"messages": list(messages), **more})


def test_stored_messages_come_back_as_written() -> None:
    assert [message.to_json() for message in messages_from_json(ALL)] == ALL


def test_messages_are_hashable() -> None:
    assert len({messages_from_json(ALL), messages_from_json(ALL)}) == 1


def test_a_stored_row_comes_back_as_written() -> None:
    stored = {"messages": ALL, "tools": [{"name": "weather"}], "rejected": [{"role": "assistant", "content": "Cold."}]}
    assert row_from_json(stored).to_json() == stored


def test_templates_get_calls_as_functions_and_reasoning_by_its_usual_name() -> None:
    call = {"name": "weather", "arguments": {"city": "Bern", "days": 1}}
    assert messages_from_json(ALL)[2].for_template() == {
        "role": "assistant",
        "content": "",
        "reasoning_content": "Look it up.",
        "tool_calls": [{"id": "c1", "type": "function", "function": call}],
    }


def test_the_prompt_of_one_turn_is_its_text() -> None:
    row = row_of(SYSTEM, USER, ANSWER)
    assert (row.prompt, row.answer) == ("Be brief.\n\nHow warm is it in Bern?", "7 degrees.")


def test_the_prompt_of_several_turns_names_their_roles() -> None:
    row = row_of(USER, ANSWER, {"role": "user", "content": "And now?"}, {"role": "assistant", "content": "8."})
    assert row.prompt == "User: How warm is it in Bern?\n\nAssistant: 7 degrees.\n\nUser: And now?"
    assert row.answer == "8."


def test_an_answer_that_calls_a_tool() -> None:
    assert row_of(USER, CALL).answer == '{"name": "weather", "arguments": {"city": "Bern", "days": 1}}'


def test_a_think_block_stays_in_the_content_and_is_no_part_of_the_answer() -> None:
    row = row_of(USER, {"role": "assistant", "content": "<think>\nHm.\n</think>\n\n7"})
    assert row.messages is not None
    assert row.messages[-1].content.startswith("<think>")
    assert row.answer == "7"


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([], "messages: must be a list of messages."),
        ([USER], "messages[0]: the last turn is the user's, so there is no answer to it. Remove"),
        ([USER, ANSWER, USER], "messages[2]: the last turn is the user's"),
        ([ANSWER], "messages[0]: the assistant speaks first"),
        ([SYSTEM], "messages: only a system prompt."),
        ([SYSTEM, SYSTEM, USER, ANSWER], "messages[1]: a second system prompt. Join the two"),
        ([USER, SYSTEM, ANSWER], "messages[1]: the system prompt is not the first message."),
        ([USER, {**ANSWER, "content": " "}], "messages[1].content: is empty."),
        ([USER, {**ANSWER, "trained": False}], "messages: no turn of the assistant is trained."),
        ([USER, {"role": "bot", "content": "a"}], "messages[1].role: must be one of system, user, assistant, tool."),
        ([USER, {"role": "assistant", "text": "a"}], "messages[1].text: is not a key of a message."),
        ([USER, {"role": "assistant", "content": None}], "messages[1].content: must be text."),
        ([USER, RESULT, ANSWER], "messages[1]: the result of a tool without a call"),
        ([USER, CALL, {**RESULT, "tool_call_id": "c2"}, ANSWER], "messages[2].tool_call_id: 'c2' is not the id"),
        ([USER, {**CALL, "tool_calls": [{}]}], "messages[1].tool_calls[0]: must be an object with name"),
    ],
)
def test_what_is_not_a_conversation_is_refused_with_its_path(messages: list[Any], problem: str) -> None:
    with pytest.raises(InvalidMessages) as refusal:
        messages_from_json(messages)
    assert str(refusal.value).startswith(problem)


def test_tools_must_be_objects() -> None:
    with pytest.raises(InvalidMessages, match="objects that describe tools"):
        tools_from_json(["weather"])


def test_the_hash_of_a_pair_is_that_of_its_prompt_and_answer() -> None:
    recorded = "3554d2b8a1e34099053865de8576d1460b807430ec8c6b85315c9607ba93d308"
    assert row_sha256(Row("a", "b")) == recorded


@pytest.mark.parametrize(
    "changed",
    [
        row_of({**SYSTEM, "content": "Be kind."}, USER, ANSWER),
        row_of(SYSTEM, USER, {**ANSWER, "thinking": "Hm."}),
        row_of(SYSTEM, USER, ANSWER, tools=[{"name": "weather"}]),
        row_of(SYSTEM, USER, ANSWER, rejected=[ANSWER]),
        Row("Be brief.\n\nHow warm is it in Bern?", "7 degrees."),
    ],
)
def test_the_hash_of_a_conversation_covers_all_that_it_says(changed: Row) -> None:
    assert row_sha256(changed) != row_sha256(row_of(SYSTEM, USER, ANSWER))


def test_arguments_keep_the_order_of_their_keys() -> None:
    message = Message("assistant", "", tool_calls=(ToolCall("f", '{"b": 1, "a": 2}'),))
    assert list(message.to_json()["tool_calls"][0]["arguments"]) == ["b", "a"]
