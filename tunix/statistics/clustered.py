"""Compares configurations that were each trained with several seeds, on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array, seeds_by_items
from .results import Alternative, Comparison, Interval, Scores
from .sign_flips import p_of_t

__all__ = ["Comparison", "compare_configurations", "configuration_interval"]


def compare_configurations(
    ours: Sequence[Scores], theirs: Sequence[Scores], alternative: Alternative = "two-sided", confidence: float = 0.95
) -> Comparison:
    """Ours minus theirs, as configurations: valid for other seeds and other items.

    Each inner sequence has the scores of one seed, all on the same items in the same order. Wins and losses count
    items by their mean over the seeds. Items that lack any score are dropped. Raises ValueError for fewer than 2 seeds
    per side (3 are recommended), different lengths, or fewer than 2 items.
    """
    first, second = seeds_by_items(ours, theirs)
    differences = first.mean(axis=0) - second.mean(axis=0)
    one, other = _side(first), _side(second)
    error, degrees = error_of(
        items=_items_variance(differences),
        count=differences.size,
        seeds=[(one.between / one.seeds, one.seeds - 1), (other.between / other.seeds, other.seeds - 1)],
        residual=(one.residual / one.seeds + other.residual / other.seeds) / differences.size,
    )
    difference = float(differences.mean())
    interval = _around(difference, float(error), float(degrees), confidence, -1.0)
    wins, losses = int(np.sum(differences > 1e-9)), int(np.sum(differences < -1e-9))
    return Comparison(
        difference=difference,
        low=interval.low,
        high=interval.high,
        p=p_of_t(difference / float(error), float(degrees), alternative),
        wins=wins,
        losses=losses,
        ties=differences.size - wins - losses,
        items=differences.size,
        method=f"t clustered by seed, {one.seeds} against {other.seeds} seeds",
    )


def configuration_interval(
    scores: Sequence[Scores], others: Sequence[Scores] = (), confidence: float = 0.95
) -> Interval:
    """The interval of a configuration's mean score, valid for other seeds and other items.

    `others` are seeds of another configuration on the same items. They add degrees of freedom to the estimated effect
    of the seed, which makes the interval narrower if there are few seeds. Raises ValueError like
    `compare_configurations`.
    """
    table, *rest = seeds_by_items(scores, others) if others else seeds_by_items(scores)
    sides = [_side(table), *map(_side, rest)]
    freedom = sum(side.seeds - 1 for side in sides)
    between = sum(side.between * (side.seeds - 1) for side in sides) / freedom
    residual = sum(side.residual * (side.seeds - 1) for side in sides) / freedom
    seeds, count = table.shape
    means = table.mean(axis=0)
    error, degrees = error_of(
        items=_items_variance(means),
        count=count,
        seeds=[(between / seeds, freedom)],
        residual=residual / seeds / count,
    )
    return _around(float(means.mean()), float(error), float(degrees), confidence, 0.0)


def error_of(*, items: Any, count: int, seeds: Sequence[tuple[Any, int]], residual: Any) -> tuple[Any, Any]:
    """Standard error of a mean over items and seeds, and its degrees of freedom. Numbers or arrays of them.

    `items` is the variance of the mean over `count` items. `seeds` has, per side, the variance of the mean over its
    seeds and its degrees of freedom. `residual` is the part that both contain. The result is items plus seeds minus the
    residual, which would otherwise count twice (Cameron, Gelbach and Miller 2011; Owen 2007), and never less than the
    items alone. Degrees of freedom are by Satterthwaite 1946, as in Welch's test. The seeds' effect on them is damped
    by the square root of the share of their variance that is not residual. Without damping, intervals cover too much
    if seeds have no effect; with the share itself, they cover too little if seeds have one (see docs/statistics.md).
    """
    between = sum(variance for variance, _ in seeds)
    excess = np.maximum(0.0, between - residual)
    total = items + excess
    share = excess / np.maximum(between, 1e-300)
    lost = items**2 / (count - 1) + np.sqrt(share) * sum(variance**2 / freedom for variance, freedom in seeds)
    return np.sqrt(total), np.maximum(1.0, total**2 / lost)


@dataclass(frozen=True)
class _Side:
    seeds: int
    between: float
    residual: float


def _side(table: Array) -> _Side:
    """The variance between the seeds' means, and the residual variance of a two-way table without repetition."""
    seeds, items = table.shape
    means = table.mean(axis=1)
    rest = table - means[:, None] - table.mean(axis=0) + table.mean()
    return _Side(seeds, float(means.var(ddof=1)), float((rest**2).sum() / ((seeds - 1) * (items - 1))))


def _items_variance(values: Array) -> float:
    """The variance of the mean over items; if all are equal, as if one more item had the largest difference."""
    variance = float(values.var(ddof=1))
    return (variance if variance > 1e-15 else 1 / values.size) / values.size


def _around(mean: float, error: float, degrees: float, confidence: float, least: float) -> Interval:
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, (1 + confidence) / 2)) * error
    return Interval(max(least, mean - half), min(1.0, mean + half), "t clustered by seed")
