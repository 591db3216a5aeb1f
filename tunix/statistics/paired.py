"""Compares two runs on the same items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import Array, as_array, paired, right_or_wrong
from .bootstrap import mean_interval
from .clustered import by_group
from .results import Alternative, Comparison, Interval, Scores
from .sign_flips import graded_p

__all__ = ["Comparison", "compare_items", "paired_p"]

EXACT_BELOW = 25


def compare_items(
    ours: Scores,
    theirs: Scores,
    alternative: Alternative = "two-sided",
    confidence: float = 0.95,
    *,
    groups: Sequence[int] | None = None,
) -> Comparison:
    """Ours minus theirs over the same items in the same order, which the caller must ensure.

    Scores of 0 and 1 only: McNemar's test, with the interval of Bonett and Price. Graded scores: sign flips, with the
    bootstrap of the paired differences. `alternative` "greater" tests whether ours is better. Items that lack a score
    on either side are dropped. The result is about these two runs, not about their configurations.

    `groups` names the group of each item: items of a group resemble each other, and groups are independent. The
    differences of a group are then added up, and groups are what is flipped and resampled; wins and losses count items.
    Raises ValueError for different lengths, if no item is left, or if all are in one group.
    """
    first, second = paired(ours, theirs)
    differences = first - second
    wins, losses = int(np.sum(differences > 0)), int(np.sum(differences < 0))
    units = _by_group(differences, ours, theirs, groups)
    if units is not None:
        p, test = graded_p(units, alternative)
        test = f"{test} over {units.size} groups"
        interval = mean_interval(units, confidence, -1.0, 1.0)
    elif right_or_wrong(first, second):
        p, test = mcnemar_p(wins, losses, alternative)
        interval = _bonett_price(wins, losses, differences.size, confidence)
    else:
        p, test = graded_p(differences, alternative)
        interval = mean_interval(differences, confidence, -1.0, 1.0)
    return Comparison(
        difference=float(differences.mean()),
        low=max(-1.0, interval.low),
        high=min(1.0, interval.high),
        p=p,
        wins=wins,
        losses=losses,
        ties=differences.size - wins - losses,
        items=differences.size,
        method=f"{test}; {interval.method}",
    )


def paired_p(
    ours: Scores,
    theirs: Scores,
    alternative: Alternative = "two-sided",
    *,
    groups: Sequence[int] | None = None,
) -> tuple[float, str]:
    """The p value and test of `compare_items`, without the interval, which takes longer. Raises the same errors."""
    first, second = paired(ours, theirs)
    differences = first - second
    if (units := _by_group(differences, ours, theirs, groups)) is not None:
        return graded_p(units, alternative)
    if right_or_wrong(first, second):
        return mcnemar_p(int(np.sum(differences > 0)), int(np.sum(differences < 0)), alternative)
    return graded_p(differences, alternative)


def _by_group(differences: Array, ours: Scores, theirs: Scores, groups: Sequence[int] | None) -> Array | None:
    """The differences added up by group, with the same mean; None without groups, or if each item is its own group."""
    if groups is None:
        return None
    both = ~np.isnan(as_array(ours)) & ~np.isnan(as_array(theirs))
    if len(groups) != both.size:
        raise ValueError(f"{len(groups)} groups are given for {both.size} items.")
    member = np.asarray(groups)[both]
    found = np.unique(member).size
    if found == member.size:
        return None
    if found == 1:
        raise ValueError("All items are in one group, which is a single observation.")
    units: Array = by_group(differences[None, :], member)[0]
    return units


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
