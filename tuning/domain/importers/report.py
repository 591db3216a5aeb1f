"""The report of an import: every step, with the words of the source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tunix.validation.errors import InvalidInput, printable

Level = Literal["translated", "lossy", "refused"]
MAX_WORDS = 300


class InvalidImport(InvalidInput):
    """A definition that cannot be read at all; `errors` is keyed by path."""


@dataclass(frozen=True)
class Note:
    """One step: its path and text in the source, whether anything was lost, and what it became."""

    path: str
    source: str
    level: Level
    message: str


@dataclass(frozen=True)
class Unmapped:
    """A parameter or metric whose name does not exist here, and the probable name (empty when unknown)."""

    name: str
    kind: Literal["parameter", "metric"]
    definition: Mapping[str, Any]
    suggestion: str


@dataclass
class Imported:
    """The result of an import: `space`, `constraints` and `job` are parts of a request that creates a job."""

    tool: str
    space: dict[str, Any] = field(default_factory=dict)
    constraints: list[str] = field(default_factory=list)
    job: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    unmapped: list[Unmapped] = field(default_factory=list)
    report: list[Note] = field(default_factory=list)

    @property
    def refused(self) -> list[Note]:
        """The steps that failed."""
        return [note for note in self.report if note.level == "refused"]

    @property
    def suggestions(self) -> dict[str, str]:
        """The suggestions, in the form of `names`."""
        return {item.name: item.suggestion for item in self.unmapped if item.suggestion}

    def to_json(self) -> dict[str, Any]:
        """The answer of the API and of the command."""
        return {
            "tool": self.tool,
            "search_space_json": self.space,
            "constraints_json": self.constraints,
            "job": self.job,
            "names": self.names,
            "suggestions": self.suggestions,
            "unmapped": [asdict(item) for item in self.unmapped],
            "report": [asdict(note) for note in self.report],
        }


def words_of(data: Any) -> str:
    """The text of the source: text and Python unchanged, other data as JSON; shortened when long."""
    text = data if isinstance(data, str) else getattr(data, "words", None)
    return printable(text or json.dumps(data, ensure_ascii=False, default=str), MAX_WORDS)
