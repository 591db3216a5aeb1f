"""What to expect of the best of many scores, which was lucky too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import Array
from .seed_noise import DEVIATIONS, SeedNoise

FEWEST = 4
SPREADS: Array = np.concatenate([[0.0], np.geomspace(0.002, 0.3, 40)])
ALL_EQUAL = 0.2
"""How likely it is, before any run, that no configuration differs from another."""
SHARED = 0.5
"""The share of a seed's effect that moves all configurations alike, as a forecast of power assumes before any run."""
TINY = 1e-12


def expected_best(values: Sequence[float], chance: float, noise: SeedNoise, runs: int = 1) -> float:
    """The expected score, with other seeds and items, of the configuration with the largest of `values`.

    Each value is drawn towards their middle by the share of its variance that is noise (empirical Bayes: Efron and
    Morris 1975). The share is averaged over what the deviation of the seeds and the spread of the true values may be,
    together: the controls' seeds say something of the one, the spread of the values of their sum. Before any run the
    spread is nothing with probability `ALL_EQUAL`, and otherwise uniform (Gelman 2006). `chance` is the variance of a
    value that single items cause; the seeds add theirs over `runs`, without what they do to all alike. The middle is
    the median, and only the values above it tell the spread: a few very bad configurations say nothing about the good
    ones. Raises ValueError for fewer than four values, of which nothing can be learned.
    """
    if len(values) < FEWEST:
        raise ValueError(f"The spread of configurations needs at least {FEWEST} of them.")
    ranked = np.sort(np.array(values, dtype=np.float64))
    middle, best = float(np.median(ranked)), float(ranked[-1])
    above = ranked[(ranked.size + 1) // 2 :] - middle
    noisy = (1 - SHARED) * DEVIATIONS[:, None] ** 2 / runs + chance + TINY
    variances = noisy + SPREADS**2
    deviance = above.size * np.log(variances) + (above**2).sum() / variances
    logarithms = np.log(np.maximum(noise.weights, TINY))[:, None] + np.log(_prior()) - deviance / 2
    weights = np.exp(logarithms - logarithms.max())
    kept = float((weights * SPREADS**2 / variances).sum() / weights.sum())
    return middle + kept * (best - middle)


def _prior() -> Array:
    """Of the spreads. They are evenly spaced on a logarithmic scale, so a uniform density grows with them."""
    weights = (1 - ALL_EQUAL) * SPREADS / SPREADS.sum()
    weights[0] = ALL_EQUAL
    return weights
