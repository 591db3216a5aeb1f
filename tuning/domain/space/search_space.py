"""The search space of a job: which hyperparameters are tuned, over which values, and which belong together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from tuning.domain.space.bounds import InvalidDistribution
from tuning.domain.space.conditions import WHEN, Condition, condition_faults, in_order, parse_condition
from tuning.domain.space.definition import parse_distribution
from tuning.domain.space.derived import Derived
from tuning.domain.space.distributions import Constant, Distribution
from tuning.domain.space.expressions import COMPARISON_EXAMPLE, Comparison, InvalidExpression, parse_comparison
from tuning.domain.space.parameters import hyperparameter_faults, hyperparameter_warnings, unknown_hyperparameter
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults, InvalidInput, Messages, join
from tunix.validation.values import number_fault

MAX_PARAMETERS = 50
MAX_CONSTRAINTS = 50
SEARCH_SPACE_PATH = "search_space_json"
CONSTRAINTS_PATH = "constraints_json"


class InvalidSearchSpace(InvalidInput):
    """A search space that cannot be searched; `errors` is keyed by path (`search_space_json.learning_rate.min`)."""


@dataclass(frozen=True)
class SearchSpace:
    """Distributions by parameter name, when each exists, and comparisons that every configuration obeys.

    `parse` admits hyperparameters of a run only; building one admits any names. Immutable: `read_space` shares it.
    """

    parameters: Mapping[str, Distribution]
    path: str = SEARCH_SPACE_PATH
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    constraints: Sequence[Comparison] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        object.__setattr__(self, "conditions", MappingProxyType(dict(self.conditions)))
        object.__setattr__(self, "constraints", tuple(self.constraints))
        if message := _size_fault(self.parameters):
            raise InvalidSearchSpace({self.path: [message]})
        faults = _structure_faults(self)
        if faults:
            raise InvalidSearchSpace(faults.messages)

    def __reduce__(self) -> tuple[Callable[..., SearchSpace], tuple[Any, ...]]:
        """Ray pickles spaces, and a read-only view of a dict cannot be pickled."""
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
        if message := _size_fault(data):
            raise InvalidSearchSpace({path: [message]})
        faults = Faults()
        parameters: dict[str, Distribution] = {}
        conditions: dict[str, Condition] = {}
        for key, definition in data.items():
            name = str(key)
            plain, condition = _split(definition, join(path, name), faults)
            if condition is not None:
                conditions[name] = condition
            try:
                parameters[name] = parse_distribution(plain) if any_names else _parse_parameter(name, plain)
            except InvalidDistribution as invalid:
                faults.merge(invalid.errors, join(path, name))
        comparisons = _parse_constraints(constraints, faults)
        if faults:
            raise InvalidSearchSpace(faults.messages)
        return cls(parameters, path, conditions, comparisons)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters in the order in which they are drawn: each after those it needs, else sorted.

        Not as they were given: a database may reorder a JSON object.
        """
        return in_order(self.parameters, {name: self.needs(name) for name in self.parameters})

    @property
    def drawn(self) -> tuple[str, ...]:
        """Those of `names` that a sampler chooses a value for."""
        return tuple(name for name in self.names if not isinstance(self.parameters[name], Constant | Derived))

    @property
    def is_conditional(self) -> bool:
        """Whether some configurations lack a parameter."""
        return bool(self.conditions)

    def needs(self, name: str) -> tuple[str, ...]:
        """The parameters that one depends on, for whether it exists or for its value."""
        condition, kind = self.conditions.get(name), self.parameters[name]
        return (*(condition.values if condition else ()), *(kind.parsed.names if isinstance(kind, Derived) else ()))

    def exists(self, name: str, params: Mapping[str, Scalar]) -> bool:
        """Whether a parameter exists beside those before it in `names`."""
        condition, kind = self.conditions.get(name), self.parameters[name]
        if isinstance(kind, Derived) and not all(other in params for other in kind.parsed.names):
            return False
        return condition is None or condition.holds(params)

    def completed(self, drawn: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The configuration that the values of drawn parameters make: constants and derived ones added.

        Where values are still lacking, so are the parameters that need them.
        """
        params: dict[str, Scalar] = {}
        for name in self.names:
            kind = self.parameters[name]
            if not self.exists(name, params):
                continue
            if isinstance(kind, Derived):
                params[name] = kind.value_of(params)
            elif isinstance(kind, Constant):
                params[name] = kind.value
            elif name in drawn:
                params[name] = drawn[name]
        return params

    def broken_constraint(self, params: Mapping[str, Scalar]) -> str:
        """Why a configuration is not allowed, though each of its values is; empty where it is allowed."""
        for comparison in self.constraints:
            if not comparison.holds(params):
                return f"{comparison} does not hold."
        for name, kind in self.parameters.items():
            if isinstance(kind, Derived) and name in params and _is_impossible(name, params[name]):
                return f"{name} would be {params[name]!r}, which it cannot be."
        return ""

    def warnings(self) -> Messages:
        """What is valid but unusual, by path."""
        found = Faults()
        for name, distribution in self.parameters.items():
            found.merge(hyperparameter_warnings(name, distribution), join(self.path, name))
        return found.messages

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Whether `params` has exactly the parameters that exist together, each with one of its values."""
        expected = [name for name in self.names if self.exists(name, params)]
        return params.keys() == set(expected) and all(self.holds(name, params) for name in expected)

    def holds(self, name: str, params: Mapping[str, Any]) -> bool:
        """Whether the value of one of `params` is one of that parameter's."""
        kind = self.parameters[name]
        if isinstance(kind, Derived):
            return bool(kind.value_of(params) == params[name])
        return kind.contains(params[name])

    def continuous(self) -> list[str]:
        """The parameters with infinitely many values."""
        return [name for name in self.names if self.parameters[name].size is None]

    def grid_size(self) -> int | None:
        """The number of distinct configurations, before constraints; None where a parameter is continuous."""
        from tuning.domain.space.grid import number_of_configurations

        return None if self.continuous() else number_of_configurations(self)

    def corners(self) -> list[dict[str, Scalar]]:
        """Two configurations: each parameter at its first extreme, and at its last; null is avoided.

        All parameters are in both, also those that never exist together.
        """
        corners: list[dict[str, Scalar]] = [{}, {}]
        for name in self.names:
            kind = self.parameters[name]
            for corner, which in zip(corners, (0, -1), strict=True):
                corner[name] = kind.value_of(corner) if isinstance(kind, Derived) else _extreme(kind, which)
        return corners

    def to_json(self) -> dict[str, Any]:
        """The definition that `parse` reads back."""
        return {name: self._definition(name, kind) for name, kind in self.parameters.items()}

    def constraints_json(self) -> list[str]:
        """The constraints that `parse` reads back."""
        return [str(comparison) for comparison in self.constraints]

    @cached_property
    def text(self) -> str:
        """The definition as canonical JSON: spaces with the same text are the same."""
        return json.dumps([self.to_json(), self.constraints_json()], sort_keys=True)

    def _definition(self, name: str, kind: Distribution) -> dict[str, Any]:
        condition = self.conditions.get(name)
        return kind.to_json() | ({WHEN: condition.to_json()} if condition else {})


def _is_impossible(name: str, derived: Scalar) -> bool:
    """Whether a product has come to what a parameter cannot be: no number, or outside the bounds of validity."""
    return number_fault(derived) is not None or bool(hyperparameter_faults(name, Constant(derived)))


def _size_fault(parameters: Mapping[str, Any]) -> str | None:
    if not parameters:
        return "Empty: give at least one parameter to tune."
    return f"Has more than {MAX_PARAMETERS} parameters." if len(parameters) > MAX_PARAMETERS else None


def _extreme(kind: Distribution, which: int) -> Scalar:
    extremes = [value for _, value in kind.extremes()]
    return ([value for value in extremes if value is not None] or extremes)[which]


def _split(definition: Any, path: str, faults: Faults) -> tuple[Any, Condition | None]:
    """A definition without its `when`, and that."""
    if not isinstance(definition, Mapping) or WHEN not in definition:
        return definition, None
    found = Faults()
    condition = parse_condition(definition[WHEN], found)
    faults.merge(found.messages, path)
    return {key: value for key, value in definition.items() if key != WHEN}, condition


def _parse_parameter(name: str, definition: Any) -> Distribution:
    faults = Faults()
    faults.merge(unknown_hyperparameter(name))
    try:
        distribution = parse_distribution(definition)
    except InvalidDistribution as invalid:
        faults.merge(invalid.errors)
        raise InvalidDistribution(faults.messages) from invalid
    faults.merge({} if faults else hyperparameter_faults(name, distribution))
    if faults:
        raise InvalidDistribution(faults.messages)
    return distribution


def _parse_constraints(data: Any, faults: Faults) -> list[Comparison]:
    if data is None:
        return []
    if not isinstance(data, Sequence) or isinstance(data, str | bytes):
        faults.add(CONSTRAINTS_PATH, f"Must be a list such as ['{COMPARISON_EXAMPLE}'].")
        return []
    if len(data) > MAX_CONSTRAINTS:
        faults.add(CONSTRAINTS_PATH, f"At most {MAX_CONSTRAINTS} constraints.")
        return []
    return [found for index, text in enumerate(data) if (found := _parse_constraint(index, text, faults))]


def _parse_constraint(index: int, text: Any, faults: Faults) -> Comparison | None:
    try:
        if not isinstance(text, str):
            raise InvalidExpression(f"Must be text, such as '{COMPARISON_EXAMPLE}'.")
        return parse_comparison(text)
    except InvalidExpression as error:
        faults.add(f"{CONSTRAINTS_PATH}[{index}]", str(error))
        return None


def _structure_faults(space: SearchSpace) -> Faults:
    """What parameters have against each other: conditions, products, circles, constraints."""
    faults = Faults()
    faults.merge(condition_faults(space.parameters, space.conditions).messages, space.path)
    for name, kind in space.parameters.items():
        if isinstance(kind, Derived):
            _refuse_unknown(faults, join(space.path, join(name, "product")), kind.parsed.names, space)
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
            faults.add(path, f"{name} is no parameter of this space.{did_you_mean(name, known)}")
