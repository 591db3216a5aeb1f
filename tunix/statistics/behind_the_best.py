"""Compares every configuration of a search with the best of them, all at once, as configurations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import Array, residual_variance
from .results import Behind
from .seed_noise import DEVIATIONS, SeedNoise

DRAWS = 1000
SEED = 20_011_987
TAILS = 4
"""Degrees of freedom of Student's t for what a seed does: now and then a seed is far off (Lange, Little, Taylor 1989).
"""
SPREADS: Array = np.concatenate([[0.0], np.geomspace(0.002, 0.5, 50)])
ALL_EQUAL = 0.5
"""How likely it is, before any run, that no configuration is better than another."""


def behind_the_best(table: Array, runs: Sequence[int], noise: SeedNoise, confidence: float = 0.95) -> list[Behind]:
    """How far each configuration is behind the one with the best mean: valid for other seeds and other items.

    `table` has the scores of configurations by items, means over `runs` seeds each, larger is better. The errors of all
    means are drawn together: those of the items from the covariance of the rows, those of the seeds with heavy tails
    from what their deviation may be. p is the share of draws in which a configuration is as many standard errors behind
    any equal one, so that the best of all is left out in 5% (the subset selection of Gupta 1965, with unknown
    variance). It is at least the p of all being equal, by the largest difference of any two (Tukey's range): then none
    is left out.
    """
    means = table.mean(axis=1)
    best = int(means.argmax())
    weights = _by_spread(means, residual_variance(table) / table.shape[1], noise)
    errors, covariance = _errors(table, np.array(runs), weights)
    seeds = float(weights @ DEVIATIONS**2) / np.array(runs)
    variance = np.diag(covariance) + seeds
    # Items that all differ alike still leave the chance of one more.
    least = 1 / table.shape[1] ** 2
    standard = np.sqrt(np.maximum(least, variance[:, None] + variance - 2 * covariance))
    drawn = ((errors[:, None, :] - errors[:, :, None]) / standard).max(axis=2)
    differences = means[best] - means
    steps = differences / standard[best]
    all_equal = (drawn.max(axis=1) >= steps.max()).mean()
    p = np.maximum((drawn >= steps).mean(axis=0), all_equal)
    bounds = differences + np.quantile(errors[:, [best]] - errors, confidence, axis=0)
    return [Behind(float(differences[one]), float(p[one]), float(bounds[one])) for one in range(len(means))]


def _by_spread(means: Array, chance: float, noise: SeedNoise) -> Array:
    """The weights of the seed deviations, given how far apart the configurations are: the seed may be all of it."""
    variances = DEVIATIONS[:, None] ** 2 + chance + SPREADS**2 + 1e-12
    deviance = (means.size - 1) * np.log(variances) + ((means - means.mean()) ** 2).sum() / variances
    prior = np.full(SPREADS.size, (1 - ALL_EQUAL) / (SPREADS.size - 1))
    prior[0] = ALL_EQUAL
    with np.errstate(divide="ignore"):  # a deviation may be impossible by the runs
        logarithms = np.log(np.array(noise.weights))[:, None] + np.log(prior) - deviance / 2
    weights = np.exp(logarithms - logarithms.max()).sum(axis=1)
    normalized: Array = weights / weights.sum()
    return normalized


def _errors(table: Array, runs: Array, weights: Array) -> tuple[Array, Array]:
    """Draws of the error of each mean, and the covariance of the part that items cause."""
    rng = np.random.default_rng(SEED)
    count, items = table.shape
    # What all configurations share moves none of them ahead of another.
    centred = table - table.mean(axis=1, keepdims=True)
    centred = centred - centred.mean(axis=0)
    covariance = centred @ centred.T / (items * max(1, items - 1))
    values, vectors = np.linalg.eigh(covariance)
    of_items = rng.standard_normal((DRAWS, count)) @ (vectors * np.sqrt(np.maximum(0.0, values))).T
    deviations = rng.choice(DEVIATIONS, size=(DRAWS, 1), p=weights)
    return of_items + deviations * _of_seeds(rng, runs), covariance


def _of_seeds(rng: np.random.Generator, runs: Array) -> Array:
    """The mean of what the seeds of each configuration do, for a deviation of 1."""
    drawn = np.zeros((DRAWS, runs.size))
    for run in range(int(runs.max())):
        drawn += (run < runs) * rng.standard_t(TAILS, (DRAWS, runs.size))
    scaled: Array = drawn * np.sqrt((TAILS - 2) / TAILS) / runs
    return scaled
