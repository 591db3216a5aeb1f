"""The best value after n trials on standard test functions: our samplers, Optuna alone, and random search."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import geometric_mean, median
from typing import Any

from tuning.domain.sampling.algorithm import DEFAULT_ALGORITHM, OPTIONS, Algorithm, unsuited

from .report import environment, report
from .search_functions import FUNCTIONS
from .search_goals import correct, goals_of, p_values_of
from .searching import Searched, ask_milliseconds, peer_ask_milliseconds, search_ours, search_peer

DEFAULTS = "defaults"
"""A separate contest: a job without an algorithm, compared with Optuna's TPE with its default options."""
CONTESTS = (*OPTIONS, DEFAULTS)
PEERS = ("random", "sobol", "tpe", "cmaes", "nsga2")
"""The algorithms that Optuna also has. Its grid search and its Gaussian process (which needs torch) are left out."""
OURS_ALONE = ("crossover",)
"""Options that Optuna takes as objects; its default is the same as ours."""
AGAIN = 4
KNOWN = (200, 1000)
SMALLEST_SHARE = 0.001
"""Used if the exact minimum was found: a geometric mean cannot contain zero."""


@dataclass(frozen=True)
class Contest:
    """One algorithm and its peer: Optuna's sampler of the same kind with the same options, if there is one."""

    label: str
    algorithm: Algorithm = field(init=False)

    def __post_init__(self) -> None:
        asked = None if self.label == DEFAULTS else {"name": self.label}
        object.__setattr__(self, "algorithm", Algorithm.parse(asked))

    @property
    def peer(self) -> tuple[str, dict[str, Any]] | None:
        """The peer's sampler and its options."""
        if self.label == DEFAULTS:
            return "tpe", {}
        options = {name: value for name, value in self.algorithm.options.items() if name not in OURS_ALONE}
        return (self.label, options) if self.label in PEERS else None

    def functions(self, names: Sequence[str]) -> list[str]:
        """The functions that the algorithm can search."""
        return [name for name in names if not unsuited(FUNCTIONS[name].space, self.algorithm)]


@dataclass(frozen=True)
class Plan:
    """The functions, the number of trials, and the seeds."""

    functions: Sequence[str]
    trials: int
    seeds: range


def search(
    *, algorithms: Sequence[str], functions: Sequence[str], trials: int, seeds: int, known: Sequence[int] = KNOWN
) -> dict[str, Any]:
    """One row per algorithm and function, and whether the goals are met. Regrets are medians over seeds.

    With this many rows one may miss its goal by chance. Such a row is searched again with four times as many other
    seeds, and the second result decides. The first one is kept in the row.
    """
    started = time.process_time()
    plan = Plan(functions, trials, range(seeds))
    rows = [row for label in algorithms for row in _rows(Contest(label), plan)]
    decided = [_decided(row, plan) for row in rows]
    detail = {
        "trials": trials,
        "rows": decided,
        "ask_milliseconds": {label: _ask_times(Contest(label), known) for label in algorithms if label != DEFAULTS},
        "cpu_seconds": round(time.process_time() - started, 1),
    }
    return _summary(decided, detail) | {
        "runs": seeds,
        "goals_met": all(all(row["goals"].values()) for row in decided),
    }


def _rows(contest: Contest, plan: Plan) -> list[dict[str, Any]]:
    names = contest.functions(plan.functions)
    peers: dict[str, Searched] = {}
    if contest.peer is not None and names:
        sampler, options = contest.peer
        peers = search_peer(sampler, options, functions=names, trials=plan.trials, seeds=list(plan.seeds))
    rows = []
    for name in names:
        ours, random = (_searched(label, name, plan.trials, plan.seeds) for label in (contest.label, "random"))
        rows.append(_row(contest, name, ours, peers.get(name), random.regrets))
    correct(rows)
    return [row | {"goals": goals_of(row)} for row in rows]


@cache
def _searched(label: str, name: str, trials: int, seeds: range) -> Searched:
    """Our search, cached: random search is in every row, and the default algorithm is in two contests."""
    if label == DEFAULTS:
        return _searched(DEFAULT_ALGORITHM, name, trials, seeds)
    return search_ours(name, Contest(label).algorithm, trials=trials, seeds=seeds)


def _row(contest: Contest, name: str, ours: Searched, peer: Searched | None, random: list[float]) -> dict[str, Any]:
    return {
        "algorithm": contest.label,
        "function": name,
        "seeds": len(ours.regrets),
        "ours": _rounded(median(ours.regrets)),
        "peer": None if peer is None else _rounded(median(peer.regrets)),
        "random": _rounded(median(random)),
        **p_values_of(ours.regrets, None if peer is None else peer.regrets, random),
        "seconds": {"ours": round(ours.seconds, 3), "peer": None if peer is None else round(peer.seconds, 3)},
    }


def _decided(row: dict[str, Any], plan: Plan) -> dict[str, Any]:
    if all(row["goals"].values()):
        return row
    count = len(plan.seeds)
    again = Plan([row["function"]], plan.trials, range(count, (1 + AGAIN) * count))
    (decided,) = _rows(Contest(row["algorithm"]), again)
    return decided | {"first": row}


def _ask_times(contest: Contest, known: Sequence[int]) -> dict[str, dict[str, float | None]]:
    if unsuited(FUNCTIONS["hartmann6"].space, contest.algorithm):
        return {}
    peers = {} if contest.peer is None else peer_ask_milliseconds(*contest.peer, known)
    return {
        str(number): {
            "ours": round(ask_milliseconds(contest.algorithm, number), 2),
            "peer": round(peers[str(number)], 2) if peers else None,
        }
        for number in known
    }


def _summary(rows: Sequence[dict[str, Any]], detail: dict[str, Any]) -> dict[str, Any]:
    """The regret of the default algorithm, or of the first one with a peer, as a share of the regret of random search.

    It is the geometric mean over the functions. A function that random search solves exactly is left out.
    """
    compared = [row for row in rows if row["peer"] is not None and row["random"]]
    label = min((row["algorithm"] for row in compared), key=lambda label: label != DEFAULT_ALGORITHM, default=None)
    if label is None:
        return {"name": "search", "ours": None, "peer": None, "ratio": None, "detail": detail} | environment()
    chosen = [row for row in compared if row["algorithm"] == label]
    ours, peer = (
        geometric_mean(max(row[side] / row["random"], SMALLEST_SHARE) for row in chosen) for side in ("ours", "peer")
    )
    return report("search", [ours], [peer], "of the regret of random search", detail | {"compared": label})


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
