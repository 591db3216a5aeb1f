"""Which values a few hyperparameters take over a whole search space, and in how many configurations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.choices import Choice
from tuning.domain.space.grid import configurations
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.space.size import MAX_COUNTED, size_of
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.spec import Method, Scalar
from tunix.validation.values import key_of


@dataclass(frozen=True)
class Setting:
    """The values of the hyperparameters, and the number of configurations that have them; None if it is unlimited."""

    values: Mapping[str, Any]
    configurations: int | None


def settings_of(
    space: SearchSpace, fixed: Mapping[str, Scalar], names: Sequence[str], method: Method = "full"
) -> list[Setting]:
    """Every combination of values of the hyperparameters `names` that a trial of this method may have, resolved.

    1. If the whole space is finite and small, its configurations are counted.
    2. Otherwise only the parameters on which `names` depend are looked at. What other parameters forbid is ignored.
    3. Of a parameter with too many values only the extremes are used, and those that conditions mention.
    """
    size = size_of(space)
    is_counted = size is not None and size.number <= MAX_COUNTED and size.is_exact
    looked_at = space if is_counted else _part(space, names)
    counts = Counter(_key(params, names) for params in (_allowed(looked_at) if looked_at else [{}]))
    return [
        Setting(_resolved(dict(key), fixed, names, method), count if is_counted else None)
        for key, count in counts.items()
    ]


def setting_of(
    params: Mapping[str, Scalar], fixed: Mapping[str, Scalar], names: Sequence[str], method: Method = "full"
) -> Setting:
    """The values that one configuration has."""
    return Setting(_resolved(params, fixed, names, method), 1)


def _resolved(
    params: Mapping[str, Scalar], fixed: Mapping[str, Scalar], names: Sequence[str], method: Method
) -> dict[str, Scalar]:
    values = resolve({**fixed, **params}, method)
    return {name: values[name] for name in names if name in values}


def _key(params: Mapping[str, Scalar], names: Sequence[str]) -> tuple[tuple[str, Scalar], ...]:
    return tuple((name, params[name]) for name in names if name in params)


def _allowed(space: SearchSpace) -> Iterator[dict[str, Scalar]]:
    return islice((params for params in configurations(space) if not space.broken_constraint(params)), MAX_COUNTED)


def _part(space: SearchSpace, names: Iterable[str]) -> SearchSpace | None:
    """The part of a space that decides about `names`, with few values for each parameter if it is still too large.

    None if the space does not decide about them.
    """
    kept = _needed(space, names)
    if not kept:
        return None
    parameters = {name: space.parameters[name] for name in kept}
    conditions = {name: condition for name, condition in space.conditions.items() if name in kept}
    constraints = [comparison for comparison in space.constraints if kept.issuperset(comparison.names)]
    part = SearchSpace(parameters, space.path, conditions, constraints)
    size = size_of(part)
    if size is not None and size.number <= MAX_COUNTED and size.is_exact:
        return part
    few = {name: _few_values(name, kind, part) for name, kind in parameters.items()}
    return SearchSpace(few, space.path, conditions)


def _needed(space: SearchSpace, names: Iterable[str]) -> set[str]:
    """Those of `names` that are parameters, and all parameters on which they depend."""
    kept: set[str] = set()
    waiting = [name for name in names if name in space.parameters]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept.add(name)
            waiting += space.needs(name)
    return kept


def _few_values(name: str, kind: Distribution, space: SearchSpace) -> Distribution:
    if kind.depends_on or not kind.is_sampled:
        return kind
    mentioned = [value for one in space.conditions.values() for value in one.values.get(name, ())]
    extremes = [value for _, value in kind.extremes()]
    return Choice(tuple({key_of(value): value for value in (*extremes, *mentioned)}.values()))
