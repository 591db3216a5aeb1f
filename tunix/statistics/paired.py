"""Compares two runs on the same items."""

from __future__ import annotations

import numpy as np

from .arrays import paired, right_or_wrong
from .bootstrap import mean_interval
from .results import Alternative, Comparison, Interval, Scores
from .sign_flips import graded_p

__all__ = ["Comparison", "compare_items", "paired_p"]

EXACT_BELOW = 25


def compare_items(
    ours: Scores, theirs: Scores, alternative: Alternative = "two-sided", confidence: float = 0.95
) -> Comparison:
    """Ours minus theirs over the same items in the same order, which the caller must ensure.

    Scores of 0 and 1 only: McNemar's test, with the interval of Bonett and Price. Graded scores: sign flips, with the
    bootstrap of the paired differences. `alternative` "greater" tests whether ours is better. Items that lack a score
    on either side are dropped. The result is about these two runs, not about their configurations. Raises ValueError
    for different lengths, or if no item is left.
    """
    first, second = paired(ours, theirs)
    differences = first - second
    wins, losses = int(np.sum(differences > 0)), int(np.sum(differences < 0))
    if right_or_wrong(first, second):
        p, test = mcnemar_p(wins, losses, alternative)
        interval = _bonett_price(wins, losses, differences.size, confidence)
    else:
        p, test = graded_p(differences, alternative)
        interval = mean_interval(differences, confidence, -1.0, 1.0)
    return Comparison(
        difference=float(differences.mean()),
        low=interval.low,
        high=interval.high,
        p=p,
        wins=wins,
        losses=losses,
        ties=differences.size - wins - losses,
        items=differences.size,
        method=f"{test}; {interval.method}",
    )


def paired_p(ours: Scores, theirs: Scores, alternative: Alternative = "two-sided") -> tuple[float, str]:
    """The p value and test of `compare_items`, without the interval, which takes longer. Raises the same errors."""
    first, second = paired(ours, theirs)
    differences = first - second
    if right_or_wrong(first, second):
        return mcnemar_p(int(np.sum(differences > 0)), int(np.sum(differences < 0)), alternative)
    return graded_p(differences, alternative)


def mcnemar_p(wins: int, losses: int, alternative: Alternative = "two-sided") -> tuple[float, str]:
    """McNemar's test of the discordant items and its name: exact below 25 of them, mid-p otherwise.

    The exact test is conservative; mid-p is not, and rarely exceeds its level: Fagerland, Lydersen and Laake 2013.
    """
    discordant = wins + losses
    exact = discordant < EXACT_BELOW
    greater, less = (_tail(count, discordant, exact) for count in (wins, losses))
    p = {"greater": greater, "less": less, "two-sided": min(1.0, 2 * min(greater, less))}[alternative]
    return p, "exact McNemar" if exact else "mid-p McNemar"


def _tail(count: int, discordant: int, exact: bool) -> float:
    """The probability of at least `count` heads in `discordant` throws; mid-p counts exactly `count` by half."""
    from scipy.special import bdtr

    at_least = float(bdtr(discordant - count, discordant, 0.5))
    if exact:
        return at_least
    more = float(bdtr(discordant - count - 1, discordant, 0.5)) if count < discordant else 0.0
    return (at_least + more) / 2


def _bonett_price(wins: int, losses: int, items: int, confidence: float) -> Interval:
    """Bonett and Price 2012: Wald with one win and one loss added. Recommended by Fagerland et al. 2014."""
    from scipy.special import ndtri

    win, loss = (wins + 1) / (items + 2), (losses + 1) / (items + 2)
    half = float(ndtri((1 + confidence) / 2)) * float(np.sqrt((win + loss - (win - loss) ** 2) / (items + 2)))
    difference = (wins - losses) / items
    low, high = max(-1.0, win - loss - half), min(1.0, win - loss + half)
    return Interval(min(low, difference), max(high, difference), "Bonett-Price")
