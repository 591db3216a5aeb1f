"""Items that a judge could not judge. Loads neither numpy nor scipy, so that pages can import it."""

from __future__ import annotations

from .results import Scores


def counted(scores: Scores, unjudged: float = 0.0) -> list[float]:
    """The scores, with that of each item that could not be judged: the worst one, if no other is given.

    If such items were left out, a model would gain by answers that the judge cannot read.
    """
    return [unjudged if score is None else score for score in scores]
