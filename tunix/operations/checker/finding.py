"""Rules and findings, and the decorator that makes a function a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from django.db.models import Model

Rows = TypeVar("Rows")

UNCHECKED = "A row or a file that the rule reads does not have the form that it was written with. Restore it."
LONGEST_REASON = 200


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

    def findings(self, rows: Rows, job: object = None, trial: int | None = None) -> Iterator[Finding]:
        """Every violation of the rule in these rows. `trial`: the number of the trial that all of them concern.

        Never raises: a rule that cannot be applied is a finding, and the other rules and rows are checked all the same.
        """
        try:
            for found in self.look(rows):
                yield self.finding(found.detail, job=job, trial=trial if found.trial is None else found.trial)
        # A damaged value can make a rule raise anything.
        except Exception as error:
            row = getattr(rows, "run", rows)
            subject = f"{row._meta.verbose_name} {row.pk}: " if isinstance(row, Model) else ""
            detail = f"{subject}could not be checked: {in_short(error)}"
            yield replace(self.finding(detail, job=job, trial=trial), hint=UNCHECKED)

    def finding(self, detail: str, *, job: object = None, trial: int | None = None) -> Finding:
        """A finding of this rule."""
        return Finding(self.name, self.guarantee, detail, self.hint, None if job is None else str(job), trial)


def in_short(error: Exception) -> str:
    """An error as one short line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_REASON]


def rule(guarantee: str, *, hint: str) -> Callable[[Callable[[Rows], Iterable[Found]]], Rule[Rows]]:
    """Decorator: make a rule of a function that yields its violations."""

    def made(look: Callable[[Rows], Iterable[Found]]) -> Rule[Rows]:
        return Rule(look.__name__, guarantee, hint, look)

    return made
