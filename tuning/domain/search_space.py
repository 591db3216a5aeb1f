"""The search space of a job: which hyperparameters are tuned, and over which values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tuning.domain.bounds import InvalidDistribution
from tuning.domain.definition import parse_distribution
from tuning.domain.distributions import Constant, Distribution
from tuning.domain.errors import Faults, InvalidInput, Messages, join
from tuning.domain.parameters import hyperparameter_faults, hyperparameter_warnings, unknown_hyperparameter
from tunix.pipeline.spec import Scalar

MAX_PARAMETERS = 50
SEARCH_SPACE_PATH = "search_space_json"


class InvalidSearchSpace(InvalidInput):
    """A search space that cannot be searched; `errors` is keyed by path (`search_space_json.learning_rate.min`)."""


@dataclass(frozen=True)
class SearchSpace:
    """Distributions by parameter name. `parse` admits hyperparameters of a run only; building one admits any names."""

    parameters: Mapping[str, Distribution]
    path: str = SEARCH_SPACE_PATH

    def __post_init__(self) -> None:
        if message := _size_fault(self.parameters):
            raise InvalidSearchSpace({self.path: [message]})

    @classmethod
    def parse(cls, data: Any, *, path: str = SEARCH_SPACE_PATH) -> SearchSpace:
        """The space that `data` (name -> definition) describes. Raises InvalidSearchSpace with every fault."""
        if not isinstance(data, Mapping):
            raise InvalidSearchSpace({path: ["Must be an object of parameter names and their definitions."]})
        if message := _size_fault(data):
            raise InvalidSearchSpace({path: [message]})
        faults = Faults()
        parameters = {}
        for key, definition in data.items():
            name = str(key)
            try:
                parameters[name] = _parse_parameter(name, definition)
            except InvalidDistribution as invalid:
                faults.merge(invalid.errors, join(path, name))
        if faults:
            raise InvalidSearchSpace(faults.messages)
        return cls(parameters, path)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in the order that sampling uses: sorted, as a database may reorder a JSON object."""
        return tuple(sorted(self.parameters))

    def warnings(self) -> Messages:
        """What is valid but unusual, by path."""
        found = Faults()
        for name, distribution in self.parameters.items():
            found.merge(hyperparameter_warnings(name, distribution), join(self.path, name))
        return found.messages

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Whether `params` has exactly the parameters of this space, each with one of its values."""
        return params.keys() == self.parameters.keys() and all(
            distribution.contains(params[name]) for name, distribution in self.parameters.items()
        )

    def continuous(self) -> list[str]:
        """The parameters with infinitely many values."""
        return [name for name in self.names if self.parameters[name].size is None]

    def grid_size(self) -> int | None:
        """The number of distinct configurations; None where a parameter is continuous."""
        sizes = [distribution.size for distribution in self.parameters.values()]
        return None if None in sizes else math.prod(size for size in sizes if size is not None)

    def constants(self) -> dict[str, Scalar]:
        """The parameters that have one value by definition."""
        found = ((name, self.parameters[name]) for name in self.names)
        return {name: kind.value for name, kind in found if isinstance(kind, Constant)}

    def corners(self) -> list[dict[str, Scalar]]:
        """Two configurations: each parameter at its first extreme, and at its last; null is avoided."""
        corners: list[dict[str, Scalar]] = [{}, {}]
        for name in self.names:
            extremes = [value for _, value in self.parameters[name].extremes()]
            values = [value for value in extremes if value is not None] or extremes
            corners[0][name], corners[1][name] = values[0], values[-1]
        return corners

    def to_json(self) -> dict[str, Any]:
        """The definition that `parse` reads back."""
        return {name: distribution.to_json() for name, distribution in self.parameters.items()}


def _size_fault(parameters: Mapping[str, Any]) -> str | None:
    if not parameters:
        return "Empty: give at least one parameter to tune."
    return f"Has more than {MAX_PARAMETERS} parameters." if len(parameters) > MAX_PARAMETERS else None


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
