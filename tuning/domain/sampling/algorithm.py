"""The search algorithm of a job: its name and its options, every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from tuning.domain.sampling.algorithm_options import OPTIONS, read_options
from tuning.domain.space.search_space import SearchSpace
from tunix.validation.errors import Faults, InvalidInput, Messages, join
from tunix.validation.fields import Fields

ALGORITHM_PATH = "algorithm_json"
PACKAGES: dict[str, dict[str, str]] = {
    "sobol": {"scipy": "scipy"},
    "cmaes": {"cmaes": "cmaes"},
    "gp": {"sklearn": "scikit-learn", "scipy": "scipy"},
}
"""The modules that an algorithm needs in addition to Optuna, each with the package that provides it."""
DEFAULT_ALGORITHM = "tpe"
MAX_REPLICATES = 20


class InvalidAlgorithm(InvalidInput):
    """An unknown algorithm, or invalid options; `errors` is keyed by path."""


@dataclass(frozen=True)
class Algorithm:
    """What proposes parameters: a name and its resolved options. Each proposal is trained `replicates` times."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    replicates: int = 1

    def __post_init__(self) -> None:
        if set(self.options) != set(OPTIONS[self.name]):
            raise ValueError(f"{self.name} has the options {OPTIONS[self.name]}, not {tuple(self.options)}.")

    @classmethod
    def parse(cls, data: Any, *, path: str = ALGORITHM_PATH) -> Algorithm:
        """The algorithm that `{"name": ..., option: value}` describes; null is the default one.

        Raises InvalidAlgorithm with every fault.
        """
        faults = Faults()
        name = data.get("name") if isinstance(data, Mapping) else None
        options = OPTIONS.get(name) if isinstance(name, str) else OPTIONS[DEFAULT_ALGORITHM]
        # The options of an unknown algorithm cannot be checked.
        known = tuple(data) if options is None else ("name", "replicates", *options)
        fields = Fields(data, faults, path=path, known=known)
        chosen = fields.choice("name", OPTIONS, DEFAULT_ALGORITHM)
        if lacking := lacking_packages(chosen):
            fields.refuse("name", f"{chosen} needs {' and '.join(lacking)}: pip install {' '.join(lacking)}.")
        resolved = read_options(chosen, fields) if options is not None else {}
        replicates = fields.whole("replicates", default=1, low=1, high=MAX_REPLICATES)
        if faults:
            raise InvalidAlgorithm(faults.messages)
        return cls(chosen, resolved, replicates)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Algorithm:
        """The algorithm that `to_json` wrote. The packages it needs may be missing: only the search needs them."""
        name, faults = str(stored.get("name", DEFAULT_ALGORITHM)), Faults()
        fields = Fields(stored, faults, path=ALGORITHM_PATH, known=stored)
        return cls(name, read_options(name, fields), int(stored.get("replicates", 1)))

    def to_json(self) -> dict[str, Any]:
        """The definition that `parse` reads back, defaults included; `replicates` is left out if it is 1."""
        return {"name": self.name, **self.options, **({"replicates": self.replicates} if self.replicates > 1 else {})}


def lacking_packages(name: str) -> list[str]:
    """The packages that must be installed before an algorithm can be used. Does not import them."""
    return [package for module, package in PACKAGES.get(name, {}).items() if find_spec(module) is None]


def unsuited(space: SearchSpace, algorithm: Algorithm) -> Messages:
    """Why `algorithm` cannot search `space`, by path: grid needs finite parameters, cmaes numbers."""
    if algorithm.name == "cmaes" and not numbers_of_every_configuration(space):
        message = "cmaes needs a numeric parameter that every configuration has: use tpe or nsga2."
        return {join(ALGORITHM_PATH, "name"): [message]}
    if algorithm.name != "grid":
        return {}
    message = "A grid needs finitely many values: use choice, quniform or int here, or the algorithm random or tpe."
    return {join(space.path, name): [message] for name in space.continuous()}


def numbers_of_every_configuration(space: SearchSpace) -> list[str]:
    """The sampled parameters that are numbers, always exist, and have more than one value."""
    kinds = {name: space.parameters[name] for name in space.sampled if name not in space.conditions}
    return [name for name, kind in kinds.items() if kind.size != 1 and kind.is_numeric]
