"""What the statistics answer with. Light, so that pages may name these types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Scores = Sequence[float | None]
Alternative = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True)
class Interval:
    """Where the true mean lies, with the method that says so."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Comparison:
    """Ours against theirs: difference of the mean scores with its interval, p, and items won, lost and tied."""

    difference: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    ties: int
    items: int
    method: str
