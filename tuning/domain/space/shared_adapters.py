"""What the adapters of all trials of a job fit into, so that the trials share their compiled programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tuning.domain.space.projection import settings_of
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.hyperparameters import HYPERPARAMETERS, resolve
from tunix.pipeline.spec import ADAPTED, Method, Scalar

RANK: Final = "lora_rank"
DROPOUT: Final = "lora_dropout"

_BASE: Final = ("base_dtype", "base_quantization")

Values = Mapping[str, Scalar]


def largest_rank(space: SearchSpace, fixed: Values, enqueued: Iterable[Values], method: Method) -> int:
    """The largest rank of any trial. 0 for a method without adapters."""
    return int(_largest(RANK, space, fixed, enqueued, method))


def has_dropout(space: SearchSpace, fixed: Values, enqueued: Iterable[Values], method: Method) -> bool:
    """Whether any trial has dropout in its adapters."""
    return _largest(DROPOUT, space, fixed, enqueued, method) > 0


def untuned_base(fixed: Values, method: Method) -> dict[str, str]:
    """The type and quantization with which the base is judged untuned: those that trials start from by default."""
    if method not in ADAPTED:
        return {}
    of_trials = resolve({name: fixed[name] for name in _BASE if name in fixed}, method)
    return {f"untuned_{name.removeprefix('base_')}": str(of_trials[name]) for name in _BASE if name in of_trials}


def _largest(name: str, space: SearchSpace, fixed: Values, enqueued: Iterable[Values], method: Method) -> float:
    """The largest value of any trial: searched, enqueued, or the default's.

    Controls and confirmations train the default configuration, whose value the search need not contain.
    """
    if method not in ADAPTED:
        return 0
    values = [fixed.get(name, HYPERPARAMETERS[name].default), *_searched(name, space, fixed, method)]
    values += [params[name] for params in enqueued if name in params]
    return max(float(value) for value in values if value is not None)


def _searched(name: str, space: SearchSpace, fixed: Values, method: Method) -> list[Scalar]:
    kind = space.parameters.get(name)
    if kind is None:
        return []
    if kind.depends_on:
        return [one.values[name] for one in settings_of(space, fixed, (name,), method)]
    return [value for _, value in kind.extremes()]
