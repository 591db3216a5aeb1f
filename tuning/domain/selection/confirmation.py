"""How a winner is confirmed: finalists, their rank on validation, one winner, one look at the test split.

The seeds that rank the finalists are not the seeds that prove the winner: ranking picks lucky seeds, and the same
models would carry their luck to the test split (docs/decisions/0005-fresh-seeds-prove-the-winner.md).

1. `finalists`: the best k of the search, each retrained with r fresh seeds and scored on validation.
2. `rank`: the one with the best mean is the winner, and fixed.
3. The winner is retrained with r further seeds, and so is the default; only these are scored on the test split, once.
4. `verdict`: what that shows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tunix.statistics.results import Comparison, Interval, Scores

from .outcome import VerdictOutcome
from .selection import Candidate, ranked_trials

FINALISTS = 3
SEEDS = 3
MOST_SEEDS = 8
MARGIN = 0.02
ALPHA = 0.05


@dataclass(frozen=True)
class Ranked:
    """A finalist with its mean score on validation, over its fresh seeds."""

    number: int
    score: float


@dataclass(frozen=True)
class Verdict:
    """The winner's configuration against the default's, on the test split: scores, intervals, comparison, outcome."""

    outcome: VerdictOutcome
    comparison: Comparison
    winner_score: float
    winner_interval: Interval
    default_score: float
    default_interval: Interval
    winner_seeds: int
    default_seeds: int


def finalists(
    candidates: Iterable[Candidate], k: int, mode: str, configurations: Mapping[int, Hashable] | None = None
) -> list[Candidate]:
    """The k best completed trials, best first.

    `configurations` names the parameters of each trial (its params_hash): of trials with the same parameters only the
    best takes part, so that no configuration is retrained twice.
    """
    distinct: dict[Hashable, Candidate] = {}
    for candidate in ranked_trials(candidates, mode):
        distinct.setdefault((configurations or {}).get(candidate.number, candidate.number), candidate)
    return list(distinct.values())[:k]


def rank(scores: Mapping[int, Sequence[Scores]], mode: str = "max") -> list[Ranked]:
    """The finalists by their mean over seeds and items on validation, best first; the first is the winner.

    `scores` holds for each finalist the item scores of each of its fresh seeds, all on the same items. Only items that
    have a score everywhere count, so that no finalist gains by what its judge could not judge. Equals keep the order
    given: that of the search. Raises ValueError for no finalist, different lengths and where no item is left.
    """
    import numpy as np

    rows = [np.array(seed, dtype=np.float64) for seeds in scores.values() for seed in seeds]
    if not scores or not all(scores.values()) or len({row.size for row in rows}) != 1:
        raise ValueError("Finalists are ranked by seeds that are scored on the same items.")
    everywhere = ~np.isnan(np.array(rows)).any(axis=0)
    if not everywhere.any():
        raise ValueError("No item has a score for every finalist and seed.")
    means = {number: float(np.array(seeds, dtype=np.float64)[:, everywhere].mean()) for number, seeds in scores.items()}
    sign = -1 if mode == "max" else 1
    return [Ranked(number, score) for number, score in sorted(means.items(), key=lambda entry: sign * entry[1])]


def rank_by_metric(values: Mapping[int, Sequence[float]], mode: str) -> list[Ranked]:
    """The same for a metric that no judge gives, such as a loss: by its mean over the seeds that completed.

    Finalists without a seed are left out.
    """
    means = [Ranked(number, sum(seeds) / len(seeds)) for number, seeds in values.items() if seeds]
    sign = -1 if mode == "max" else 1
    return sorted(means, key=lambda ranked: sign * ranked.score)


def verdict(winner: Sequence[Scores], default: Sequence[Scores], mode: str = "max") -> Verdict:
    """What the sealed test split shows of the winner against the default: item scores of fresh seeds of each.

    Two-sided at 5%, so that p and interval say the same. Raises ValueError for fewer than 2 seeds a side.
    """
    from tunix.statistics.clustered import compare_configurations, configuration_interval

    comparison = compare_configurations(winner, default)
    is_better = (comparison.difference > 0) == (mode == "max")
    outcome = VerdictOutcome.BETTER if is_better else VerdictOutcome.WORSE
    if comparison.p >= ALPHA:
        outcome = VerdictOutcome.NO_IMPROVEMENT
    ours, theirs = configuration_interval(winner, default), configuration_interval(default, winner)
    return Verdict(
        outcome=outcome,
        comparison=comparison,
        winner_score=_mean(winner, default),
        winner_interval=ours,
        default_score=_mean(default, winner),
        default_interval=theirs,
        winner_seeds=len(winner),
        default_seeds=len(default),
    )


def _mean(scores: Sequence[Scores], others: Sequence[Scores]) -> float:
    """Over the same items as the comparison, so that the two scores differ by exactly its difference."""
    from tunix.statistics.arrays import seeds_by_items

    return float(seeds_by_items(scores, others)[0].mean())
