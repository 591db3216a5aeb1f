"""Conditional parameters: they exist only if others have certain values, to any depth and without cycles."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any

from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.choices import MAX_CHOICES
from tuning.domain.space.labels import value_label
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults, join
from tunix.validation.values import key_of, scalar_fault

WHEN = "when"


@dataclass(frozen=True)
class Condition:
    """By other parameter, the values of which it must have one. All must match, and each must exist itself."""

    values: Mapping[str, tuple[Scalar, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __reduce__(self) -> tuple[type[Condition], tuple[Any, ...]]:
        """A read-only view of a dict cannot be pickled."""
        return Condition, (dict(self.values),)

    def holds(self, params: Mapping[str, Scalar]) -> bool:
        """Whether a parameter with this condition exists in the configuration `params`."""
        return all(name in params and key_of(params[name]) in keys for name, keys in self.keys.items())

    @cached_property
    def keys(self) -> dict[str, frozenset[tuple[bool, Scalar]]]:
        """The values as keys, for look-ups."""
        return {name: frozenset(map(key_of, values)) for name, values in self.values.items()}

    def to_json(self) -> dict[str, list[Scalar]]:
        """What `parse_condition` reads back."""
        return {name: list(values) for name, values in self.values.items()}

    @property
    def label(self) -> str:
        """The condition as pages and terminals show it."""
        parts = [f"{name} is {' or '.join(map(value_label, values))}" for name, values in self.values.items()]
        return f"if {' and '.join(parts)}"


def parse_condition(data: Any, faults: Faults) -> Condition | None:
    """`when` maps other parameters to lists of their values. `condition_faults` checks these against the space."""
    if not isinstance(data, Mapping) or not data:
        faults.add(WHEN, 'Must be an object such as {"optimizer": ["adamw", "lion"]}.')
        return None
    return Condition({str(name): _values(str(name), values, faults) for name, values in data.items()})


def condition_faults(parameters: Mapping[str, Distribution], conditions: Mapping[str, Condition]) -> Faults:
    """Conditions on parameters or values that do not exist, by `<parameter>.when.<other>`."""
    faults = Faults()
    for name, condition in conditions.items():
        for other, values in condition.values.items():
            path = join(name, join(WHEN, other))
            if other not in parameters:
                faults.add(path, f"There is no such parameter in this space.{did_you_mean(other, list(parameters))}")
            elif fault := parameters[other].condition_fault():
                faults.add(path, fault)
            else:
                _note_impossible_values(faults, path, parameters[other], values)
    return faults


def in_order(names: Iterable[str], needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The names, each after those it needs, otherwise sorted. Raises ValueError that names a cycle."""
    known = set(names)
    sorter = TopologicalSorter({name: [other for other in needs.get(name, ()) if other in known] for name in known})
    try:
        sorter.prepare()
    except CycleError as error:
        # From the first of its names on. graphlib lists each parameter before the one that needs it.
        around = list(reversed(error.args[1]))[:-1]
        start = around.index(min(around))
        cycle = " needs ".join([*around[start:], *around[:start], around[start]])
        raise ValueError(f"Parameters may not depend on each other in a cycle: {cycle}.") from error
    waiting: list[str] = []
    found: list[str] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(waiting, name)
        found.append(heapq.heappop(waiting))
        sorter.done(found[-1])
    return tuple(found)


def _values(name: str, data: Any, faults: Faults) -> tuple[Scalar, ...]:
    path = join(WHEN, name)
    if not isinstance(data, Sequence) or isinstance(data, str | bytes) or not data:
        faults.add(path, "Must be a list of values.")
        return ()
    if len(data) > MAX_CHOICES:
        faults.add(path, f"May have at most {MAX_CHOICES:,} values.")
        return ()
    for index, value in enumerate(data):
        if fault := scalar_fault(value):
            faults.add(f"{path}.{index}", fault)
    return tuple(data)


def _note_impossible_values(faults: Faults, path: str, other: Distribution, values: Sequence[Scalar]) -> None:
    for index, value in enumerate(values):
        if not other.contains(value):
            faults.add(f"{path}.{index}", f"{value!r} is not a value of that parameter.")
