"""From the runs of a proof to the scores that are compared: pairs, dead seeds, answers that could not be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tunix.statistics.results import Scores, SeedVariance
from tunix.statistics.unjudged import counted, worst_score

from .stages import Evidence

FEWEST_SEEDS = 2
"""One seed of a configuration does not show how much seeds differ."""


@dataclass(frozen=True)
class ProofRun:
    """One run of winner or default: its seed and the score of each item; None for the scores of one that failed.

    `is_dead`: it failed because of its configuration, as one that diverges does, and not because of a machine.
    """

    seed: int
    scores: Scores | None
    is_dead: bool = False


@dataclass(frozen=True)
class Account:
    """What the scores do not show: of `seeds` runs a side, how many are dead and how many pairs were lost.

    `unjudged` answers count as wrong; `low` and `high` bound the difference whatever they are.
    """

    seeds: int
    winner_dead: int = 0
    default_dead: int = 0
    lost: int = 0
    unjudged: int = 0
    low: float | None = None
    high: float | None = None


class TooFewRuns(ValueError):
    """A side has fewer runs with scores than a comparison needs: `completed` of `seeds`."""

    def __init__(self, side: str, completed: int, seeds: int) -> None:
        super().__init__(f"{completed} of {seeds} held-out runs of {side} completed")


def gather(
    winner: Sequence[ProofRun],
    default: Sequence[ProofRun],
    *,
    mode: str = "max",
    groups: Sequence[int] | None = None,
    ranking: tuple[Sequence[ProofRun], Sequence[ProofRun]] = ((), ()),
    ranking_groups: Sequence[int] | None = None,
) -> tuple[Evidence, Account]:
    """The evidence of the held-out runs, paired by seed, and what it leaves out.

    A dead run has the worst score on every item, and so has an answer that could not be judged. A run that a machine's
    fault ended is left out together with its pair. `ranking`: runs of both sides on validation, for the variance
    between seeds. Raises TooFewRuns.
    """
    scored = [run.scores for run in (*winner, *default) if run.scores is not None]
    items = len(scored[0]) if scored else 0
    sides = [_scores(side, items, mode) for side in (winner, default)]
    for name, side, runs in zip(("the winner", "the default configuration"), sides, (winner, default), strict=True):
        if len(side) < FEWEST_SEEDS or not items:
            raise TooFewRuns(name, sum(run.scores is not None for run in runs), len(runs))
    ours, theirs = sides
    shared = [seed for seed in ours if seed in theirs]
    is_paired = len(shared) >= FEWEST_SEEDS
    if is_paired:
        ours, theirs = ({seed: side[seed] for seed in shared} for side in (ours, theirs))
    filled = [[counted(scores, mode) for scores in side.values()] for side in (ours, theirs)]
    priors = _priors(*ranking, mode=mode, groups=ranking_groups)
    evidence = Evidence(filled[0], filled[1], len(shared) if is_paired else 0, groups, *priors)
    return evidence, _account(winner, default, list(ours.values()), list(theirs.values()), mode)


def _scores(runs: Sequence[ProofRun], items: int, mode: str) -> dict[int, Scores]:
    dead = [worst_score(mode)] * items
    known = {run.seed: dead if run.is_dead else run.scores for run in runs}
    return {seed: scores for seed, scores in known.items() if scores is not None}


def _account(
    winner: Sequence[ProofRun], default: Sequence[ProofRun], ours: list[Scores], theirs: list[Scores], mode: str
) -> Account:
    dead = [sum(run.is_dead for run in side) for side in (winner, default)]
    seeds = max(len(winner), len(default))
    missing = [sum(scores.count(None) for scores in side) for side in (ours, theirs)]
    low = high = None
    if any(missing):
        shares = [count / sum(map(len, side)) for count, side in zip(missing, (ours, theirs), strict=True)]
        difference = _mean(ours, mode) - _mean(theirs, mode)
        # What counts as the worst score may be the best one: 1 where larger is better, 0 where smaller is.
        moves = (shares[0], -shares[1]) if mode == "max" else (-shares[0], shares[1])
        low, high = difference + min(moves), difference + max(moves)
    return Account(seeds, dead[0], dead[1], seeds - min(len(ours), len(theirs)), sum(missing), low, high)


def _mean(side: list[Scores], mode: str) -> float:
    means = [sum(counted(scores, mode)) / len(scores) for scores in side]
    return sum(means) / len(means)


def _priors(
    winner: Sequence[ProofRun], default: Sequence[ProofRun], *, mode: str, groups: Sequence[int] | None
) -> tuple[SeedVariance | None, SeedVariance | None]:
    """The variance between seeds on validation: of the differences of shared seeds, and of the winner alone."""
    from tunix.statistics.clustered import seed_variance

    ours = {run.seed: counted(run.scores, mode) for run in winner if run.scores is not None}
    theirs = {run.seed: counted(run.scores, mode) for run in default if run.scores is not None}
    shared = [seed for seed in ours if seed in theirs and len(ours[seed]) == len(theirs[seed])]
    alone = seed_variance(list(ours.values()), groups=groups) if len(ours) >= FEWEST_SEEDS else None
    if len(shared) < FEWEST_SEEDS:
        return None, alone
    pairs = [[side[seed] for seed in shared] for side in (ours, theirs)]
    return seed_variance(*pairs, groups=groups), alone
