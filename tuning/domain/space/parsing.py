"""Reads the JSON of a search space into distributions, conditions and comparisons, and collects every fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tuning.domain.space.conditions import WHEN, Condition, parse_condition
from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.faults import InvalidDistribution
from tuning.domain.space.distributions.registry import parse_distribution
from tuning.domain.space.expressions import COMPARISON_EXAMPLE, Comparison, InvalidExpression, parse_comparison
from tuning.domain.space.parameters import hyperparameter_faults, unknown_hyperparameter
from tunix.validation.errors import Faults, join

MAX_PARAMETERS = 50
MAX_CONSTRAINTS = 50


@dataclass
class Definitions:
    """What was read so far: distributions and conditions by parameter."""

    parameters: dict[str, Distribution] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)


def parse_parameters(data: Mapping[str, Any], path: str, faults: Faults, *, any_names: bool) -> Definitions:
    """`data` maps names to definitions. With `any_names` the names need not be hyperparameters."""
    found = Definitions()
    for key, definition in data.items():
        name = str(key)
        plain, condition = _split(definition, join(path, name), faults)
        if condition is not None:
            found.conditions[name] = condition
        try:
            found.parameters[name] = parse_distribution(plain) if any_names else _parse_parameter(name, plain)
        except InvalidDistribution as invalid:
            faults.merge(invalid.errors, join(path, name))
    return found


def parse_constraints(data: Any, path: str, faults: Faults) -> list[Comparison]:
    """`data` is a list of comparisons as text, or None."""
    if data is None:
        return []
    if not isinstance(data, Sequence) or isinstance(data, str | bytes):
        faults.add(path, f"Must be a list such as ['{COMPARISON_EXAMPLE}'].")
        return []
    if len(data) > MAX_CONSTRAINTS:
        faults.add(path, f"At most {MAX_CONSTRAINTS} constraints.")
        return []
    parsed = (_parse_constraint(text, f"{path}[{index}]", faults) for index, text in enumerate(data))
    return [comparison for comparison in parsed if comparison is not None]


def count_fault(parameters: Mapping[str, Any]) -> str | None:
    """Why a space cannot have this many parameters; None if it can."""
    if not parameters:
        return "Empty: give at least one parameter to tune."
    return f"Has more than {MAX_PARAMETERS} parameters." if len(parameters) > MAX_PARAMETERS else None


def _split(definition: Any, path: str, faults: Faults) -> tuple[Any, Condition | None]:
    """A definition without its `when`, and the condition."""
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


def _parse_constraint(text: Any, path: str, faults: Faults) -> Comparison | None:
    try:
        if not isinstance(text, str):
            raise InvalidExpression(f"Must be text, such as '{COMPARISON_EXAMPLE}'.")
        return parse_comparison(text)
    except InvalidExpression as error:
        faults.add(path, str(error))
        return None
