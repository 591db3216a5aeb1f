"""The shape of a record: which columns make a row, and what people call such a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .conversations import is_conversation
from .json_cells import holds_list
from .preferences import CHOSEN, REJECTED
from .records import Sample

INSTRUCTION = "instruction"
INSTRUCTION_ANSWERS = ("output", "response")
SYSTEM_NAMES = ("system", "system_prompt")
TOOL_NAMES = ("tools", "functions")
HISTORY = "history"
_SHAPES = {"output": "Alpaca", "response": "Dolly"}


@dataclass(frozen=True)
class Columns:
    """Where the parts of a row come from. In a conversation, `prompt` and `answer` are the same column."""

    prompt: str
    answer: str
    inputs: tuple[str, ...] = ()
    """The columns appended to the prompt where a record has text in them."""
    rejected: str = ""
    system: str = ""
    tools: str = ""
    history: str = ""
    group: str = ""
    shape: str = ""
    """What people call such a file."""

    @property
    def is_conversation(self) -> bool:
        return self.prompt == self.answer

    def used(self) -> set[str]:
        """All columns that rows are made of."""
        optional = {self.rejected, self.system, self.tools, self.history, self.group} - {""}
        return {self.prompt, self.answer, *self.inputs, *optional}

    def report(self) -> dict[str, Any]:
        """The columns by what they are used for, as the manifest has them."""
        named = {"inputs": list(self.inputs), "system": self.system, "history": self.history, "tools": self.tools}
        named["group"] = self.group
        both = {"messages": self.prompt} if self.is_conversation else {"prompt": self.prompt, "answer": self.answer}
        if self.rejected:
            both = {**({} if self.is_conversation else {"prompt": self.prompt}), CHOSEN: self.answer}
            named[REJECTED] = self.rejected
        return {**both, **{use: name for use, name in named.items() if name}}


def completed(chosen: Columns, sample: Sample) -> Columns:
    """The columns with those that go with them by their usual names: system prompts, tools, earlier turns."""
    taken = chosen.used()
    found = replace(
        chosen,
        system=_first(SYSTEM_NAMES, sample, taken, lambda value: isinstance(value, str)),
        tools=_first(TOOL_NAMES, sample, taken, holds_list),
        history="" if chosen.is_conversation else _first((HISTORY,), sample, taken, holds_list),
    )
    return replace(found, shape=_shape(found, sample.record))


def _first(names: Sequence[str], sample: Sample, taken: set[str], fits: Any) -> str:
    """The first column with one of `names` that fits, or has nothing in the first record."""
    for name in names:
        for column in sample.columns:
            value = sample.record.get(column)
            is_known = column in sample.record and column not in taken and column.lower() == name
            if is_known and (value in (None, "") or fits(value)):
                return column
    return ""


def _shape(columns: Columns, record: Mapping[str, Any]) -> str:
    if columns.rejected:
        return "preferences that share their prompt" if columns.is_conversation else "preferences with a prompt"
    if columns.is_conversation:
        value = record.get(columns.prompt)
        first = value[0] if isinstance(value, list) and is_conversation(value) else {}
        return "ShareGPT" if "from" in first or "'from'" in str(value)[:20].replace('"', "'") else "messages"
    if columns.prompt.lower() == INSTRUCTION and columns.answer.lower() in _SHAPES:
        return _SHAPES[columns.answer.lower()]
    is_list = is_conversation(record.get(columns.prompt))
    return "prompt and completion as messages" if is_list else "prompt and answer"
