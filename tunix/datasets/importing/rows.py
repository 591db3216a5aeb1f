"""Converts a record to a row: joins the parts of the prompt, extracts the answer, refuses invalid values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import regex

from tunix.pipeline.data.messages import ASSISTANT, SYSTEM, USER, Message
from tunix.pipeline.data.rows import Row
from tunix.validation.values import is_storable

from .cells import checked_text, optional_text, text_in, value_in
from .conversations import SEPARATOR, checked, extra_keys, history_of, is_list, messages_of
from .faults import Fault
from .mapping import RowCounts
from .preferences import divided, shared, turns_of
from .shape import Columns
from .tool_calls import tools_of

MAX_UNUSED = 50
PATTERN_SECONDS = 1.0
"""A pattern that takes longer for one answer backtracks too much."""
Parts = tuple[list[Message], list[Message], list[Message]]
"""The messages of the prompt, those of the answer, and those of the rejected answer."""


class PatternTooSlow(Exception):
    """The answer pattern takes too long to match."""


class RowMaker:
    """Converts records to rows. Raises Fault for an invalid record."""

    def __init__(self, columns: Columns, pattern: regex.Pattern[str] | None) -> None:
        self._columns = columns
        self._used = columns.used()
        self._pattern = pattern
        self.joined: Counter[str] = Counter()
        """Rows by the names of the parts that were joined to their prompt, such as `instruction + input`."""
        self.unused: dict[str, None] = {}
        """Columns that rows are not made of, in the order in which they were first seen."""
        self.counts = RowCounts(columns)

    def __call__(self, record: Mapping[str, Any]) -> Row:
        self._note_unused(record)
        columns = self._columns
        before, answer, rejected = self._parts(record)
        messages = self._with_inputs([*before, *answer], record)
        if self._pattern and messages[-1].role == ASSISTANT:
            messages[-1] = replace(messages[-1], content=self._extract(messages[-1].content))
        tools = tools_of(record.get(columns.tools), columns.tools) if columns.tools else ()
        if rejected and rejected == answer:
            self.counts.equal_preferences += 1
            rejected = []
        row = self._row(self._with_system(messages, record), tools, rejected, (len(before), len(answer)))
        if columns.group:
            row = replace(row, group=optional_text(record.get(columns.group), columns.group))
        self.counts.add(row)
        return row

    def _note_unused(self, record: Mapping[str, Any]) -> None:
        if len(self.unused) >= MAX_UNUSED:
            return
        found = (name for name in record if name and name not in self._used)
        self.unused.update(dict.fromkeys(islice(found, MAX_UNUSED)))
        if self._columns.is_conversation:
            column = self._columns.prompt
            self.unused.update((f"{column}[].{key}", None) for key in extra_keys(record.get(column)))

    def _parts(self, record: Mapping[str, Any]) -> Parts:
        columns = self._columns
        if columns.rejected:
            return self._preference(record)
        if columns.is_conversation:
            return [], messages_of(value_in(record, columns.prompt), columns.prompt), []
        return self._prompt(record), self._said(record, columns.answer), []

    def _prompt(self, record: Mapping[str, Any]) -> list[Message]:
        """The messages of the prompt: earlier turns, and one of the user, or those that the column lists."""
        column, history = self._columns.prompt, self._columns.history
        value = value_in(record, column)
        if is_list(value):
            return messages_of(value, column)
        earlier = history_of(record.get(history), history) if history else []
        return [*earlier, Message(USER, text_in(value, column))]

    def _said(self, record: Mapping[str, Any], column: str) -> list[Message]:
        value = value_in(record, column)
        return messages_of(value, column) if is_list(value) else [Message(ASSISTANT, text_in(value, column))]

    def _preference(self, record: Mapping[str, Any]) -> Parts:
        columns = self._columns
        chosen, rejected = (self._turns(record, name) for name in (columns.answer, columns.rejected))
        has_prompt = not columns.is_conversation
        prompt = record.get(columns.prompt)
        if has_prompt and (is_list(prompt) or chosen[0].role == ASSISTANT):
            before = self._prompt(record)
            if chosen[: len(before)] != before:
                return before, chosen, rejected
        if chosen[0].role == ASSISTANT:
            texts = divided(chosen[0].content, rejected[0].content)
            return [Message(USER, texts[0])], [Message(ASSISTANT, texts[1])], [Message(ASSISTANT, texts[2])]
        count = shared(chosen, rejected, f"{columns.answer}' and '{columns.rejected}")
        return chosen[:count], chosen[count:], rejected[count:]

    def _turns(self, record: Mapping[str, Any], column: str) -> list[Message]:
        value = value_in(record, column)
        return turns_of(value, column, "" if is_list(value) else text_in(value, column))

    def _with_inputs(self, messages: list[Message], record: Mapping[str, Any]) -> list[Message]:
        """Appends the input columns to the turn of the user that the prompt column is, or the first of a list."""
        found = [(name, part) for name in self._columns.inputs if (part := optional_text(record.get(name), name))]
        users = [index for index, message in enumerate(messages) if message.role == USER]
        if found and users:
            place = users[0 if self._columns.is_conversation else -1]
            texts = [messages[place].content, *(part for _, part in found)]
            messages[place] = replace(messages[place], content=SEPARATOR.join(texts))
            self.joined[" + ".join([self._columns.prompt, *(name for name, _ in found)])] += 1
        return messages

    def _with_system(self, messages: list[Message], record: Mapping[str, Any]) -> list[Message]:
        column = self._columns.system
        text = optional_text(record.get(column), column) if column else ""
        own = messages[0].content if messages[0].role == SYSTEM else ""
        if not text or text == own:
            return messages
        if own:
            raise Fault(f"'{column}' and the first message are two system prompts. Leave one of the two out.")
        return [Message(SYSTEM, text), *messages]

    def _row(
        self, messages: list[Message], tools: tuple[str, ...], rejected: list[Message], lengths: tuple[int, int]
    ) -> Row:
        """A pair where the messages say no more than their texts. `lengths`: those of the prompt and the answer."""
        columns = self._columns
        said = [message for message in messages if message.role != SYSTEM or message.content]
        if _is_pair(said, rejected) and not tools:
            prompt, answer = (message.content for message in said)
            texts = checked_text(prompt, columns.prompt), checked_text(answer, columns.answer)
            return Row(*texts, rejected=tuple(rejected))
        path = columns.prompt if columns.is_conversation else f"{columns.prompt} + {columns.answer}"
        first = sum(lengths) - len(messages)
        row = Row.of_messages(checked(messages, path, first=first), tools, tuple(rejected))
        if rejected:
            checked([*messages[: -lengths[1]], *rejected], columns.rejected, first=first)
        checked_text(row.prompt, path)
        checked_text(row.answer, path)
        if not all(map(is_storable, _texts([*messages, *rejected], tools))):
            raise Fault(f"'{path}' contains a NUL character or a lone surrogate.")
        return row

    def _extract(self, answer: str) -> str:
        assert self._pattern is not None  # noqa: S101  (checked by the caller)
        try:
            match = self._pattern.search(answer, timeout=PATTERN_SECONDS)
        except TimeoutError:
            raise PatternTooSlow from None
        found = match and match[self._pattern.groups]
        if not found or not found.strip():
            raise Fault(f"The answer pattern does not match '{answer[-80:]}'.")
        return found.strip()


def _is_pair(messages: Sequence[Message], rejected: Sequence[Message]) -> bool:
    """Whether one turn says no more than its texts, so that it can be stored as a pair."""
    everything = [*messages, *rejected]
    roles = [message.role for message in everything]
    has_roles = roles == [USER, ASSISTANT, *[ASSISTANT] * len(rejected)] and len(rejected) < 2
    bare = all(message == Message(message.role, message.content) for message in everything)
    return has_roles and bare and all(message.content for message in everything)


def _texts(messages: Sequence[Message], tools: tuple[str, ...]) -> list[str]:
    texts = [text for message in messages for text in (message.content, message.thinking, message.name)]
    ids = [message.tool_call_id for message in messages]
    calls = [
        text for message in messages for call in message.tool_calls for text in (call.name, call.arguments, call.id)
    ]
    return [*texts, *ids, *calls, *tools]
