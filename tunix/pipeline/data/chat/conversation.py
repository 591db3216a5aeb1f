"""A row as the conversation that a chat template renders: the job's system prompt, its examples, then the row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tunix.pipeline.data.chat.rendering import Request
from tunix.pipeline.data.messages import ASSISTANT, SYSTEM, USER, Message
from tunix.pipeline.data.rows import Row
from tunix.pipeline.spec import PromptSpec


@dataclass(frozen=True)
class Conversation:
    """Messages that end with an answer, and the indices of the answers to learn, in order."""

    messages: tuple[Message, ...]
    trained: tuple[int, ...]
    tools: tuple[dict[str, Any], ...] = ()

    @property
    def last(self) -> int:
        """The index of the last message, which is an answer."""
        return len(self.messages) - 1

    def request(self, length: int | None = None, *, generation_prompt: bool = False) -> Request:
        """Its first `length` messages, or all."""
        messages = [message.for_template() for message in self.messages[:length]]
        return Request(messages, self.tools, generation_prompt)

    def with_content(self, index: int, content: str) -> Request:
        """All messages, with another content of one."""
        request = self.request()
        changed = {**request.messages[index], "content": content}
        return Request([*request.messages[:index], changed, *request.messages[index + 1 :]], self.tools)


def conversation_of(row: Row, prompt: PromptSpec, examples: Sequence[Row] = ()) -> Conversation:
    """The row after the examples, which are turns before its own and are not trained.

    The system prompt of the job comes first, unless the row has its own. `prompt.template` is put around the prompt of
    a pair; the messages of a conversation stay as they are.
    """
    own = _messages(row, prompt)
    system = [message for message in own if message.role == SYSTEM]
    if not system and prompt.system:
        system = [Message(SYSTEM, prompt.system)]
    shown = [message for row in examples for message in _messages(row, prompt)]
    before = [*system, *(message for message in shown if message.role != SYSTEM)]
    messages = (*before, *(message for message in own if message.role != SYSTEM))
    trained = (
        index
        for index in range(len(before), len(messages))
        if messages[index].role == ASSISTANT and messages[index].trained
    )
    return Conversation(messages, tuple(trained), tuple(json.loads(tool) for tool in row.tools))


def prompt_text(prompt: PromptSpec, text: str) -> str:
    """The text of a prompt in the job's template."""
    return prompt.template.replace("{prompt}", text)


def _messages(row: Row, prompt: PromptSpec) -> tuple[Message, ...]:
    if row.messages is not None:
        return row.messages
    return Message(USER, prompt_text(prompt, row.prompt)), Message(ASSISTANT, row.answer)
