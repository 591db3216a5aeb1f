"""When a parameter exists: only while others have certain values, to any depth and without a circle."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from tuning.domain.space.bounds import MAX_CHOICES
from tuning.domain.space.distributions import Distribution
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults, join
from tunix.validation.values import key_of, scalar_fault

WHEN = "when"


@dataclass(frozen=True)
class Condition:
    """The values that each of the other parameters must have one of; all of them, and each must exist itself."""

    values: Mapping[str, tuple[Scalar, ...]]

    def holds(self, params: Mapping[str, Scalar]) -> bool:
        """Whether a parameter with this condition exists beside `params`."""
        return all(name in params and key_of(params[name]) in keys for name, keys in self.keys.items())

    @cached_property
    def keys(self) -> dict[str, frozenset[tuple[bool, Scalar]]]:
        """The same values as they are looked up."""
        return {name: frozenset(map(key_of, values)) for name, values in self.values.items()}

    def to_json(self) -> dict[str, list[Scalar]]:
        """What `parse_condition` reads back."""
        return {name: list(values) for name, values in self.values.items()}


def parse_condition(data: Any, faults: Faults) -> Condition | None:
    """`when`: other parameter -> its values, as a list. Whether there is such a parameter is for the space to see."""
    if not isinstance(data, Mapping) or not data:
        faults.add(WHEN, 'Must be an object such as {"optimizer": ["adamw", "lion"]}.')
        return None
    return Condition({str(name): _values(str(name), values, faults) for name, values in data.items()})


def condition_faults(parameters: Mapping[str, Distribution], conditions: Mapping[str, Condition]) -> Faults:
    """What is wrong with conditions beside the parameters they name, by `<parameter>.when.<other>`."""
    faults = Faults()
    for name, condition in conditions.items():
        for other, values in condition.values.items():
            path = join(name, join(WHEN, other))
            if other not in parameters:
                faults.add(path, f"There is no such parameter in this space.{did_you_mean(other, list(parameters))}")
            elif parameters[other].type == "derived":
                faults.add(path, "Is derived from others: ask for their values.")
            elif parameters[other].size is None:
                faults.add(path, "Has infinitely many values: ask for one that is a choice or moves in steps.")
            else:
                _note_values_never_drawn(faults, path, parameters[other], values)
    return faults


def in_order(names: Iterable[str], needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The names, each after those it needs, else sorted. Raises ValueError that names a circle."""
    known = set(names)
    sorter = TopologicalSorter({name: [other for other in needs.get(name, ()) if other in known] for name in known})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " needs ".join(_from_the_first(error.args[1]))
        raise ValueError(f"Parameters may not need each other in a circle: {circle}.") from error
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


def _note_values_never_drawn(faults: Faults, path: str, other: Distribution, values: Sequence[Scalar]) -> None:
    for index, value in enumerate(values):
        if not other.contains(value):
            faults.add(f"{path}.{index}", f"{value!r} is no value of that parameter.")


def _from_the_first(circle: Sequence[str]) -> list[str]:
    """The same circle, always told from its first name: graphlib lists who is needed before who needs it."""
    around = list(reversed(circle))[:-1]
    start = around.index(min(around))
    return [*around[start:], *around[:start], around[start]]
