"""Decides whether a run is worse than a baseline by more than an allowed drop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from .results import Comparison

MOST_ITEMS = 10_000_000
"""If more items than this are needed, no number is given."""


class Finding(StrEnum):
    """`no_regression`: a larger drop than allowed is excluded. `cannot_tell`: there are too few items to decide."""

    NO_REGRESSION = "no_regression"
    REGRESSION = "regression"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Regression:
    """The finding, a sentence, and how many items would be needed to decide; None if decided, or out of reach."""

    finding: Finding
    sentence: str
    items_needed: int | None = None


def find_regression(comparison: Comparison, max_drop: float = 0.0) -> Regression:
    """Whether the interval of the difference, run minus baseline, is above -max_drop, below it, or contains it.

    A run that loses no item has not regressed, whatever its interval. Raises ValueError for a max_drop outside 0 to 1.
    """
    if not 0 <= max_drop <= 1:
        raise ValueError(f"max_drop must be between 0 and 1, not {max_drop}.")
    drop = f"a drop of more than {max_drop:g}"
    if comparison.losses == 0:
        return Regression(Finding.NO_REGRESSION, f"No regression: none of {comparison.items} items is worse.")
    if comparison.low >= -max_drop:
        return Regression(Finding.NO_REGRESSION, f"No regression: {_numbers(comparison)} excludes {drop}.")
    if comparison.high < -max_drop:
        return Regression(Finding.REGRESSION, f"Regression: {_numbers(comparison)} is {drop}.")
    needed = items_needed(comparison, max_drop)
    more = f"about {needed:,} items would tell" if needed else "no number of items within reach would tell"
    sentence = f"Cannot tell: {_numbers(comparison)} neither shows nor excludes {drop} with {comparison.items} items;"
    return Regression(Finding.CANNOT_TELL, f"{sentence} {more}.", needed)


def items_needed(comparison: Comparison, max_drop: float) -> int | None:
    """How many items would decide, if the difference stayed the same: the interval narrows with their square root.

    None for more than MOST_ITEMS, for instance if the difference equals the allowed drop.
    """
    margin = comparison.difference + max_drop
    half = comparison.difference - comparison.low if margin > 0 else comparison.high - comparison.difference
    if abs(margin) * MOST_ITEMS**0.5 <= half * comparison.items**0.5:
        return None
    return max(comparison.items + 1, ceil(comparison.items * (half / margin) ** 2))


def _numbers(comparison: Comparison) -> str:
    return f"{comparison.difference:+.3f} [{comparison.low:+.3f}, {comparison.high:+.3f}]"
