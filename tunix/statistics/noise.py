"""The noise of a judge."""

from __future__ import annotations

import math

from .arrays import paired
from .results import Scores


def judge_noise(first: Scores, second: Scores) -> float:
    """The standard deviation of the mean score due to the judge alone, from judging the same outputs twice.

    The difference d of two judgements of an item has twice the variance of one judgement, and the mean over n items
    has 1/n of that of one item: sqrt(mean(d^2) / (2 n)). Items that lack a score are dropped. Raises ValueError like
    `paired`.
    """
    once, again = paired(first, second)
    return math.sqrt(float(((once - again) ** 2).mean()) / (2 * once.size))


def rankable(noise: float, spread: float) -> bool:
    """Whether trials can be ranked: the judge's noise is at most the standard deviation of their scores."""
    return noise <= spread
