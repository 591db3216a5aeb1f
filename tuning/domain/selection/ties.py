"""Which configurations are tied with the leader by their item scores, and which cheaper one is as good."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunix.statistics.results import Behind, Scores
from tunix.statistics.unjudged import counted

from .selection import Candidate, best_trial

if TYPE_CHECKING:
    from tunix.statistics.seed_noise import SeedNoise

ALPHA = 0.05
MOST_NAMED = 6


@dataclass(frozen=True)
class ScoredTrial:
    """A configuration under the number of its trial: its metric, the scores of its items, and its cost.

    With several `runs`, metric, scores and cost are means over them. The cost is in seconds, tokens or parameters.
    """

    number: int
    value: float
    scores: Scores
    cost: float | None = None
    runs: int = 1


@dataclass(frozen=True)
class Standing:
    """A trial compared with the leader: p, corrected for the number of comparisons, and how much worse it may be (95%).

    `tied` says that nothing shows it to be worse. A trial that cannot be compared has no p and is not tied. `at_most`
    is None where seeds are not known: one run says nothing about the configuration.
    """

    number: int
    value: float
    p: float | None
    tied: bool
    at_most: float | None = None


@dataclass(frozen=True)
class Standings:
    """The leader by the metric, every trial beside it, and those tied with it, itself first.

    `cheapest` is the cheapest trial that costs less than the leader and is worse by the margin at most, if there is
    one. `seed_deviation` is that of the scores, None where it is not known: then all this is about single runs.
    """

    leader: int
    trials: tuple[Standing, ...]
    tied: tuple[int, ...]
    cheapest: int | None = None
    seed_deviation: float | None = None
    margin: float = 0.0

    def sentence(self, expected: float | None = None) -> str:
        """For pages: who leads, who is tied, what to expect of the leader, who is cheaper and as good."""
        value = next(trial.value for trial in self.trials if trial.number == self.leader)
        said = [f"Trial {self.leader} leads with {value:.3f}.", self._ties()]
        if expected is not None and round(expected, 2) != round(value, 2):
            said.append(f"Expected of trial {self.leader}: {expected:.2f}, not {value:.2f}.")
        if self.cheapest is not None:
            said.append(f"Trial {self.cheapest} costs less and is at most {_points(self.margin)} points worse.")
        return " ".join(filter(None, said))

    def _ties(self) -> str:
        if len(self.trials) == 1:
            return ""
        known = self.seed_deviation is not None
        if len(self.tied) > 1:
            unknown = "" if known else "; another seed may change that, too (seed sd not known)"
            return f"These runs do not tell trials {_listed(sorted(self.tied))} apart{unknown}."
        deviation = f"seed sd {_points(self.seed_deviation or 0.0)}" if known else "seed sd not known"
        return f"No other run is tied with trial {self.leader}; another seed may change that ({deviation})."


def compare_trials(
    trials: Sequence[ScoredTrial], mode: str = "max", noise: SeedNoise | None = None, margin: float = 0.0
) -> Standings | None:
    """All trials beside the leader by the metric; None when there is no trial.

    With the `noise` of seeds this is about configurations: a tie is what other seeds and items may turn around. Without
    it, it is about runs on these items, with Holm's correction, and no cheaper one is named. All trials must be scored
    on the same items in the same order: raises ValueError for different lengths.
    """
    best = best_trial((Candidate(trial.number, trial.value) for trial in trials), mode)
    if best is None:
        return None
    leader = next(trial for trial in trials if trial.number == best.number)
    behind = _of_runs(trials, leader) if noise is None else _of_configurations(trials, leader, mode, noise)
    standings = tuple(_standing(trial, leader, behind.get(trial.number), noise is not None) for trial in trials)
    tied = (leader.number, *(one.number for one in standings if one.tied and one.number != leader.number))
    cheapest = _cheapest(trials, leader, standings, margin)
    return Standings(leader.number, standings, tied, cheapest, noise.deviation if noise else None, margin)


def _of_configurations(
    trials: Sequence[ScoredTrial], leader: ScoredTrial, mode: str, noise: SeedNoise
) -> dict[int, Behind]:
    """An item that a judge could not score counts as 0, as in the metric."""
    import numpy as np

    from tunix.statistics.behind_the_best import behind_the_best

    _refuse_other_items(trials, leader)
    judged = [trial for trial in trials if any(score is not None for score in trial.scores)]
    if leader not in judged:
        return {}
    table = np.array([counted(trial.scores) for trial in judged])
    table = table if mode == "max" else -table
    found = behind_the_best(table, [trial.runs for trial in judged], noise)
    return {trial.number: behind for trial, behind in zip(judged, found, strict=True)}


def _of_runs(trials: Sequence[ScoredTrial], leader: ScoredTrial) -> dict[int, Behind]:
    from tunix.statistics.multiple import holm
    from tunix.statistics.paired import paired_p

    _refuse_other_items(trials, leader)
    shared = [trial for trial in trials if trial is not leader and _share_items(trial, leader)]
    tests = [paired_p(trial.scores, leader.scores)[0] for trial in shared]
    corrected = zip(shared, holm(tests), strict=True)
    return {trial.number: Behind(leader.value - trial.value, p, math.inf) for trial, p in corrected}


def _refuse_other_items(trials: Sequence[ScoredTrial], leader: ScoredTrial) -> None:
    for trial in trials:
        if len(trial.scores) != len(leader.scores):
            raise ValueError(f"Trials {trial.number} and {leader.number} are not scored on the same items.")


def _share_items(trial: ScoredTrial, leader: ScoredTrial) -> bool:
    both = zip(trial.scores, leader.scores, strict=True)
    return any(ours is not None and theirs is not None for ours, theirs in both)


def _standing(trial: ScoredTrial, leader: ScoredTrial, behind: Behind | None, is_known: bool) -> Standing:
    if behind is None or trial is leader:
        return Standing(trial.number, trial.value, None, trial is leader)
    at_most = behind.at_most if is_known else None
    return Standing(trial.number, trial.value, behind.p, behind.p >= ALPHA, at_most)


def _cheapest(
    trials: Sequence[ScoredTrial], leader: ScoredTrial, standings: Sequence[Standing], margin: float
) -> int | None:
    """Of those that are shown to be as good as the leader within the margin. An unknown cost is no bargain."""
    if leader.cost is None:
        return None
    as_good = {one.number for one in standings if one.at_most is not None and one.at_most <= margin}
    cheaper = [
        (trial.cost, trial.number)
        for trial in trials
        if trial.number in as_good and trial.cost is not None and trial.cost < leader.cost
    ]
    return min(cheaper)[1] if cheaper else None


def _listed(numbers: Sequence[int]) -> str:
    """4, 5 and 7; of many the first."""
    if len(numbers) > MOST_NAMED:
        return f"{', '.join(map(str, numbers[:MOST_NAMED]))} and {len(numbers) - MOST_NAMED} others"
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _points(share: float) -> str:
    return f"{100 * share:.2g}"
