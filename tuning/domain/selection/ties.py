"""Which trials are tied with the leader by their item scores, and which of them is the cheapest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunix.statistics.results import Comparison, Interval, Scores

from .selection import Candidate, best_trial

ALPHA = 0.05


@dataclass(frozen=True)
class ScoredTrial:
    """A completed trial with its metric, the scores of its items, and what it costs (seconds, tokens, parameters)."""

    number: int
    value: float
    scores: Scores
    cost: float | None = None


@dataclass(frozen=True)
class Standing:
    """A trial compared with the leader: its interval, the comparison trial minus leader, and p after Holm.

    `tied` says that the items do not show it to be worse. A trial that cannot be compared has None and is not tied.
    """

    number: int
    value: float
    interval: Interval | None
    comparison: Comparison | None
    p_holm: float | None
    tied: bool


@dataclass(frozen=True)
class Standings:
    """The leader by the metric, every trial beside it, those tied with it (itself first), the cheapest of them."""

    leader: int
    trials: tuple[Standing, ...]
    tied: tuple[int, ...]
    cheapest: int

    @property
    def sentence(self) -> str:
        """For pages: who leads, who is tied, who is cheaper. One seed each: it is about these runs."""
        value = next(trial.value for trial in self.trials if trial.number == self.leader)
        others = [str(number) for number in self.tied if number != self.leader]
        listed = others[0] if len(others) == 1 else f"{', '.join(others[:-1])} and {others[-1]}" if others else ""
        tied = f"; tied with {listed}" if listed else "; no other trial is tied with it"
        cheaper = f". The cheapest of them is {self.cheapest}" if self.cheapest != self.leader else ""
        return f"Trial {self.leader} leads with {value:.3f}{tied}{cheaper}."


def compare_trials(trials: Sequence[ScoredTrial], mode: str = "max") -> Standings | None:
    """All trials beside the leader by the metric, with Holm over the comparisons; None when there is no trial.

    Tests are two-sided, so that p and interval say the same. All trials must be scored on the same items in the same
    order: raises ValueError for different lengths.
    """
    from tunix.statistics.multiple import holm

    best = best_trial((Candidate(trial.number, trial.value) for trial in trials), mode)
    if best is None:
        return None
    leader = next(trial for trial in trials if trial.number == best.number)
    compared = {trial.number: _comparison(trial, leader) for trial in trials if trial is not leader}
    known = {number: comparison.p for number, comparison in compared.items() if comparison is not None}
    corrected = dict(zip(known, holm(list(known.values())), strict=True))
    standings = tuple(_standings(trial, leader, compared, corrected) for trial in trials)
    tied = (leader.number, *(one.number for one in standings if one.tied and one.number != leader.number))
    # At equal cost the leader, then the first; an unknown cost counts as the highest.
    of_tied = [leader, *(trial for trial in trials if trial.number in tied and trial is not leader)]
    cheapest = min(of_tied, key=lambda trial: math.inf if trial.cost is None else trial.cost)
    return Standings(leader.number, standings, tied, cheapest.number)


def _comparison(trial: ScoredTrial, leader: ScoredTrial) -> Comparison | None:
    from tunix.statistics.paired import compare_items

    if len(trial.scores) != len(leader.scores):
        raise ValueError(f"Trials {trial.number} and {leader.number} are not scored on the same items.")
    both = zip(trial.scores, leader.scores, strict=True)
    share_items = any(ours is not None and theirs is not None for ours, theirs in both)
    return compare_items(trial.scores, leader.scores) if share_items else None


def _standings(
    trial: ScoredTrial, leader: ScoredTrial, compared: dict[int, Comparison | None], corrected: dict[int, float]
) -> Standing:
    p = corrected.get(trial.number)
    tied = trial is leader or (p is not None and p >= ALPHA)
    return Standing(trial.number, trial.value, _interval(trial), compared.get(trial.number), p, tied)


def _interval(trial: ScoredTrial) -> Interval | None:
    from tunix.statistics.intervals import score_interval

    if all(score is None for score in trial.scores):
        return None
    return score_interval(trial.scores)
