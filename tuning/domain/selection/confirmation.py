"""How a winner is confirmed: finalists, their rank on validation, one winner, one look at the test split.

The seeds that rank the finalists are not the seeds that prove the winner: ranking picks lucky seeds, and the same
models would carry their luck to the test split (docs/decisions/0005-fresh-seeds-prove-the-winner.md).

1. `finalists`: the best k of the search, each retrained with r fresh seeds and scored on validation.
2. `rank`: the one with the best mean is the winner, and fixed.
3. The winner is retrained with further seeds, in stages (`stages.py`), and so is the default with the same ones; only
   these are scored on the test split. All stages are one look at it.
4. `prove`: what that shows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tunix.statistics.results import Comparison, Interval, Scores
from tunix.statistics.unjudged import worst_score

from .evidence import Account
from .outcome import VerdictOutcome
from .selection import Candidate, ranked_trials
from .stages import ALPHA, MARGIN, Decision, Evidence, Plan, decide, outcome_of

FINALISTS = 3
SEEDS = 3
MOST_SEEDS = 8


@dataclass(frozen=True)
class Ranked:
    """A finalist with its mean score on validation, over its fresh seeds."""

    number: int
    score: float


@dataclass(frozen=True)
class Verdict:
    """The winner's configuration against the default's, on the test split: scores, intervals, comparison, outcome.

    `ahead`: in how many seeds the winner's mean is the better one; of pairs, if seeds are paired. `level`: the
    two-sided level of the last test for "better", and `forecast` the chance that later stages would have shown it.
    """

    outcome: VerdictOutcome
    comparison: Comparison
    winner_score: float
    winner_interval: Interval
    default_score: float
    default_interval: Interval
    winner_seeds: int
    default_seeds: int
    ahead: int = 0
    level: float = ALPHA
    forecast: float | None = None
    account: Account | None = None


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

    `scores` holds for each finalist the item scores of each of its fresh seeds, all on the same items. An answer that
    could not be judged counts as wrong, so that no finalist gains by what its judge could not judge. Equals keep the
    order given: that of the search. Raises ValueError for no finalist and different lengths.
    """
    import numpy as np

    if not scores or not all(scores.values()) or len({len(seed) for seeds in scores.values() for seed in seeds}) != 1:
        raise ValueError("Finalists are ranked by seeds that are scored on the same items.")
    worst = worst_score(mode)
    tables = {number: np.array(seeds, dtype=np.float64) for number, seeds in scores.items()}
    means = {number: float(np.where(np.isnan(table), worst, table).mean()) for number, table in tables.items()}
    sign = -1 if mode == "max" else 1
    return [Ranked(number, score) for number, score in sorted(means.items(), key=lambda entry: sign * entry[1])]


def rank_by_metric(values: Mapping[int, Sequence[float]], mode: str) -> list[Ranked]:
    """The same for a metric that no judge gives, such as a loss: by its mean over the seeds that completed.

    Finalists without a seed are left out.
    """
    means = [Ranked(number, sum(seeds) / len(seeds)) for number, seeds in values.items() if seeds]
    sign = -1 if mode == "max" else 1
    return sorted(means, key=lambda ranked: sign * ranked.score)


def prove(
    evidence: Evidence,
    plan: Plan,
    *,
    seeds: int,
    margin: float = MARGIN,
    mode: str = "max",
    account: Account | None = None,
) -> Verdict:
    """What the sealed test split shows of the winner against the default, once the proof has ended.

    `seeds` a side were planned by then. A proof that a budget ended before its stage did is judged by what is there.
    Raises ValueError for fewer than 2 seeds a side.
    """
    decision = decide(evidence, plan, seeds=seeds, margin=margin, mode=mode)
    outcome = decision.outcome or outcome_of(decision.comparison, level=decision.level, margin=margin, mode=mode)
    return _verdict(evidence, decision, outcome, mode, account)


def verdict(winner: Sequence[Scores], default: Sequence[Scores], mode: str = "max") -> Verdict:
    """The same for a proof of one stage at 5%, whose seeds are not shared."""
    return prove(Evidence(winner, default), Plan((len(winner),), (ALPHA,), 1, ALPHA), seeds=len(winner), mode=mode)


def _verdict(
    evidence: Evidence, decision: Decision, outcome: VerdictOutcome, mode: str, account: Account | None
) -> Verdict:
    """With both scores over the same seeds and items, so that they differ by exactly the difference."""
    from tunix.statistics.arrays import seeds_by_items
    from tunix.statistics.clustered import configuration_interval

    winner, default = evidence.winner, evidence.default
    if evidence.paired >= 2:
        winner, default = winner[: evidence.paired], default[: evidence.paired]
    ours, theirs = (table.mean(axis=1) for table in seeds_by_items(winner, default))
    pairs = zip(ours, theirs, strict=False)
    return Verdict(
        outcome=outcome,
        comparison=decision.comparison,
        winner_score=float(ours.mean()),
        winner_interval=configuration_interval(winner, groups=evidence.groups, prior=evidence.winner_prior),
        default_score=float(theirs.mean()),
        default_interval=configuration_interval(default, groups=evidence.groups),
        winner_seeds=len(winner),
        default_seeds=len(default),
        ahead=sum(bool(one > other if mode == "max" else one < other) for one, other in pairs),
        level=decision.level,
        forecast=decision.forecast,
        account=account,
    )
