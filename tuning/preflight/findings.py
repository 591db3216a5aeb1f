"""What a check finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`problem`: the job would be refused or fail. `warning`: it would run, but look at this first."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """About one part: a field of the definition by its path, or `tokens`, `space`, `broker`, `time`, `power`."""

    level: Level
    about: str
    message: str


def ok(about: str, message: str) -> Finding:
    return Finding(Level.OK, about, message)


def warning(about: str, message: str) -> Finding:
    return Finding(Level.WARNING, about, message)


def problem(about: str, message: str) -> Finding:
    return Finding(Level.PROBLEM, about, message)


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the gravest; ok where there is none."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.OK)
