"""Rules and findings, and the decorator that makes a function a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Rows = TypeVar("Rows")


@dataclass(frozen=True)
class Finding:
    """One violation: rule and guarantee, where it is, and what to do about it."""

    rule: str
    guarantee: str
    detail: str
    hint: str
    job: str | None = None
    trial: int | None = None


@dataclass(frozen=True)
class Found:
    """What the function of a rule yields. The rule adds the rest of a finding."""

    detail: str
    trial: int | None = None


@dataclass(frozen=True)
class Rule(Generic[Rows]):
    """A rule, named after its function."""

    name: str
    guarantee: str
    hint: str
    look: Callable[[Rows], Iterable[Found]]

    def findings(self, rows: Rows, job: object = None) -> Iterator[Finding]:
        """Every violation of the rule in these rows."""
        for found in self.look(rows):
            yield self.finding(found.detail, job=job, trial=found.trial)

    def finding(self, detail: str, *, job: object = None, trial: int | None = None) -> Finding:
        """A finding of this rule."""
        return Finding(self.name, self.guarantee, detail, self.hint, None if job is None else str(job), trial)


def rule(guarantee: str, *, hint: str) -> Callable[[Callable[[Rows], Iterable[Found]]], Rule[Rows]]:
    """Decorator: make a rule of a function that yields its violations."""

    def made(look: Callable[[Rows], Iterable[Found]]) -> Rule[Rows]:
        return Rule(look.__name__, guarantee, hint, look)

    return made
