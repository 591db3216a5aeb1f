"""Configurations in Optuna's terms and back.

Each distribution says what Optuna searches for it (`search_form`) and converts its values. Choices and steps are
searched by index: what comes back is exact, true and 1 stay different, and a value read from the database leads to the
same number that Optuna proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.distributions import BaseDistribution


def optuna_distributions(space: SearchSpace, params: Mapping[str, Any] | None = None) -> dict[str, BaseDistribution]:
    """By name, in the order of the space: of all sampled parameters, or of those that `params` has."""
    names = space.sampled if params is None else [name for name in space.sampled if name in params]
    return {name: space.parameters[name].search_form().distribution() for name in names}


def suggest(space: SearchSpace, trial: Trial) -> dict[str, Scalar]:
    """A configuration from an Optuna trial, which is asked only for the parameters that exist."""
    sampled: dict[str, Scalar] = {}
    for name in space.sampled:
        if space.exists(name, space.completed(sampled)):
            kind = space.parameters[name]
            sampled[name] = kind.decode(kind.search_form().suggest(trial, name))
    return space.completed(sampled)


def encode(space: SearchSpace, params: Mapping[str, Scalar]) -> dict[str, Any]:
    """A configuration as Optuna's parameters."""
    return {name: space.parameters[name].encode(params[name]) for name in space.sampled if name in params}


def decode(space: SearchSpace, params: Mapping[str, Any]) -> dict[str, Scalar]:
    """Optuna's parameters as a configuration, constants and derived parameters included."""
    return space.completed({name: space.parameters[name].decode(value) for name, value in params.items()})
