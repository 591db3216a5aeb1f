"""What to expect of the best of many scores, which was lucky too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .seed_noise import DEVIATIONS, SeedNoise

FEWEST = 4


def expected_best(values: Sequence[float], chance: float, noise: SeedNoise, runs: int = 1) -> float:
    """The expected score, with other seeds and items, of the configuration with the largest of `values`.

    Empirical Bayes (Efron and Morris 1975): the values are drawn towards their middle by the share of their spread that
    is noise, times (k - 3) / (k - 1) for k values, because their spread is an estimate too. `chance` is the variance of
    a value that single items cause, and the seeds add their variance over `runs`. The middle is the median, and the
    spread that of the upper half around it: a few very bad configurations say nothing about the good ones. The share
    is averaged over what the seed deviation may be. Raises ValueError for fewer than four values, of which nothing can
    be learned.
    """
    if len(values) < FEWEST:
        raise ValueError(f"The spread of configurations needs at least {FEWEST} of them.")
    ranked = np.sort(np.array(values, dtype=np.float64))
    middle, best = float(np.median(ranked)), float(ranked[-1])
    spread = float(((ranked[ranked.size // 2 :] - middle) ** 2).mean())
    if spread == 0:
        return best
    noisy = (ranked.size - 3) / (ranked.size - 1) * (DEVIATIONS**2 / runs + chance)
    kept = np.maximum(0.0, spread - noisy) / spread
    return middle + float(np.dot(noise.weights, kept)) * (best - middle)
