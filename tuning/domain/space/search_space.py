"""The search space of a job: which hyperparameters are tuned, over which values, and how they depend on each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from tuning.domain.space.conditions import WHEN, Condition, condition_faults, in_order
from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.choices import Constant
from tuning.domain.space.expressions import Comparison
from tuning.domain.space.parameters import hyperparameter_faults, hyperparameter_warnings
from tuning.domain.space.parsing import count_fault, parse_constraints, parse_parameters
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults, InvalidInput, Messages, join
from tunix.validation.values import number_fault

SEARCH_SPACE_PATH = "search_space_json"
CONSTRAINTS_PATH = "constraints_json"


class InvalidSearchSpace(InvalidInput):
    """A search space that cannot be searched; `errors` is keyed by path (`search_space_json.learning_rate.min`)."""


@dataclass(frozen=True, eq=False)
class SearchSpace:
    """Distributions by parameter name, when each exists, and comparisons that every configuration obeys.

    Immutable, and equal to any space with the same definition, so that it can be shared and used as the key of a cache.
    `parse` accepts only hyperparameters of a run as names; the constructor accepts any names.
    """

    parameters: Mapping[str, Distribution]
    path: str = SEARCH_SPACE_PATH
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    constraints: Sequence[Comparison] = ()

    def __post_init__(self) -> None:
        if message := count_fault(self.parameters):
            raise InvalidSearchSpace({self.path: [message]})
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        object.__setattr__(self, "conditions", MappingProxyType(dict(self.conditions)))
        object.__setattr__(self, "constraints", tuple(self.constraints))
        if faults := _structure_faults(self):
            raise InvalidSearchSpace(faults.messages)

    def __reduce__(self) -> tuple[Callable[..., SearchSpace], tuple[Any, ...]]:
        """A read-only view of a dict cannot be pickled."""
        return SearchSpace, (dict(self.parameters), self.path, dict(self.conditions), self.constraints)

    @classmethod
    def parse(
        cls, data: Any, constraints: Any = None, *, path: str = SEARCH_SPACE_PATH, any_names: bool = False
    ) -> SearchSpace:
        """The space that `data` (name -> definition) describes, with `constraints` (a list of comparisons).

        With `any_names` its parameters need not be hyperparameters. Raises InvalidSearchSpace with every fault.
        """
        if not isinstance(data, Mapping):
            raise InvalidSearchSpace({path: ["Must be an object of parameter names and their definitions."]})
        if message := count_fault(data):
            raise InvalidSearchSpace({path: [message]})
        faults = Faults()
        found = parse_parameters(data, path, faults, any_names=any_names)
        comparisons = parse_constraints(constraints, CONSTRAINTS_PATH, faults)
        if faults:
            raise InvalidSearchSpace(faults.messages)
        return cls(found.parameters, path, found.conditions, comparisons)

    def to_json(self) -> dict[str, Any]:
        """The definition that `parse` reads back."""
        when = {name: {WHEN: condition.to_json()} for name, condition in self.conditions.items()}
        return {name: kind.to_json() | when.get(name, {}) for name, kind in self.parameters.items()}

    def constraints_json(self) -> list[str]:
        """The constraints that `parse` reads back."""
        return [str(comparison) for comparison in self.constraints]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SearchSpace) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    @cached_property
    def _text(self) -> str:
        return json.dumps([self.path, self.to_json(), self.constraints_json()], sort_keys=True)

    # Parameters

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters in the order in which values are chosen: each after those it needs, otherwise sorted.

        The order of the definition does not matter, because a database may reorder a JSON object.
        """
        return in_order(self.parameters, {name: self.needs(name) for name in self.parameters})

    @cached_property
    def sampled(self) -> tuple[str, ...]:
        """Those of `names` for which a sampler chooses a value."""
        return tuple(name for name in self.names if self.parameters[name].is_sampled)

    @property
    def is_conditional(self) -> bool:
        """Whether some configurations lack a parameter."""
        return bool(self.conditions)

    @property
    def is_restricted(self) -> bool:
        """Whether some combinations of valid values may not be proposed."""
        return bool(self.constraints) or any(kind.depends_on for kind in self.parameters.values())

    def continuous(self) -> list[str]:
        """The parameters with infinitely many values."""
        return [name for name in self.names if self.parameters[name].size is None]

    def needs(self, name: str) -> tuple[str, ...]:
        """The parameters on which the existence or the value of another one depends."""
        condition = self.conditions.get(name)
        return (*(condition.values if condition else ()), *self.parameters[name].depends_on)

    def warnings(self) -> Messages:
        """What is valid but unusual, by path."""
        found = Faults()
        for name, distribution in self.parameters.items():
            found.merge(hyperparameter_warnings(name, distribution), join(self.path, name))
        return found.messages

    # Configurations

    def exists(self, name: str, params: Mapping[str, Scalar]) -> bool:
        """Whether a parameter exists, given the values of those before it in `names`."""
        condition = self.conditions.get(name)
        if not all(other in params for other in self.parameters[name].depends_on):
            return False
        return condition is None or condition.holds(params)

    def completed(self, sampled: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The configuration with these sampled values: constants and derived parameters are added.

        A parameter whose value is missing is left out, and so are those that need it.
        """
        params: dict[str, Scalar] = {}
        for name in self.names:
            kind = self.parameters[name]
            if not self.exists(name, params):
                continue
            if not kind.is_sampled:
                params[name] = kind.value_of(params)
            elif name in sampled:
                params[name] = sampled[name]
        return params

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Whether `params` has exactly the parameters that exist together, each with one of its values."""
        expected = [name for name in self.names if self.exists(name, params)]
        return params.keys() == set(expected) and all(self.holds(name, params) for name in expected)

    def holds(self, name: str, params: Mapping[str, Any]) -> bool:
        """Whether the value of parameter `name` in `params` is one that it may have."""
        return self.parameters[name].holds(params[name], params)

    def broken_constraint(self, params: Mapping[str, Scalar]) -> str:
        """Why a configuration of valid values is not allowed; empty if it is."""
        for comparison in self.constraints:
            if not comparison.holds(params):
                return f"{comparison} does not hold."
        for name, kind in self.parameters.items():
            if not kind.depends_on or name not in params:
                continue
            derived = params[name]  # must be a number within the bounds of its hyperparameter
            if number_fault(derived) is not None or hyperparameter_faults(name, Constant(derived)):
                return f"{name} would be {derived!r}, which is not a valid value."
        return ""

    def corners(self) -> list[dict[str, Scalar]]:
        """Two configurations: every parameter at its first extreme, and every one at its last; null is avoided.

        Both contain all parameters, including those that never exist together.
        """
        corners: list[dict[str, Scalar]] = [{}, {}]
        for name in self.names:
            kind = self.parameters[name]
            extremes = [value for _, value in kind.extremes()]
            known = [value for value in extremes if value is not None] or extremes
            for corner, which in zip(corners, (0, -1), strict=True):
                corner[name] = kind.value_of(corner) if kind.depends_on else known[which]
        return corners


def _structure_faults(space: SearchSpace) -> Faults:
    """Faults between parameters: in conditions, products and constraints, and circular dependencies."""
    faults = Faults()
    faults.merge(condition_faults(space.parameters, space.conditions).messages, space.path)
    for name, kind in space.parameters.items():
        _refuse_unknown(faults, join(space.path, join(name, "product")), kind.depends_on, space)
    for index, comparison in enumerate(space.constraints):
        _refuse_unknown(faults, f"{CONSTRAINTS_PATH}[{index}]", comparison.names, space)
    if not faults:
        try:
            _ = space.names
        except ValueError as circle:
            faults.add(space.path, str(circle))
    return faults


def _refuse_unknown(faults: Faults, path: str, names: Iterable[str], space: SearchSpace) -> None:
    for name in names:
        if name not in space.parameters:
            known = list(space.parameters)
            faults.add(path, f"{name} is not a parameter of this space.{did_you_mean(name, known)}")
