"""A job's search as a study of Optuna's, in plain data: real values, where `encoding` uses indices.

The distributions are what `optuna.distributions.distribution_to_json` gives, so that nobody needs Optuna to write them.
Derived parameters are no parameters there; a bell and steps on a logarithmic scale are lost. The space itself goes
along as a user attribute, and an import reads that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tuning.domain.space.derived import Derived
from tuning.domain.space.distributions import Choice, Constant, Distribution, Int, LogUniform, QUniform, Uniform
from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, SearchSpace
from tuning.domain.space.shaped_distributions import LogInt, Normal, QLogUniform
from tunix.pipeline.spec import Scalar

DIRECTIONS = {"max": "maximize", "min": "minimize"}
STATES = {
    "pending": "WAITING",
    "running": "RUNNING",
    "completed": "COMPLETE",
    "pruned": "PRUNED",
    "failed": "FAIL",
    "canceled": "FAIL",
}
"""Statuses of trials, as Optuna's `TrialState` calls them."""


def distributions(space: SearchSpace) -> dict[str, dict[str, Any]]:
    """By name, of all parameters that are not derived."""
    kinds = space.parameters.items()
    return {name: _distribution(kind) for name, kind in kinds if not isinstance(kind, Derived)}


def parameters(space: SearchSpace, params: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """A trial's parameters; those that the space cannot propose are left out, since Optuna refuses them."""
    kinds = {name: space.parameters[name] for name in space.names if name in params}
    return {
        name: _value(kind, params[name])
        for name, kind in kinds.items()
        if not isinstance(kind, Derived) and kind.contains(params[name])
    }


def space_attributes(space: SearchSpace) -> dict[str, Any]:
    """The user attributes of a study by which an import restores the space."""
    return {SEARCH_SPACE_PATH: space.to_json(), CONSTRAINTS_PATH: space.constraints_json()}


def _distribution(kind: Distribution) -> dict[str, Any]:
    match kind:
        case Choice() | Constant():
            return {"name": "CategoricalDistribution", "attributes": {"choices": _choices(kind)}}
        case QLogUniform():
            return _float(kind.min, kind.value_at((kind.size or 1) - 1), log=True)
        case QUniform():
            return _float(kind.min, kind.value_at((kind.size or 1) - 1), step=kind.q)
        case LogUniform():
            return _float(kind.min, kind.max, log=True)
        case Uniform() | Normal():
            return _float(kind.min, kind.max)
        case Int():
            return _int(kind.min, kind.largest, log=kind.log, step=kind.step)
        case LogInt():
            return _int(kind.min, kind.max, log=True)
    raise TypeError(f"There is no Optuna distribution for {kind!r}.")


def _float(low: float, high: float, *, log: bool = False, step: float | None = None) -> dict[str, Any]:
    return {"name": "FloatDistribution", "attributes": {"step": step, "low": low, "high": high, "log": log}}


def _int(low: int, high: int, *, log: bool = False, step: int = 1) -> dict[str, Any]:
    return {"name": "IntDistribution", "attributes": {"log": log, "step": step, "low": low, "high": high}}


def _choices(kind: Choice | Constant) -> list[Scalar]:
    """Optuna takes true for 1; where both are choices, all become text."""
    values: tuple[Scalar, ...] = kind.values if isinstance(kind, Choice) else (kind.value,)
    return list(values) if len(set(values)) == len(values) else [json.dumps(value) for value in values]


def _value(kind: Distribution, value: Scalar) -> Scalar:
    if isinstance(kind, Choice) and len(set(kind.values)) < len(kind.values):
        return json.dumps(value)
    return value
