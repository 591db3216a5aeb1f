"""The race of a trial: the rows of a run are judged only as long as it may still be among the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunix.pipeline.judges import JUDGES
from tunix.pipeline.spec import RaceSpec
from tunix.statistics.unjudged import counted

from .confirmation import FINALISTS

if TYPE_CHECKING:
    from tunix.statistics.results import Scores

MOST_ROWS = 10_000
"""What is expected of each row is stored with each run: more would be megabytes."""
DIGITS = 4


def why_not_raced(metric_name: str, metric_mode: str, has_objectives: bool, replicates: int) -> str:
    """Why the trials of a job cannot be raced, in a sentence; empty if they can."""
    if metric_name not in {"score_mean", *JUDGES}:
        return f"trials are chosen by {metric_name}, not by the scores of rows."
    if metric_mode != "max":
        return "the trial with the lowest score wins."
    if has_objectives:
        return "the job has several objectives."
    if replicates > 1:
        return "a configuration is chosen by the mean of its replicates."
    return ""


def places_of(top: int) -> int:
    """How many trials a race leaves alone: those that a confirmation would train again, and never fewer than 3."""
    return max(FINALISTS, top)


def race_against(ranked: Sequence[Scores], others: Sequence[Scores] = (), places: int = FINALISTS) -> RaceSpec | None:
    """The race of the next trial against those that were judged on all rows; None while there are too few of them.

    `ranked` has the scores of each row of the configurations that may win, best first. The score to reach is the mean
    of number `places`. The mean of all of them and of `others`, such as the runs of the default, says how hard each row
    is. It is moved to the score to reach. A race is fair however well it tells what a row is like.
    """
    import numpy as np

    if len(ranked) < places or not 2 <= len(ranked[0]) <= MOST_ROWS:
        return None
    rows = len(ranked[0])
    table = np.array([counted(scores) for scores in (*ranked, *others) if len(scores) == rows])
    to_reach = float(np.mean(counted(ranked[places - 1])))
    expected = table.mean(axis=0) - table.mean() + to_reach
    # Down, so that a trial with exactly the score to reach does reach it.
    return RaceSpec(expected=(np.floor(expected * 10**DIGITS) / 10**DIGITS).tolist())
