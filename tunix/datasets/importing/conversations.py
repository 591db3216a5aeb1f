"""Conversations of one turn: the messages of OpenAI and TRL, and the conversations of ShareGPT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .faults import Fault
from .records import kind_of

CONVERSATION_NAMES = ("messages", "conversations", "conversation")
SEPARATOR = "\n\n"
"""Between the parts of a prompt, such as the text of the system and that of the user."""
_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
}
_SYSTEM, _USER, _ASSISTANT = "system", "user", "assistant"
PARTS = [_SYSTEM, _USER]
"""The roles whose texts make a prompt."""
_ONE_TURN = (
    "Only conversations of one turn can be imported: at most one message of the system, one of the user and one of the"
    " assistant, in this order. Write each turn as a row with 'prompt' and 'answer'."
)


def is_conversation(value: Any) -> bool:
    """Whether a value is a list of messages with roles."""
    return isinstance(value, list) and bool(value) and all(_is_message(message) for message in value)


def turn_of(value: Any, column: str) -> tuple[list[str], str]:
    """The parts of the prompt, and the answer, of a conversation of one turn. Raises Fault."""
    roles, texts = _read(value, column)
    if roles not in ([_USER, _ASSISTANT], [_SYSTEM, _USER, _ASSISTANT]):
        raise Fault(f"'{column}' is not one turn. {_ONE_TURN}")
    return texts[:-1], texts[-1]


def prompt_parts_of(value: Any, column: str) -> list[str]:
    """The parts of a prompt that is written as messages. Raises Fault."""
    roles, texts = _read(value, column)
    if roles not in ([_USER], [_SYSTEM, _USER]):
        raise Fault(f"'{column}' is not one message of the user. {_ONE_TURN}")
    return texts


def answer_of(value: Any, column: str) -> str:
    """An answer that is written as messages. Raises Fault."""
    roles, texts = _read(value, column)
    if roles != [_ASSISTANT]:
        raise Fault(f"'{column}' is not one message of the assistant. {_ONE_TURN}")
    return texts[0]


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and ("role" in value or "from" in value)


def _read(value: Any, column: str) -> tuple[list[str], list[str]]:
    """The role and the text of each message; a message of the system without text does not count."""
    if not is_conversation(value):
        if isinstance(value, list) and value:
            raise Fault(f"'{column}' has an item that is not a message with 'role' and 'content'.")
        is_ = "an empty list" if value == [] else kind_of(value)
        raise Fault(f"'{column}' is not a list of messages with 'role' and 'content', but {is_}.")
    roles = [_role(message, column) for message in value]
    if len(roles) > len(set(roles)):
        raise Fault(f"'{column}' has more than one turn. {_ONE_TURN}")
    texts = [_content(message, column, role) for message, role in zip(value, roles, strict=True)]
    kept = [index for index, role in enumerate(roles) if role != _SYSTEM or texts[index]]
    return [roles[index] for index in kept], [texts[index] for index in kept]


def _role(message: Mapping[str, Any], column: str) -> str:
    name = message.get("role", message.get("from"))
    role = _ROLES.get(name) if isinstance(name, str) else None
    if role is None:
        shown = f"'{str(name)[:40]}'" if isinstance(name, str) else kind_of(name)
        raise Fault(f"'{column}' has a message with the role {shown}. {_ONE_TURN}")
    return role


def _content(message: Mapping[str, Any], column: str, role: str) -> str:
    content = message.get("content", message.get("value"))
    if isinstance(content, list):
        content = _joined(content, column)
    if not isinstance(content, str):
        raise Fault(f"In '{column}', the content of the {role} is {kind_of(content)}, not text.")
    if not content.strip() and role != _SYSTEM:
        raise Fault(f"In '{column}', the content of the {role} is empty.")
    return content.strip()


def _joined(parts: Sequence[Any], column: str) -> str:
    """The text of content that is written in parts."""
    texts = [part.get("text") if isinstance(part, Mapping) else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise Fault(f"In '{column}', a message has content that is not text, such as an image or a call of a tool.")
    return "".join(map(str, texts))
