"""Items that a judge could not judge. Loads neither numpy nor scipy, so that pages can import it."""

from __future__ import annotations

from .results import Scores


def worst_score(mode: str = "max") -> float:
    """The worst score there is: 0 where larger is better, 1 where smaller is."""
    return 0.0 if mode == "max" else 1.0


def counted(scores: Scores, mode: str = "max") -> list[float]:
    """The scores, where each item that could not be judged has the worst one.

    If such items were left out, a model would gain by answers that the judge cannot read.
    """
    worst = worst_score(mode)
    return [worst if score is None else score for score in scores]
