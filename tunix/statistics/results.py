"""The types of results. Loads neither numpy nor scipy, so that pages can import it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Scores = Sequence[float | None]
Alternative = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True)
class Interval:
    """An interval for the true mean, and the method that computed it."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class SeedVariance:
    """How much a mean, or a paired difference of means, varies from seed to seed, beyond the noise of its items.

    `excess` is an unbiased estimate, which may be below 0, and `degrees` its degrees of freedom.
    """

    excess: float
    degrees: float


@dataclass(frozen=True)
class Comparison:
    """Ours minus theirs: the difference of the mean scores, its interval, the p value, and items won, lost and tied."""

    difference: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    ties: int
    items: int
    method: str


@dataclass(frozen=True)
class Behind:
    """How far a configuration is behind the best: the difference, its p, and the most that it may be (95%)."""

    difference: float
    p: float
    at_most: float
