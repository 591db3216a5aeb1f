"""Reads conversations as other tools write them: the messages of OpenAI and TRL, the turns of ShareGPT."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunix.pipeline.data.messages import (
    ASSISTANT,
    PART_SEPARATOR,
    SYSTEM,
    TOOL,
    USER,
    InvalidMessages,
    Message,
    check_conversation,
)

from .cells import text_in
from .faults import Fault
from .json_cells import json_text, unpacked
from .records import Number, kind_of
from .tool_calls import calls_in, calls_of

CONVERSATION_NAMES = ("messages", "conversations", "conversation")
SEPARATOR = PART_SEPARATOR
"""Between the parts of a prompt, such as an instruction and its input."""
_CALL = "function_call"
_LIST = re.compile(r'\s*\[\s*\{\s*"(?:role|content|from|value)"\s*:')
_ROLES = {
    "system": SYSTEM,
    "developer": SYSTEM,
    "user": USER,
    "human": USER,
    "assistant": ASSISTANT,
    "gpt": ASSISTANT,
    "model": ASSISTANT,
    _CALL: ASSISTANT,
    "tool": TOOL,
    "function": TOOL,
    "observation": TOOL,
}
_THINKING_KEYS = ("reasoning_content", "reasoning", "thinking")
_TRAINED_KEYS = ("weight", "train", "trained")
KNOWN_KEYS = {
    *("role", "from", "content", "value", "name", "tool_calls", "tool_call_id", _CALL),
    *_THINKING_KEYS,
    *_TRAINED_KEYS,
}
"""Of a message. Other keys are listed as not used."""


def is_conversation(value: Any) -> bool:
    """Whether a value is a list of messages with roles."""
    return isinstance(value, list) and bool(value) and all(_is_message(message) for message in value)


def is_list(value: Any) -> bool:
    """Whether a value is meant as a list of messages, perhaps as JSON text."""
    is_meant = isinstance(value, list) and any(map(_is_message, value))
    return is_meant or (isinstance(value, str) and _LIST.match(value) is not None)


def messages_of(value: Any, column: str) -> list[Message]:
    """The messages of a column, perhaps as JSON text, without an empty one of the system. Raises Fault.

    Their order is not checked: a column may hold only a prompt, or only an answer.
    """
    value = unpacked(value, column)
    if not is_conversation(value):
        if isinstance(value, list) and value:
            wrong = next(index for index, message in enumerate(value) if not _is_message(message))
            raise Fault(f"'{column}[{wrong}]' is not a message with 'role' and 'content'.")
        is_ = "an empty list" if value == [] else kind_of(value)
        raise Fault(f"'{column}' is not a list of messages with 'role' and 'content', but {is_}.")
    return [_message(message, f"{column}[{index}]") for index, message in enumerate(value)]


def history_of(value: Any, column: str) -> list[Message]:
    """Earlier turns, each a list of what the user and the assistant said."""
    turns = unpacked(value, column)
    if turns in (None, "", []):
        return []
    if not isinstance(turns, list) or not all(isinstance(turn, list) and len(turn) == 2 for turn in turns):
        raise Fault(f"'{column}' is not a list of turns, each a list of two texts: the user's and the assistant's.")
    return [
        Message(role, text_in(said, f"{column}[{index}]"))
        for index, turn in enumerate(turns)
        for role, said in zip((USER, ASSISTANT), turn, strict=True)
    ]


def checked(messages: Sequence[Message], path: str, *, first: int = 0) -> tuple[Message, ...]:
    """A conversation to learn from, without an empty message of the system; `first` is the index of the first message.

    Raises Fault.
    """
    kept = [message for message in messages if message.role != SYSTEM or message.content]
    try:
        check_conversation(kept, path, first=first + len(messages) - len(kept))
    except InvalidMessages as error:
        raise Fault(str(error)) from None
    return tuple(kept)


def extra_keys(value: Any) -> Iterable[str]:
    """The keys in the messages of a column that say something and are not used."""
    messages = value if isinstance(value, list) else []
    maps = (message for message in messages if isinstance(message, Mapping))
    return (key for message in maps for key in message.keys() - KNOWN_KEYS if message[key] not in (None, "", []))


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and ("role" in value or "from" in value)


def _message(message: Mapping[str, Any], path: str) -> Message:
    name = message["role"] if "role" in message else message["from"]
    role = _ROLES.get(name.strip().lower()) if isinstance(name, str) else None
    if role is None:
        shown = f"'{name[:40]}'" if isinstance(name, str) else kind_of(name)
        raise Fault(f"'{path}' has the unknown role {shown}. Known: {', '.join(_ROLES)}.")
    if str(name).strip().lower() == _CALL:
        return Message(ASSISTANT, "", tool_calls=calls_of(_written(message), f"{path}.value"))
    if role != ASSISTANT:
        names = {key: str(message.get(key) or "") for key in ("name", "tool_call_id")}
        return Message(role, _content(message, path, role), **(names if role == TOOL else {}))
    calls = calls_in(message, path)
    content = "" if calls and _written(message) is None else _content(message, path, role)
    return Message(role, content, _thinking(message, path), calls, trained=_is_trained(message, path))


def _written(message: Mapping[str, Any]) -> Any:
    return message["content"] if "content" in message else message.get("value")


def _content(message: Mapping[str, Any], path: str, role: str) -> str:
    content = _written(message)
    if role == TOOL and (content is None or isinstance(content, dict | Number)):
        return "" if content is None else json_text(content, path)
    if isinstance(content, list):
        content = _joined(content, path)
    if not isinstance(content, str):
        raise Fault(f"'{path}': the content of the {role} is {kind_of(content)}, not text.")
    return content.strip()


def _joined(parts: Sequence[Any], path: str) -> str:
    """The text of content that is written in parts."""
    texts = [part.get("text") if isinstance(part, Mapping) else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise Fault(f"'{path}' has content that is not text, such as an image. Leave the row out, or write its text.")
    return "".join(map(str, texts))


def _thinking(message: Mapping[str, Any], path: str) -> str:
    for key in _THINKING_KEYS:
        value = message.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None and not isinstance(value, str):
            raise Fault(f"'{path}.{key}' is {kind_of(value)}, not text.")
    return ""


def _is_trained(message: Mapping[str, Any], path: str) -> bool:
    for key in _TRAINED_KEYS:
        value = message.get(key)
        if value is None:
            continue
        if isinstance(value, bool):
            return value
        if isinstance(value, Number) and float(value) in (0, 1):
            return float(value) == 1
        raise Fault(f"'{path}.{key}' must be 1, or 0 for a turn that is not trained.")
    return True
