"""Scores as arrays: None becomes nan, and items without the necessary scores are dropped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .results import Scores
from .unjudged import counted

Array = NDArray[np.float64]


def as_array(scores: Scores) -> Array:
    """The scores of one run, nan for a missing one. Raises ValueError for a number outside 0 to 1."""
    values = np.array(scores, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError("The scores of a run are one number per item.")
    return _on_scale(values)


def known(scores: Scores) -> Array:
    """The scores that are not missing. Raises ValueError if there are none."""
    values = as_array(scores)
    values = values[~np.isnan(values)]
    if not values.size:
        raise ValueError("No item has a score.")
    return values


def paired(ours: Scores, theirs: Scores) -> tuple[Array, Array]:
    """Both sides, for items scored on both. Raises ValueError for different lengths, or if there is no such item."""
    first, second = as_array(ours), as_array(theirs)
    if first.size != second.size:
        raise ValueError(f"Both sides must be scored on the same items, not on {first.size} and {second.size}.")
    both = ~(np.isnan(first) | np.isnan(second))
    if not both.any():
        raise ValueError("No item has a score on both sides.")
    return first[both], second[both]


def seeds_by_items(*sides: Sequence[Scores]) -> list[Array]:
    """One array (seeds, items) per side, of the items that have a score in every seed of every side.

    Raises ValueError for fewer than 2 seeds per side, different lengths, or fewer than 2 items.
    """
    rows = [scores for side in sides for scores in side]
    if min(map(len, sides)) < 2:
        raise ValueError("Comparing configurations needs at least 2 seeds per side.")
    if len(set(map(len, rows))) > 1:
        raise ValueError("All seeds must be scored on the same items.")
    table = _on_scale(np.array(rows, dtype=np.float64))
    everywhere = ~np.isnan(table).any(axis=0)
    if everywhere.sum() < 2:
        raise ValueError("Comparing configurations needs at least 2 items that have a score in every seed.")
    ends = np.cumsum([len(side) for side in sides])[:-1]
    return np.split(table[:, everywhere], ends)


def item_variance(tables: Sequence[Scores]) -> float:
    """The variance of a mean score that is due to single items, from configurations on the same items.

    What the items do to all configurations alike is left out: it moves none of them ahead. A missing score counts as 0.
    """
    table = np.array([counted(scores) for scores in tables])
    return residual_variance(table) / table.shape[1]


def residual_variance(table: Array) -> float:
    """The variance that remains in a two-way table without repetition, beyond the means of its rows and columns."""
    rows, columns = table.shape
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    return float((rest**2).sum() / max(1, (rows - 1) * (columns - 1)))


def right_or_wrong(*values: Array) -> bool:
    """Whether every score is 0 or 1."""
    return all(bool(np.all((value == 0) | (value == 1))) for value in values)


def _on_scale(values: Array) -> Array:
    known_values = values[~np.isnan(values)]
    if known_values.size and not 0 <= known_values.min() <= known_values.max() <= 1:
        raise ValueError("A score must be between 0 and 1.")
    return values
