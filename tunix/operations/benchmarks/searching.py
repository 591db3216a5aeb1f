"""One search of a test function, by our sampler or by Optuna alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.sampling import Observation, Proposal, Sampler

from .peers import run_peer
from .search_functions import FUNCTIONS, Function

ASKED = 5


@dataclass(frozen=True)
class Searched:
    """The regret of the best trial of each seed, and the CPU seconds of one search."""

    regrets: list[float]
    seconds: float


def search_ours(name: str, algorithm: Algorithm, *, trials: int, seeds: Sequence[int]) -> Searched:
    """Search the function `name` once per seed, with ask and tell at concurrency 1, as a job does."""
    function, started = FUNCTIONS[name], time.process_time()
    regrets = [function.regret(_best_value(function, algorithm, trials, seed)) for seed in seeds]
    return Searched(regrets, (time.process_time() - started) / len(seeds))


def search_peer(
    sampler: str, options: dict[str, Any], *, functions: Iterable[str], trials: int, seeds: Sequence[int]
) -> dict[str, Searched]:
    """The same by Optuna alone, for several functions; by name of function."""
    noises = {name: FUNCTIONS[name].noise for name in functions}
    answer = run_peer(
        "optuna_search.py", sampler=sampler, options=options, functions=noises, trials=trials, seeds=seeds, known=[]
    )
    return {
        name: Searched([FUNCTIONS[name].regret(value) for value in values], answer["seconds"][name])
        for name, values in answer["values"].items()
    }


def ask_milliseconds(algorithm: Algorithm, known: int) -> float:
    """Median milliseconds of the next asks in a search of Hartmann 6 with `known` ended trials."""
    function = FUNCTIONS["hartmann6"]
    drawn = Sampler(space=function.space, algorithm=Algorithm("random"), seed=0, metric_mode="min")
    history = [_ended(function, number, drawn.propose(number), 0) for number in range(known)]
    sampler = Sampler(space=function.space, algorithm=algorithm, seed=0, metric_mode="min", history=history)
    return 1000 * median(_ask_seconds(sampler, function, known + count) for count in range(ASKED))


def peer_ask_milliseconds(sampler: str, options: dict[str, Any], known: Iterable[int]) -> dict[str, float]:
    """The same by Optuna alone; by number of known trials."""
    answer = run_peer(
        "optuna_search.py", sampler=sampler, options=options, functions={}, trials=0, seeds=[0], known=list(known)
    )
    return answer["ask_milliseconds"]


def _ask_seconds(sampler: Sampler, function: Function, number: int) -> float:
    started = time.process_time()
    proposal = sampler.propose(number)
    taken = time.process_time() - started
    sampler.tell(_ended(function, number, proposal, 0))
    return taken


def _best_value(function: Function, algorithm: Algorithm, trials: int, seed: int) -> float:
    """The value without noise of the trial with the best observed value."""
    sampler = Sampler(space=function.space, algorithm=algorithm, seed=seed, metric_mode="min")
    ended = []
    for number in range(trials):
        ended.append(_ended(function, number, sampler.propose(number), seed))
        sampler.tell(ended[-1])
    return function.value(min(ended, key=lambda trial: trial.value or 0.0).params)


def _ended(function: Function, number: int, proposal: Proposal, seed: int) -> Observation:
    value = function.observed(proposal.params, seed, number)
    return Observation(number, proposal.params, "completed", value, state=proposal.state)
