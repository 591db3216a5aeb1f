"""Each algorithm with options so small that thirty trials are several generations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar

ALGORITHMS: dict[str, dict[str, Any]] = {
    "random": {"name": "random"},
    "sobol": {"name": "sobol"},
    "tpe": {"name": "tpe", "n_startup_trials": 4},
    "tpe, grouped": {"name": "tpe", "n_startup_trials": 4, "group": True},
    "cmaes": {"name": "cmaes", "popsize": 4},
    "nsga2": {"name": "nsga2", "population_size": 4},
    "gp": {"name": "gp", "n_startup_trials": 4},
}
SQUARE = {name: {"type": "uniform", "min": 0.0, "max": 1.0} for name in ("weight_decay", "warmup_ratio")}
CONDITIONAL: dict[str, Any] = {
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-1},
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "weight_decay": {"type": "uniform", "min": 0.0, "max": 0.1, "when": {"optimizer": ["adamw"]}},
    "warmup_ratio": {"type": "normal", "mean": 0.05, "std": 0.05, "min": 0.0, "max": 0.3},
    "num_epochs": {"type": "int", "min": 1, "max": 6},
    "gradient_accumulation_steps": {"type": "int", "min": 1, "max": 8, "log": True},
}
CONSTRAINTS = ["gradient_accumulation_steps >= num_epochs"]


def sampler_of(
    options: Mapping[str, Any],
    space: Any = CONDITIONAL,
    *,
    constraints: list[str] | None = None,
    seed: int = 0,
    mode: str = "min",
    history: Iterable[Observation] = (),
) -> Sampler:
    """A sampler of a space with an algorithm's options."""
    parsed = SearchSpace.parse(space, constraints)
    return Sampler(space=parsed, algorithm=Algorithm.parse(options), seed=seed, metric_mode=mode, history=history)


def branin(params: Mapping[str, Scalar]) -> float:
    """Least at three points of SQUARE, where it is 0.3979."""
    x, y = 15 * float(params["weight_decay"] or 0) - 5, 15 * float(params["warmup_ratio"] or 0)
    bent = (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2
    return bent + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def sphere(params: Mapping[str, Scalar]) -> float:
    """Least at 0.3 of every parameter of SQUARE."""
    return sum((float(value or 0) - 0.3) ** 2 for value in params.values())


def valued(function: Any) -> Any:
    """Every trial completes, with the function's value."""
    return lambda number, params: {"outcome": "completed", "value": function(params)}
