"""When a proof would only cost runs: the default is ahead on validation, or the search's best is far behind it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

from .points import points

UNTOUCHED = "the test rows were not touched"
FAR = 3.0
"""Standard errors. The best of a search looks better than it is, so one that is so far behind is no winner."""


def why_default_is_ahead(winner: Sequence[float], default: Sequence[float], *, metric: str, mode: str) -> str | None:
    """Whether the mean of the default's runs is better than that of the winner's, in a sentence; None if it is not.

    Values of the job's metric on validation, one per run. Without runs of the default nothing is known.
    """
    if not winner or not default:
        return None
    ours, theirs = fmean(winner), fmean(default)
    if (theirs <= ours) if mode == "max" else (theirs >= ours):
        return None
    return f"The default is ahead on validation ({metric} {theirs:.3f} against {ours:.3f}); {UNTOUCHED}."


def why_leader_is_far_behind(
    leader: float, default: Sequence[float], *, items: int | None, metric: str, mode: str, margin: float = 0.0
) -> str | None:
    """Whether the best value of the search is far behind the default's runs, in a sentence; None if it is not.

    Far: by more than `margin` and 3 standard errors of one run against the default's mean. `items` is the number of
    judged rows, whose noise is added; None for a metric of training. Needs 2 runs of the default.
    """
    if len(default) < 2:
        return None
    behind = (fmean(default) - leader) * (1 if mode == "max" else -1)
    of_items = 0.0 if items is None else 0.5 / items
    error = sqrt(stdev(default) ** 2 * (1 + 1 / len(default)) + of_items)
    if behind <= margin + FAR * error:
        return None
    by = points(behind) if items is not None else f"{behind:.2g} of {metric}"
    return f"The best trial is {by} behind the default on validation: nothing was trained again, and {UNTOUCHED}."
