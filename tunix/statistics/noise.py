"""What the judge alone makes of a score."""

from __future__ import annotations

import math

from .arrays import paired
from .results import Scores


def judge_noise(first: Scores, second: Scores) -> float:
    """The standard deviation of the mean score that the judge alone causes, from judging the same outputs twice.

    Two judgements of one item differ with twice the variance of one, and the mean over n items has the n-th part of
    it: sqrt(mean(d^2) / (2 n)). Items that lack either score are left out. Raises ValueError as `paired` does.
    """
    once, again = paired(first, second)
    return math.sqrt(float(((once - again) ** 2).mean()) / (2 * once.size))


def rankable(noise: float, spread: float) -> bool:
    """Whether trials can be ranked: the judge's noise is within the spread (standard deviation) of their scores."""
    return noise <= spread
