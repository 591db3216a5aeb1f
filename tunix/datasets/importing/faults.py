"""Errors in imported files by line: the first ones in full, the rest only counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tunix.api.exceptions import Errors

MAX_FAULTS_SHOWN = 20


class Fault(ValueError):
    """An error in one record."""


@dataclass
class RowFaults:
    """Collects the errors of all sources; `errors()` maps paths such as `train.12` to messages."""

    shown: Errors = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, source: str, line: int, message: str) -> None:
        """Adds an error; beyond MAX_FAULTS_SHOWN it is only counted."""
        if sum(self.counts.values()) < MAX_FAULTS_SHOWN:
            self.shown.setdefault(f"{source}.{line}", []).append(message)
        self.counts[source] += 1

    def __bool__(self) -> bool:
        return bool(self.counts)

    def errors(self) -> Errors:
        """Messages by path, with a summary per source of the errors that are not shown."""
        errors = dict(self.shown)
        for source, count in self.counts.items():
            shown = sum(len(found) for path, found in self.shown.items() if path.rpartition(".")[0] == source)
            if count > shown:
                errors[source] = [f"{count} rows are not valid; {count - shown} of them are not listed here."]
        return errors
