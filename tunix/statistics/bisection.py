"""The smallest difference that does it."""

from __future__ import annotations

from collections.abc import Callable


def smallest(shows: Callable[[float], bool], steps: int = 30) -> float:
    """The smallest difference from 0 to 1 for which `shows` holds, as for all above it; 1.0 if there is none."""
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high
