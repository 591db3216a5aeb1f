"""Searches for the smallest number with a property, by bisection."""

from __future__ import annotations

from collections.abc import Callable


def smallest(shows: Callable[[float], bool], steps: int = 30) -> float:
    """The smallest number from 0 to 1 for which `shows` holds, as it must for all above it; 1.0 if there is none."""
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high


def smallest_count(shows: Callable[[int], bool], most: int = 2**30) -> int:
    """The smallest count from 1 for which `shows` holds, as it must for all above it; `most` if there is none."""
    low, high = 0, 1
    while high < most and not shows(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high
