"""Compares configurations that were each trained with several seeds, on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array, seeds_by_items
from .pair_intervals import half_width
from .results import Alternative, Comparison, Interval, Scores, SeedVariance
from .sign_flips import p_of_t

NEGATIVE = 0.25
TINY = 1e-300

__all__ = [
    "Comparison",
    "Estimate",
    "compare_and_estimate",
    "compare_configurations",
    "configuration_interval",
    "error_of",
    "error_of_one_table",
    "seed_variance",
]


@dataclass(frozen=True)
class Estimate:
    """A mean over items and seeds, and the variances of that mean by their source.

    `items`: other items (or groups of them). `seeds`: other seeds; per side, with its degrees of freedom. `residual`:
    what both contain. `units`: the number of items, or of groups of them. `is_one_table`: of one side, or of pairs.
    """

    mean: float
    items: float
    seeds: tuple[tuple[float, float], ...]
    residual: float
    units: int
    is_one_table: bool

    @property
    def between(self) -> float:
        """The variance of the mean from seed to seed."""
        return sum(variance for variance, _ in self.seeds)

    @property
    def error(self) -> tuple[float, float]:
        """The standard error and its degrees of freedom."""
        compute = error_of_one_table if self.is_one_table else error_of
        error, degrees = compute(items=self.items, count=self.units, seeds=self.seeds, residual=self.residual)
        return float(error), float(degrees)


def compare_configurations(
    ours: Sequence[Scores],
    theirs: Sequence[Scores],
    alternative: Alternative = "two-sided",
    *,
    groups: Sequence[int] | None = None,
    paired: int = 0,
    alpha: float = 0.05,
    prior: SeedVariance | None = None,
) -> Comparison:
    """Ours minus theirs, as configurations: valid for other seeds and other items.

    Each inner sequence has the scores of one seed, all on the same items in the same order. Wins and losses count
    items by their mean over the seeds. Items that lack any score are dropped. The interval covers 1 - `alpha`.

    `groups` names the group of each item: items of a group resemble each other, and groups are independent. If at least
    2 seeds are `paired`, the first ones of each side, only these count, and the variance between seeds is that of their
    differences. `prior` is that variance on other items, which adds degrees of freedom. Raises ValueError for fewer
    than 2 seeds per side (3 are recommended), different lengths, or fewer than 2 items or groups.
    """
    return compare_and_estimate(ours, theirs, alternative, groups=groups, paired=paired, alpha=alpha, prior=prior)[0]


def compare_and_estimate(
    ours: Sequence[Scores],
    theirs: Sequence[Scores],
    alternative: Alternative = "two-sided",
    *,
    groups: Sequence[int] | None = None,
    paired: int = 0,
    alpha: float = 0.05,
    prior: SeedVariance | None = None,
) -> tuple[Comparison, Estimate]:
    """`compare_configurations`, and the variances that it uses."""
    first, second, units = _tables(ours, theirs, groups, paired)
    found = _estimate(first, second, units, paired, prior)
    differences = first.mean(axis=0) - second.mean(axis=0)
    error, degrees = found.error
    interval = _of_pairs(found, alpha) if paired >= 2 else _around(found.mean, error, degrees, 1 - alpha, -1.0)
    wins, losses = int(np.sum(differences > 1e-9)), int(np.sum(differences < -1e-9))
    pairs = f"t over {len(first)} pairs of seeds"
    compared = Comparison(
        difference=found.mean,
        low=interval.low,
        high=interval.high,
        p=p_of_t(found.mean / error, degrees, alternative),
        wins=wins,
        losses=losses,
        ties=differences.size - wins - losses,
        items=differences.size,
        method=pairs if paired >= 2 else f"t clustered by seed, {len(first)} against {len(second)} seeds",
    )
    return compared, found


def seed_variance(
    ours: Sequence[Scores], theirs: Sequence[Scores] | None = None, *, groups: Sequence[int] | None = None
) -> SeedVariance:
    """How much the mean score varies from seed to seed, or the difference of the means of two sides with equal seeds.

    Raises ValueError for fewer than 2 seeds, sides of different numbers of seeds, or fewer than 2 items or groups.
    """
    if theirs is None:
        (table,) = seeds_by_items(ours)
    else:
        first, second, _ = _tables(ours, theirs, None, len(ours))
        table = first - second
    side = _side(by_group(table, _units(groups, [*ours, *(theirs or ())])))
    return SeedVariance(side.between - side.residual / side.units, side.seeds - 1)


def configuration_interval(
    scores: Sequence[Scores],
    *,
    groups: Sequence[int] | None = None,
    prior: SeedVariance | None = None,
    confidence: float = 0.95,
) -> Interval:
    """The interval of a configuration's mean score, valid for other seeds and other items.

    `prior` is the variance between its seeds on other items, which adds degrees of freedom. Raises ValueError like
    `compare_configurations`.
    """
    (table,) = seeds_by_items(scores)
    grouped = by_group(table, _units(groups, scores))
    found = _of_sides(grouped.mean(axis=0), [_pooled(_side(grouped), prior)])
    return _around(found.mean, *found.error, confidence, 0.0)


def error_of(*, items: Any, count: int, seeds: Sequence[tuple[Any, Any]], residual: Any) -> tuple[Any, Any]:
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
    share = excess / np.maximum(between, TINY)
    lost = items**2 / (count - 1) + np.sqrt(share) * sum(variance**2 / freedom for variance, freedom in seeds)
    return np.sqrt(total), _degrees(total, lost)


def error_of_one_table(*, items: Any, count: int, seeds: Sequence[tuple[Any, Any]], residual: Any) -> tuple[Any, Any]:
    """The same for one table of seeds by items: the scores of one configuration, or the differences of paired seeds.

    The damping of `error_of` covers too little here if there are few seeds, so the degrees of freedom are those of
    Satterthwaite. To make up for it where seeds have no effect, the excess of the seeds may be negative by up to a
    quarter of the residual, which takes off some of what cutting it off at 0 adds on average. Both by simulation.
    """
    between = sum(variance for variance, _ in seeds)
    total = items + np.maximum(-_taken_off(items, residual), between - residual)
    lost = items**2 / (count - 1) + sum(variance**2 / freedom for variance, freedom in seeds)
    return np.sqrt(total), _degrees(total, lost)


def _taken_off(items: Any, residual: Any) -> Any:
    """The most by which the excess of the seeds may be negative."""
    return np.minimum(NEGATIVE * residual, items / 2)


def _degrees(total: Any, lost: Any) -> Any:
    """Satterthwaite's degrees of freedom, at least 1: as many where nothing varies, and nothing is known of it."""
    return np.maximum(1.0, total**2 / np.maximum(lost, TINY))


def by_group(table: Array, groups: Array | None) -> Array:
    """The columns added up by group and scaled, so that the mean of a row stays the same.

    With groups as units, the variances of this module are those of clustered items. Without groups the table itself.
    Raises ValueError for fewer than 2 groups.
    """
    if groups is None:
        return table
    names, member = np.unique(groups, return_inverse=True)
    if names.size < 2:
        raise ValueError("Comparing configurations needs at least 2 groups of items.")
    sums = np.zeros((len(table), names.size))
    np.add.at(sums.T, member, table.T)
    return sums * (names.size / table.shape[1])


@dataclass(frozen=True)
class _Side:
    """The variances of one row of a table of seeds by units: between the seeds' means, and what is left in a cell."""

    seeds: int
    between: float
    freedom: float
    residual: float
    units: int


def _side(table: Array) -> _Side:
    """The variance between the seeds' means, and the residual variance of a two-way table without repetition."""
    seeds, units = table.shape
    means = table.mean(axis=1)
    rest = table - means[:, None] - table.mean(axis=0) + table.mean()
    residual = float((rest**2).sum() / ((seeds - 1) * (units - 1)))
    return _Side(seeds, float(means.var(ddof=1)), seeds - 1, residual, units)


def _pooled(side: _Side, prior: SeedVariance | None) -> _Side:
    """With the variance between seeds averaged over these items and others, by degrees of freedom."""
    if prior is None:
        return side
    elsewhere = max(0.0, prior.excess + side.residual / side.units)
    freedom = side.freedom + prior.degrees
    between = (side.between * side.freedom + elsewhere * prior.degrees) / freedom
    return _Side(side.seeds, between, freedom, side.residual, side.units)


def _tables(
    ours: Sequence[Scores], theirs: Sequence[Scores], groups: Sequence[int] | None, paired: int
) -> tuple[Array, Array, Array | None]:
    """Both sides as arrays of the seeds and items that count, and the groups of these items."""
    if paired > min(len(ours), len(theirs)):
        raise ValueError(f"{paired} pairs of seeds need as many seeds on both sides.")
    if paired >= 2:
        ours, theirs = ours[:paired], theirs[:paired]
    first, second = seeds_by_items(ours, theirs)
    return first, second, _units(groups, [*ours, *theirs])


def _units(groups: Sequence[int] | None, rows: Sequence[Scores]) -> Array | None:
    """The groups of the items that have a score in every row."""
    if groups is None:
        return None
    everywhere = ~np.isnan(np.array(rows, dtype=np.float64)).any(axis=0)
    if len(groups) != everywhere.size:
        raise ValueError(f"{len(groups)} groups are given for {everywhere.size} items.")
    return np.asarray(groups)[everywhere]


def _estimate(first: Array, second: Array, groups: Array | None, paired: int, prior: SeedVariance | None) -> Estimate:
    if prior is not None and paired < 2:
        raise ValueError("The variance of paired differences on other items needs pairs of seeds.")
    one, other = by_group(first, groups), by_group(second, groups)
    sides = [_pooled(_side(one - other), prior)] if paired >= 2 else [_side(one), _side(other)]
    return _of_sides(one.mean(axis=0) - other.mean(axis=0), sides)


def _of_sides(means: Array, sides: Sequence[_Side]) -> Estimate:
    return Estimate(
        mean=float(means.mean()),
        items=_items_variance(means),
        seeds=tuple((side.between / side.seeds, side.freedom) for side in sides),
        residual=sum(side.residual / side.seeds for side in sides) / means.size,
        units=means.size,
        is_one_table=len(sides) == 1,
    )


def _items_variance(values: Array) -> float:
    """The variance of the mean over items; if all are equal, as if one more item had the largest difference."""
    variance = float(values.var(ddof=1))
    return (variance if variance > 1e-15 else 1 / values.size) / values.size


def _of_pairs(found: Estimate, alpha: float) -> Interval:
    ((between, freedom),) = found.seeds
    half = half_width(
        items=found.items,
        units=found.units,
        between=between,
        freedom=freedom,
        taken_off=_taken_off(found.items, found.residual),
        residual=found.residual,
        alpha=alpha,
    )
    return Interval(max(-1.0, found.mean - half), min(1.0, found.mean + half), "averaged over the variance of seeds")


def _around(mean: float, error: float, degrees: float, confidence: float, least: float) -> Interval:
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, (1 + confidence) / 2)) * error
    return Interval(max(least, mean - half), min(1.0, mean + half), "t clustered by seed")
