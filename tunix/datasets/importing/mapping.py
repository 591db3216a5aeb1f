"""Counts what the rows of an import are: pairs or conversations, their turns, system prompts, tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tunix.pipeline.data.messages import ASSISTANT, SYSTEM
from tunix.pipeline.data.rows import Row

from .comparing import digest
from .shape import Columns

PAIRS, CONVERSATIONS = "pairs", "conversations"


@dataclass
class RowCounts:
    """What the manifest states as `mapping`, beside the columns."""

    columns: Columns
    rows: Counter[str] = field(default_factory=Counter)
    turns: Counter[int] = field(default_factory=Counter)
    """Rows by the number of their turns of the assistant."""
    marks: Counter[str] = field(default_factory=Counter)
    """Rows with a system prompt, with tools, with calls of tools, with thinking, with a rejected answer."""
    untrained_turns: int = 0
    equal_preferences: int = 0
    _systems: set[bytes] = field(default_factory=set)

    def add(self, row: Row) -> None:
        """Counts one row."""
        messages = row.messages or ()
        self.rows[CONVERSATIONS if messages else PAIRS] += 1
        answers = [message for message in messages if message.role == ASSISTANT]
        self.turns[len(answers) or 1] += 1
        self.untrained_turns += sum(not message.trained for message in answers)
        if messages and messages[0].role == SYSTEM:
            self._systems.add(digest(messages[0].content))
        self.marks.update(name for name, is_there in _marks(row) if is_there)

    @property
    def schema(self) -> str:
        """What the rows are: conversations, as soon as one is."""
        return CONVERSATIONS if self.rows[CONVERSATIONS] else PAIRS

    def report(self) -> dict[str, Any]:
        """The part of the manifest."""
        return {
            "shape": self.columns.shape,
            "columns": self.columns.report(),
            "rows": dict(self.rows),
            "turns": {str(turns): rows for turns, rows in sorted(self.turns.items())},
            "distinct_system_prompts": len(self._systems),
            "rows_with": dict(self.marks),
            "untrained_turns": self.untrained_turns,
        }

    def warnings(self) -> Iterator[str]:
        """Sentences for the person who imports."""
        if self.marks["rejected"]:
            yield (
                "Supervised training learns the chosen answers. The rejected ones are kept in the rows, and only"
                " training on preferences uses them."
            )
        if count := self.equal_preferences:
            rows, has = ("row", "has") if count == 1 else ("rows", "have")
            yield f"{count:,} {rows} {has} equal chosen and rejected answers, so the rejected ones were left out."


def _marks(row: Row) -> Iterator[tuple[str, bool]]:
    messages = row.messages or ()
    yield "system", bool(messages) and messages[0].role == SYSTEM
    yield "tools", bool(row.tools)
    yield "tool_calls", any(message.tool_calls for message in messages)
    yield "thinking", any(message.thinking for message in messages)
    yield "rejected", bool(row.rejected)
