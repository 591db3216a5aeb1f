"""The messages of a conversation: their stored form, the form that chat templates take, and what they must be.

A stored message is an object with these keys; all but `role` and `content` are left out where they say nothing:

- `role`: system, user, assistant or tool.
- `content`: text; empty only beside `tool_calls`, and for a tool without a result.
- `thinking`: the reasoning of an assistant that its file had in a key of its own. A `<think>` block inside `content`
  stays there as it was written, because only some templates know the key.
- `tool_calls`: a list of `name`, `arguments` (an object) and, if the file had one, `id`.
- `name`, `tool_call_id`: of a tool's result.
- `trained`: false for a turn of the assistant that is only context, such as `weight: 0` of OpenAI's files. Spans of
  trained tokens must leave it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SYSTEM, USER, ASSISTANT, TOOL = ROLES = ("system", "user", "assistant", "tool")
THINK_START, THINK_END = "<think>", "</think>"
PART_SEPARATOR = "\n\n"
"""Between the parts of a readable prompt."""
Problem = tuple[int | None, str]
"""The index of the message that has it, or None for the whole, and what the error says after its path."""
_KEYS = {"role", "content", "thinking", "tool_calls", "name", "tool_call_id", "trained"}


class InvalidMessages(ValueError):
    """Messages that are not a conversation to learn from. The text begins with the path, such as `messages[2].role`."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool; `arguments` is the JSON text of an object, its keys in the order of the file."""

    name: str
    arguments: str = "{}"
    id: str = ""

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        call = {"name": self.name, "arguments": json.loads(self.arguments)}
        return {"id": self.id, **call} if self.id else call

    def for_template(self) -> dict[str, Any]:
        """The form that chat templates take."""
        function = {"name": self.name, "arguments": json.loads(self.arguments)}
        return {**({"id": self.id} if self.id else {}), "type": "function", "function": function}

    @property
    def text(self) -> str:
        """The call as readable text."""
        return f'{{"name": {json.dumps(self.name, ensure_ascii=False)}, "arguments": {self.arguments}}}'


@dataclass(frozen=True, slots=True)
class Message:
    """One message; see the module's docstring. Only an assistant has `thinking`, `tool_calls` and `trained`."""

    role: str
    content: str
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    name: str = ""
    tool_call_id: str = ""
    trained: bool = True

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        optional = {
            "thinking": self.thinking,
            "tool_calls": [call.to_json() for call in self.tool_calls],
            "name": self.name,
            "tool_call_id": self.tool_call_id,
        }
        stored = {
            "role": self.role,
            "content": self.content,
            **{key: value for key, value in optional.items() if value},
        }
        return stored if self.trained else {**stored, "trained": False}

    def for_template(self) -> dict[str, Any]:
        """The form that chat templates take, with the reasoning under the name that templates know."""
        optional = {
            "reasoning_content": self.thinking,
            "tool_calls": [call.for_template() for call in self.tool_calls],
            "name": self.name,
            "tool_call_id": self.tool_call_id,
        }
        return {"role": self.role, "content": self.content, **{key: value for key, value in optional.items() if value}}

    @property
    def text(self) -> str:
        """The content without a leading `<think>` block, and below it the calls of tools: what a judge compares."""
        content = without_thinking(self.content) if self.role == ASSISTANT else self.content
        return "\n".join(part for part in (content, *(call.text for call in self.tool_calls)) if part)


def without_thinking(text: str) -> str:
    """`text` after the `<think>` block that it begins with; all of it where the block is missing or not closed."""
    if not text.lstrip().startswith(THINK_START):
        return text
    _, end, rest = text.partition(THINK_END)
    return rest.strip() if end else text


def readable_prompt(messages: Sequence[Message]) -> str:
    """The text of the messages that come before the last turn of the assistant.

    One turn of the user, after that of the system if there is one, is its text alone. Otherwise each turn begins
    with its role.
    """
    before = messages[: last_turn(messages)]
    if [message.role for message in before if message.role != SYSTEM] == [USER]:
        return PART_SEPARATOR.join(message.text for message in before)
    return PART_SEPARATOR.join(f"{message.role.title()}: {message.text}" for message in before)


def last_turn(messages: Sequence[Message]) -> int:
    """The index of the last turn of the assistant. Raises InvalidMessages if there is none."""
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].role == ASSISTANT:
            return index
    raise InvalidMessages("messages: there is no turn of the assistant.")


def messages_from_json(value: Any, path: str = "messages") -> tuple[Message, ...]:
    """The messages of a stored line. Raises InvalidMessages unless they are a conversation to learn from."""
    if not isinstance(value, list) or not value:
        raise InvalidMessages(f"{path}: must be a list of messages.")
    messages = tuple(message_from_json(item, f"{path}[{index}]") for index, item in enumerate(value))
    check_conversation(messages, path)
    return messages


def message_from_json(value: Any, path: str) -> Message:
    """One stored message. Raises InvalidMessages."""
    if not isinstance(value, dict):
        raise InvalidMessages(f"{path}: must be an object with role and content.")
    if unknown := sorted(set(value) - _KEYS):
        raise InvalidMessages(f"{path}.{unknown[0]}: is not a key of a message.")
    if value.get("role") not in ROLES:
        raise InvalidMessages(f"{path}.role: must be one of {', '.join(ROLES)}.")
    texts = {key: value.get(key, "") for key in ("content", "thinking", "name", "tool_call_id")}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise InvalidMessages(f"{path}.{key}: must be text.")
    calls = value.get("tool_calls", [])
    if not isinstance(calls, list) or value.get("trained", True) not in (True, False):
        raise InvalidMessages(f"{path}: tool_calls must be a list, and trained true or false.")
    found = tuple(_call_from_json(call, f"{path}.tool_calls[{index}]") for index, call in enumerate(calls))
    return Message(value["role"], **texts, tool_calls=found, trained=value.get("trained", True))


def tools_from_json(value: Any, path: str = "tools") -> tuple[str, ...]:
    """The descriptions of tools as JSON texts. Raises InvalidMessages unless each is an object."""
    if not isinstance(value, list) or not all(isinstance(tool, dict) and tool for tool in value):
        raise InvalidMessages(f"{path}: must be a list of objects that describe tools.")
    return tuple(json.dumps(tool, ensure_ascii=False) for tool in value)


def check_conversation(messages: Sequence[Message], path: str = "messages", *, first: int = 0) -> None:
    """Raises InvalidMessages unless the messages end with an answer to learn, and each result has its call.

    `first` is the index of the first message in what the reader of the error looks at.
    """
    for check in (_order, _contents, _results):
        for at, problem in check(messages):
            raise InvalidMessages(f"{path if at is None else f'{path}[{first + at}]'}{problem}")


def _order(messages: Sequence[Message]) -> Iterator[Problem]:
    for index, message in enumerate(messages):
        if message.role == SYSTEM and index:
            again = ": a second system prompt. Join the two into the first message."
            late = ": the system prompt is not the first message. Move it to the front."
            yield index, again if messages[0].role == SYSTEM else late
    start = next((index for index, message in enumerate(messages) if message.role != SYSTEM), None)
    if start is None:
        yield None, ": only a system prompt. Add a turn of the user, and the answer of the assistant."
    elif messages[start].role == ASSISTANT:
        yield (
            start,
            ": the assistant speaks first, so there is nothing that it answers. Remove this message, or put the"
            " user's before it.",
        )
    if messages and messages[-1].role != ASSISTANT:
        yield (
            len(messages) - 1,
            f": the last turn is the {messages[-1].role}'s, so there is no answer to it. Remove the messages after the"
            " last one of the assistant, or add the answer.",
        )
    if not any(message.role == ASSISTANT and message.trained for message in messages):
        yield None, ": no turn of the assistant is trained. Give one a weight of 1, or leave the row out."


def _contents(messages: Sequence[Message]) -> Iterator[Problem]:
    for index, message in enumerate(messages):
        if message.role != TOOL and not message.tool_calls and not message.content.strip():
            yield index, f".content: is empty. Give the {message.role} a text, or remove the message."


def _results(messages: Sequence[Message]) -> Iterator[Problem]:
    """Results of tools without a call: they follow the turn that calls them, and have its id where both have one."""
    calls: tuple[ToolCall, ...] = ()
    for index, message in enumerate(messages):
        if message.role != TOOL:
            calls = message.tool_calls
            continue
        ids = {call.id for call in calls if call.id}
        if not calls:
            yield index, ": the result of a tool without a call: no turn with tool_calls comes before it."
        elif ids and message.tool_call_id and message.tool_call_id not in ids:
            wrong = message.tool_call_id[:60]
            yield index, f".tool_call_id: '{wrong}' is not the id of a call in the turn before it."


def _call_from_json(value: Any, path: str) -> ToolCall:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"]:
        raise InvalidMessages(f"{path}: must be an object with name and arguments.")
    arguments: Any = value.get("arguments", {})
    if not isinstance(arguments, Mapping):
        raise InvalidMessages(f"{path}.arguments: must be an object.")
    return ToolCall(value["name"], json.dumps(arguments, ensure_ascii=False), str(value.get("id", "")))
