"""Errors in imported files by place: the first ones in full, the rest only counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tunix.api.exceptions import Errors
from tunix.validation.errors import printable

MAX_FAULTS_SHOWN = 20
MAX_EQUAL_SHOWN = 3
"""Of errors with the same words, so that they leave room for others."""

MAX_FAULTS_COUNTED = 100_000
"""Of a source. Beyond that, the exact number is of no use."""


class Fault(ValueError):
    """An error in one record, or in a whole file."""


class TooManyFaults(Exception):
    """A source has so many errors that it need not be read further."""


@dataclass
class RowFaults:
    """Collects the errors of all sources; `errors()` maps paths such as `train.12` to messages."""

    shown: Errors = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[tuple[str, str], str] = field(default_factory=dict)
    """By source and message: the path where the message is shown first."""
    equal: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By source and message, for those that are shown: how often they occur."""

    def add(self, source: str, place: str, message: str) -> None:
        """Adds an error; beyond MAX_FAULTS_SHOWN, or MAX_EQUAL_SHOWN of the same, it is only counted.

        Raises TooManyFaults at MAX_FAULTS_COUNTED.
        """
        path, message = f"{source}.{place}", printable(message)
        if self.counts[source] == MAX_FAULTS_COUNTED:
            raise TooManyFaults
        self.counts[source] += 1
        is_full = sum(map(len, self.shown.values())) >= MAX_FAULTS_SHOWN
        if is_full and (source, message) not in self.first:
            return
        self.first.setdefault((source, message), path)
        self.equal[source, message] += 1
        if not is_full and self.equal[source, message] <= MAX_EQUAL_SHOWN:
            self.shown.setdefault(path, []).append(message)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def errors(self) -> Errors:
        """Messages by path, with a summary per source of the errors that are not shown."""
        errors = dict(self.shown)
        for source, count in self.counts.items():
            shown = sum(len(found) for path, found in self.shown.items() if path.partition(".")[0] == source)
            if count > shown:
                errors[source] = [self._summary(source, count, count - shown)]
        return errors

    def _summary(self, source: str, count: int, hidden: int) -> str:
        often = [
            f"{number:,} have the error that is shown at {self.first[of, message]}"
            for (of, message), number in self.equal.items()
            if of == source and number > MAX_EQUAL_SHOWN
        ]
        repeated = f" {', '.join(often)}." if often else ""
        rows = "row is" if count == 1 else "rows are"
        at_least = "Reading stopped after so many errors. " if count == MAX_FAULTS_COUNTED else ""
        return f"{at_least}{count:,} {rows} not valid; {hidden:,} of them are not listed here.{repeated}"
