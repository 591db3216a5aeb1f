"""Checks of a whole space: constraints that leave no configuration, or hardly any."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from tuning.domain.space.search_space import CONSTRAINTS_PATH, SearchSpace
from tuning.domain.space.size import size_of
from tunix.pipeline.hyperparameters import HYPERPARAMETERS, errors_in
from tunix.pipeline.spec import Method, Scalar
from tunix.validation.errors import Messages, join

DRAWS: Final = 500
FEW: Final = 0.02
"""If a smaller share of random configurations obeys the constraints, most draws of a search would be refused."""


def space_faults(space: SearchSpace, method: Method | None) -> Messages:
    """The faults of a whole space, by path: parameters that runs of a method do not have, and no configuration.

    Without a method its parameters may be those of any.
    """
    return _of_other_methods(space, method) or _without_configurations(space)


def _of_other_methods(space: SearchSpace, method: Method | None) -> Messages:
    errors = errors_in(dict.fromkeys(space.names), method)
    strange = [name for name in space.names if method and not HYPERPARAMETERS[name].exists_for(method)]
    return {join(space.path, name): errors[name] for name in strange}


def _without_configurations(space: SearchSpace) -> Messages:
    """The fault of a finite space in which no configuration obeys the constraints."""
    size = size_of(space)
    if size is None or size.number > 0:
        return {}
    if not space.constraints:
        return {space.path: ["No configuration is possible: every value of a derived parameter is invalid."]}
    return {CONSTRAINTS_PATH: ["No configuration of the search space obeys the constraints."]}


def space_warnings(space: SearchSpace) -> Messages:
    """What is valid but unusual, by path."""
    found = space.warnings()
    size = size_of(space)
    if (size is not None and size.is_exact) or not space.is_restricted:
        return found
    share = sum(not space.broken_constraint(params) for params in draws(space, DRAWS)) / DRAWS
    if share < FEW:
        path = CONSTRAINTS_PATH if space.constraints else space.path
        found.setdefault(path, []).append(
            f"Only {share:.1%} of {DRAWS} random configurations are allowed: narrow the ranges."
        )
    return found


def draws(space: SearchSpace, count: int, seed: int = 0) -> Iterator[dict[str, Scalar]]:
    """Random configurations: each parameter by its own distribution, regardless of the constraints."""
    chance = random.Random(seed)  # noqa: S311  (not a secret)
    for _ in range(count):
        params: dict[str, Scalar] = {}
        for name in space.names:
            kind = space.parameters[name]
            if space.exists(name, params):
                params[name] = kind.value_of(params) if kind.depends_on else kind.quantile(chance.random())
        yield params
