"""Simulated searches: what is said of their leader, its ties and a cheaper trial, and what is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tuning.domain.selection.stages import MARGIN
from tuning.domain.selection.ties import ScoredTrial, compare_trials
from tunix.statistics.arrays import item_variance
from tunix.statistics.seed_noise import seed_noise
from tunix.statistics.shrinkage import expected_best

from .simulated_sweep import rank_once, search_once
from .worlds import Setting

TIES = "ties"
TOLD = ("has_best", "has_all", "tied", "has_best_after", "has_all_after", "tied_after")


@dataclass(frozen=True)
class Led:
    """A search with 3 seeds of the default: whether the best configuration is among the tied ones, and all of them are.

    `tied`: how many are. The same is said again `after` the ranking, which adds 3 seeds of each finalist. `raw` and
    `shrunk`: how much better than it is the leader looks, and is expected to be. `cheaper_loses`: how much worse than
    the leader the cheaper trial is that is named; None if none is.
    """

    has_best: bool
    has_all: bool
    tied: int
    has_best_after: bool
    has_all_after: bool
    tied_after: int
    raw: float
    shrunk: float
    cheaper_loses: float | None


def tie_settings() -> tuple[Setting, ...]:
    """All configurations equal, and of different quality, each with five seed deviations; one with common seeds."""
    base = Setting(TIES, "", trials=32, correlation=0.0)
    lines = [(spread, deviation, 0.0) for spread in (0.0, 0.05) for deviation in (0.0, 0.005, 0.01, 0.02, 0.04)]
    return tuple(
        replace(base, label=_label(*line), spread=line[0], deviation=line[1], correlation=line[2])
        for line in (*lines, (0.05, 0.02, 0.5))
    )


def _label(spread: float, deviation: float, correlation: float) -> str:
    kind = f"spread {100 * spread:g}" if spread else "all equal"
    common = f", correlation {correlation:g}" if correlation else ""
    return f"{kind}, seed sd {100 * deviation:g}{common}"


def lead_once(rng: np.random.Generator, setting: Setting) -> Led:
    """One search, of whose trials each has a cost drawn at random."""
    job = search_once(rng, setting)
    ranking = rank_once(rng, job)
    controls, *again = ([run.scores for run in runs if run.scores] for runs in (ranking.controls, *ranking.finalists))
    noise = seed_noise([controls])
    costs = rng.random(setting.trials)
    trials = [
        ScoredTrial(number, float(np.mean(scores)), scores, float(costs[number]))
        for number, scores in enumerate(job.found.tolist())
    ]
    standings = compare_trials(trials, noise=noise, margin=MARGIN)
    after = compare_trials(trials, noise=seed_noise([controls, *again]), margin=MARGIN)
    if standings is None or after is None or noise is None:
        raise RuntimeError("A simulated search has trials and controls.")
    values = [trial.value for trial in trials]
    expected = expected_best(values, item_variance(job.found.tolist()), noise)
    truth = float(job.qualities[standings.leader])
    cheaper, best = standings.cheapest, int(job.qualities[:-1].argmax())
    return Led(
        has_best=best in standings.tied,
        has_all=len(standings.tied) == len(trials),
        tied=len(standings.tied),
        has_best_after=best in after.tied,
        has_all_after=len(after.tied) == len(trials),
        tied_after=len(after.tied),
        raw=max(values) - truth,
        shrunk=expected - truth,
        cheaper_loses=None if cheaper is None else truth - float(job.qualities[cheaper]),
    )


def ties_of(led: Sequence[Led], setting: Setting) -> dict[str, Any]:
    """The figures of one line: rates are fractions of 1, biases points. `cheaper_bad`: of the named ones."""
    loses = [one.cheaper_loses for one in led if one.cheaper_loses is not None]
    return {
        "world": setting.world,
        "label": setting.label,
        "sweeps": len(led),
        "spread": setting.spread,
        "deviation": setting.deviation,
        **{name: round(float(np.mean([getattr(one, name) for one in led])), 4) for name in TOLD},
        "named": len(loses),
        "cheaper_bad": round(sum(lost > MARGIN for lost in loses) / max(1, len(loses)), 4),
        "raw": round(100 * float(np.mean([one.raw for one in led])), 2),
        "shrunk": round(100 * float(np.mean([one.shrunk for one in led])), 2),
    }
