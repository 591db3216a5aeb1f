"""The interval of one run's mean score."""

from __future__ import annotations

import numpy as np

from .arrays import Array, known, right_or_wrong
from .bootstrap import mean_interval
from .results import Interval, Scores

__all__ = ["Interval", "score_interval"]


def score_interval(scores: Scores, confidence: float = 0.95) -> Interval:
    """The interval of the mean score: Wilson if every score is 0 or 1, otherwise BCa bootstrap. None is dropped.

    It is valid for other items, for this one run. Raises ValueError if no item has a score.
    """
    values = known(scores)
    if right_or_wrong(values):
        return _wilson(values, confidence)
    return mean_interval(values, confidence, 0.0, 1.0)


def _wilson(values: Array, confidence: float) -> Interval:
    """Wilson 1927, as scipy.stats.binomtest(...).proportion_ci(method="wilson"), without its slow import."""
    from scipy.special import ndtri

    items, mean, z = values.size, float(values.mean()), float(ndtri((1 + confidence) / 2))
    weight = z * z / items
    centre = (mean + weight / 2) / (1 + weight)
    half = z * float(np.sqrt(mean * (1 - mean) / items + weight / (4 * items))) / (1 + weight)
    return Interval(min(mean, max(0.0, centre - half)), max(mean, min(1.0, centre + half)), "Wilson")
