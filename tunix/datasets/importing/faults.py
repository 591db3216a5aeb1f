"""What is wrong with a file, by line: the first faults in full, the rest as a number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tunix.api.exceptions import Errors

MAX_FAULTS_SHOWN = 20


class Fault(ValueError):
    """One record that cannot be used."""


@dataclass
class RowFaults:
    """Collects the faults of all sources; `errors()` are paths such as `train.12` with their messages."""

    shown: Errors = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, source: str, line: int, message: str) -> None:
        """One fault; from the 21st on it is only counted."""
        if sum(self.counts.values()) < MAX_FAULTS_SHOWN:
            self.shown.setdefault(f"{source}.{line}", []).append(message)
        self.counts[source] += 1

    def __bool__(self) -> bool:
        return bool(self.counts)

    def errors(self) -> Errors:
        """The faults by path, with a last word per source on those not shown."""
        errors = dict(self.shown)
        for source, count in self.counts.items():
            shown = sum(len(found) for path, found in self.shown.items() if path.rpartition(".")[0] == source)
            if count > shown:
                errors[source] = [f"{count} rows cannot be used, {count - shown} more than are named here."]
        return errors
