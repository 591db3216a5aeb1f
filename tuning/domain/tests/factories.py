"""Plain functions that make the values under test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.space.search_space import InvalidSearchSpace, SearchSpace
from tunix.pipeline.spec import Scalar

LEARNING_RATE = {"type": "loguniform", "min": 1e-4, "max": 1e-1}
BATCH_SIZE = {"type": "choice", "values": [16, 32, 64]}
MIXED = {
    "learning_rate": LEARNING_RATE,
    "warmup_ratio": {"type": "quniform", "min": 0, "max": 0.3, "q": 0.1},
    "weight_decay": {"type": "uniform", "min": 0, "max": 0.5},
    "num_epochs": {"type": "int", "min": 1, "max": 8},
    "gradient_accumulation_steps": {"type": "int", "min": 1, "max": 64, "log": True},
    "max_seq_length": {"type": "int", "min": 16, "max": 64, "step": 16},
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "seed": {"type": "constant", "value": 7},
}
FINITE = {"batch_size": BATCH_SIZE, "num_epochs": {"type": "int", "min": 1, "max": 2}}

Outcome = Callable[[int, Mapping[str, Scalar]], dict[str, Any]]


def make_sampler(space: Any = MIXED, algorithm: str = "tpe", seed: int = 0, **overrides: Any) -> Sampler:
    options = {"name": algorithm, "n_startup_trials": 4} if algorithm == "tpe" else {"name": algorithm}
    values = {"seed": seed, "metric_mode": "max", **overrides}
    return Sampler(space=SearchSpace.parse(space), algorithm=Algorithm.parse(options), **values)


def run_job(sampler: Sampler, count: int, outcome: Outcome, history: Sequence[Observation] = ()) -> list[Observation]:
    """Lives through `count` slots at concurrency 1, after those of `history`."""
    trials = list(history)
    for number in range(len(trials), count):
        proposal = sampler.propose(number)
        fate = outcome(number, proposal.params)
        trials.append(Observation(number, proposal.params, state=proposal.state, **fate))
        sampler.tell(trials[-1])
    return trials


def scored(number: int, params: Mapping[str, Scalar]) -> dict[str, Any]:
    """Best at a learning rate of 0.01."""
    return {"outcome": "completed", "value": -abs(float(params["learning_rate"]) - 0.01)}


def with_failures(number: int, params: Mapping[str, Scalar]) -> dict[str, Any]:
    """Every kind of end in turn."""
    fates = [{"outcome": "failed"}, {"outcome": "infeasible"}, {"outcome": "pruned", "value": 0.5, "step": 10}]
    return scored(number, params) if number % 5 < 2 else fates[number % 5 - 2]


def through_json(trial: Observation) -> Observation:
    """What a database gives back of it."""
    params, state = json.loads(json.dumps([trial.params, trial.state], sort_keys=True))
    return replace(trial, params=params, state=state)


def faults_of(space: Any) -> dict[str, list[str]]:
    """The errors a space is refused with."""
    try:
        SearchSpace.parse(space)
    except InvalidSearchSpace as invalid:
        return invalid.errors
    return {}


def make_request(**overrides: Any) -> dict[str, Any]:
    request = {
        "name": "lr sweep",
        "dataset_key": "arithmetic-v1",
        "base_model_id": "tiny-gemma3",
        "search_space_json": {"learning_rate": LEARNING_RATE, "batch_size": BATCH_SIZE},
    }
    return {name: value for name, value in {**request, **overrides}.items() if value is not ...}
