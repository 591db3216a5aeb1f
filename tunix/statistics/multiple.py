"""Corrects p values for the number of tests."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values corrected for their number, in the same order: Holm 1979, step-down.

    The k-th smallest of m is multiplied by m - k + 1, and is at least the one before it. Raises ValueError for a number
    outside 0 to 1.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("A p value must be between 0 and 1.")
    corrected = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - rank)))
        corrected[index] = largest
    return corrected
