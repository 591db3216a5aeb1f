"""The confidence interval of a verdict's score, which is stored so that lists need not compute it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..models import Evaluation


def interval_fields(item_scores: Sequence[float | None]) -> dict[str, Any]:
    """The columns of an evaluation with the confidence interval of its mean; none if no item has a score."""
    from tunix.statistics.intervals import score_interval  # imports numpy

    try:
        interval = score_interval(item_scores)
    except ValueError:
        return {}
    return {"score_low": interval.low, "score_high": interval.high, "interval_method": interval.method}


def fill_interval(evaluation: Evaluation, item_scores: Sequence[float | None]) -> None:
    """Sets the interval of an evaluation from before intervals were stored, in memory only.

    Its mean leaves out the items without a score, and so does the interval.
    """
    if evaluation.score_low is None and evaluation.score_mean is not None:
        for name, value in interval_fields([score for score in item_scores if score is not None]).items():
            setattr(evaluation, name, value)
