"""A search space in Optuna's terms.

Choices and quantized numbers are given to Optuna as the index of the value. So what comes back is exact, true and 1
stay apart, and a value read from the ledger leads to the very number that Optuna proposed. Optuna knows no bell and no
steps on a logarithmic scale: the one is drawn as a share of the bell, the other as the number that is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tuning.domain.space.distributions import Choice, Distribution, Int, QUniform, Uniform
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.space.shaped_distributions import LogInt, Normal, QLogUniform
from tunix.pipeline.spec import Scalar

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.distributions import BaseDistribution


def optuna_distributions(space: SearchSpace, params: Mapping[str, Any] | None = None) -> dict[str, BaseDistribution]:
    """By name, in the space's order for sampling: of all that are drawn, or of those that `params` has.

    Constants and derived parameters are not Optuna's business.
    """
    names = space.drawn if params is None else [name for name in space.drawn if name in params]
    return {name: _optuna_distribution(space.parameters[name]) for name in names}


def draw(space: SearchSpace, trial: Trial) -> dict[str, Scalar]:
    """A configuration from a trial of Optuna's, which is asked for those parameters only that exist."""
    drawn: dict[str, Scalar] = {}
    for name in space.drawn:
        if space.exists(name, space.completed(drawn)):
            drawn[name] = _decoded(space.parameters[name], _suggested(trial, name, space.parameters[name]))
    return space.completed(drawn)


def encode(space: SearchSpace, params: Mapping[str, Scalar]) -> dict[str, Any]:
    """Our parameters as Optuna's."""
    return {name: _encoded(space.parameters[name], params[name]) for name in space.drawn if name in params}


def decode(space: SearchSpace, params: Mapping[str, Any]) -> dict[str, Scalar]:
    """Optuna's parameters as ours, constants and derived ones included."""
    return space.completed({name: _decoded(space.parameters[name], value) for name, value in params.items()})


def _optuna_distribution(distribution: Distribution) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match distribution:
        case Choice():
            return CategoricalDistribution(range(len(distribution.values)))
        case QLogUniform():
            return FloatDistribution(distribution.min, distribution.max, log=True)
        case QUniform():
            return IntDistribution(0, (distribution.size or 1) - 1)
        case Int():
            return IntDistribution(distribution.min, distribution.largest, log=distribution.log, step=distribution.step)
        case LogInt():
            return IntDistribution(distribution.min, distribution.max, log=True)
        case Uniform():
            return FloatDistribution(distribution.min, distribution.max, log=distribution.type == "loguniform")
        case Normal():
            return FloatDistribution(0.0, 1.0)
    raise TypeError(f"There is no Optuna distribution for {distribution!r}.")


def _suggested(trial: Trial, name: str, distribution: Distribution) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match _optuna_distribution(distribution):
        case CategoricalDistribution() as known:
            return trial.suggest_categorical(name, known.choices)
        case IntDistribution() as known:
            return trial.suggest_int(name, known.low, known.high, log=known.log, step=known.step)
        case FloatDistribution() as known:
            return trial.suggest_float(name, known.low, known.high, log=known.log)
    raise TypeError(f"Optuna cannot be asked for {distribution!r}.")


def _encoded(distribution: Distribution, value: Any) -> Any:
    match distribution:
        case Choice():
            return distribution.index_of(value)
        case QLogUniform():
            return float(value)
        case QUniform():
            return distribution.index_of(value)
        case Int() | LogInt():
            return int(value)
        case Normal():
            return distribution.share_below(value)
    return float(value)


def _decoded(distribution: Distribution, value: Any) -> Scalar:
    match distribution:
        case QLogUniform():
            return distribution.nearest(value)
        case Choice() | QUniform():
            return distribution.value_at(int(value))
        case Int() | LogInt():
            return int(value)
        case Normal():
            return distribution.quantile(value)
        case Uniform():  # an exponential of a logarithm may leave the range by its last bit
            return min(max(float(value), distribution.min), distribution.max)
    raise TypeError(f"{distribution!r} is not drawn by Optuna.")
