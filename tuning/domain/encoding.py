"""A search space in Optuna's terms.

Choices and quantized numbers are given to Optuna as the index of the value. So what comes back is exact, true and 1
stay apart, and a value read from the ledger leads to the very number that Optuna proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tuning.domain.distributions import Choice, Constant, Distribution, Int, QUniform, Uniform
from tuning.domain.search_space import SearchSpace
from tuning.domain.values import is_same
from tunix.pipeline.spec import Scalar

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def optuna_distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """By name, in the space's order for sampling. Constants are not Optuna's business."""
    found = ((name, space.parameters[name]) for name in space.names)
    return {name: _optuna_distribution(kind) for name, kind in found if not isinstance(kind, Constant)}


def encode(space: SearchSpace, params: Mapping[str, Scalar]) -> dict[str, Any]:
    """Our parameters as Optuna's."""
    searched = (name for name in space.names if not isinstance(space.parameters[name], Constant))
    return {name: _encoded(space.parameters[name], params[name]) for name in searched}


def decode(space: SearchSpace, params: Mapping[str, Any]) -> dict[str, Scalar]:
    """Optuna's parameters as ours, constants included."""
    drawn = {name: _decoded(space.parameters[name], value) for name, value in params.items()}
    known = drawn | space.constants()
    return {name: known[name] for name in space.names}


def _optuna_distribution(distribution: Distribution) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match distribution:
        case Choice():
            return CategoricalDistribution(range(len(distribution.values)))
        case QUniform():
            return IntDistribution(0, (distribution.size or 1) - 1)
        case Int():
            return IntDistribution(distribution.min, distribution.largest, log=distribution.log, step=distribution.step)
        case Uniform():
            return FloatDistribution(distribution.min, distribution.max, log=distribution.type == "loguniform")
    raise TypeError(f"There is no Optuna distribution for {distribution!r}.")


def _encoded(distribution: Distribution, value: Any) -> Any:
    match distribution:
        case Choice():
            return next(index for index, known in enumerate(distribution.values) if is_same(known, value))
        case QUniform():
            return distribution.index_of(value)
        case Int():
            return int(value)
    return float(value)


def _decoded(distribution: Distribution, value: Any) -> Scalar:
    match distribution:
        case Choice() | QUniform():
            return distribution.value_at(int(value))
        case Int():
            return int(value)
        case Uniform():  # an exponential of a logarithm may leave the range by its last bit
            return min(max(float(value), distribution.min), distribution.max)
    raise TypeError(f"{distribution!r} is not drawn by Optuna.")
