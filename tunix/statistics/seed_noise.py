"""How much the seed of a training changes its score, from configurations that were trained with several seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Array, residual_variance, seeds_by_items
from .results import Scores

DEVIATIONS: Array = np.concatenate([[0.0], np.geomspace(0.001, 0.15, 40)])
TYPICAL, SPREAD, NO_EFFECT = 0.02, 0.5, 0.1
"""Before any run: median and logarithmic deviation of the seed deviation (95%: 0.75 to 5.3 points), and the weight of
no effect at all. Of ten jobs measured, it was 1.1 to 4.2 points."""
TINY = 1e-8


@dataclass(frozen=True)
class SeedNoise:
    """The standard deviation of a configuration's score over training seeds, without what chance does to single items.

    `deviation` is its estimate, of `degrees` of freedom, and `weights` how likely each of `DEVIATIONS` is by the runs.
    """

    deviation: float
    degrees: int
    weights: tuple[float, ...]

    def variance(self) -> float:
        """The expected square of the deviation."""
        return float(np.dot(self.weights, DEVIATIONS**2))


def seed_noise(configurations: Iterable[Sequence[Scores]]) -> SeedNoise | None:
    """What the seeds of each configuration show together; None if none has two. All are scored on the same items.

    The variance between the means of a configuration's seeds is that of the seed plus 1/n of the residual variance of
    single items. Few seeds say little of a variance, so what they say is weighed with what was measured before: the
    likelihood of the pooled variance (chi-square, with its degrees of freedom) times `TYPICAL` and `SPREAD`. Raises
    ValueError like `seeds_by_items`.
    """
    tables = [seeds_by_items(seeds)[0] for seeds in configurations if len(seeds) > 1]
    degrees = sum(len(table) - 1 for table in tables)
    if not degrees:
        return None
    between = sum(float(table.mean(axis=1).var(ddof=1)) * (len(table) - 1) for table in tables) / degrees
    chance = sum(residual_variance(table) / table.shape[1] * (len(table) - 1) for table in tables) / degrees
    variances = DEVIATIONS**2 + chance + TINY
    logarithms = _prior_logarithms() - degrees / 2 * (np.log(variances) + between / variances)
    weights = np.exp(logarithms - logarithms.max())
    return SeedNoise(float(np.sqrt(max(0.0, between - chance))), degrees, tuple(weights / weights.sum()))


def _prior_logarithms() -> Array:
    """The deviations above 0 are evenly spaced on a logarithmic scale."""
    weights = np.exp(-0.5 * (np.log(np.maximum(DEVIATIONS, TINY) / TYPICAL) / SPREAD) ** 2)
    weights[0] = NO_EFFECT / (1 - NO_EFFECT) * weights[1:].sum()
    logarithms: Array = np.log(weights)
    return logarithms
