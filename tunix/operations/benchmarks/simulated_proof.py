"""Simulated confirmations through the real proof, and what is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tuning.domain.selection.confirmation import SEEDS, Verdict, verdict

from .simulated import Array
from .simulated_sweep import Job, Ranking, as_scores, rank_once, search_once
from .worlds import Setting


@dataclass(frozen=True)
class Proved:
    """A verdict, how many runs it took, and the truth: the winner's score and how much better it is."""

    verdict: Verdict
    runs: int
    winner_truth: float
    difference: float

    @property
    def is_better(self) -> bool:
        return self.verdict.outcome == "better"

    @property
    def is_false(self) -> bool:
        """Whether it says better of a winner that is not."""
        return self.is_better and self.difference <= 0


def confirmations(rng: np.random.Generator, setting: Setting) -> Iterator[Proved]:
    """One job that is confirmed as often as the setting says, each time with fresh seeds, on the same test rows."""
    job = search_once(rng, setting)
    for _ in range(setting.rounds):
        yield _prove(rng, job, rank_once(rng, job))


def _prove(rng: np.random.Generator, job: Job, ranking: Ranking) -> Proved:
    """Winner and default with further seeds, on test rows."""
    pair = [ranking.winner, job.default]
    winner, default = job.test.answers(job.seeds(rng, pair, SEEDS), pair)[..., : job.setting.items]
    truths = [job.test.truth(number, float(job.qualities[number])) for number in pair]
    found = verdict(as_scores(_judged(rng, winner, job.setting)), as_scores(default))
    return Proved(found, 2 * SEEDS, truths[0], truths[0] - truths[1])


def _judged(rng: np.random.Generator, answers: Array, setting: Setting) -> Array:
    """The winner's answers; what no judge can read is not a number."""
    unread = (answers == 0) & (rng.random(answers.shape) < setting.unjudged)
    return np.where(unread, np.nan, answers)
