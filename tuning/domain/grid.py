"""The configurations of a finite space, counted and numbered: values in the order of `SearchSpace.names`, the last
changing fastest, and of each only those parameters that exist together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from tuning.domain.derived import Derived
from tuning.domain.distributions import Choice, Constant, Distribution
from tuning.domain.search_space import SearchSpace
from tuning.domain.values import is_same
from tunix.pipeline.spec import Scalar

OTHER = object()
"""Stands for all values of a parameter that no condition asks for: they are counted together."""


def number_of_configurations(space: SearchSpace) -> int:
    """How many distinct configurations a finite space has, before constraints."""
    return _Tree(space).count(0, {})


def configuration(space: SearchSpace, index: int) -> dict[str, Scalar] | None:
    """Configuration number `index`, from 0; None beyond the last one."""
    tree = _Tree(space)
    return tree.element(index) if 0 <= index < tree.count(0, {}) else None


def configurations(space: SearchSpace, start: int = 0) -> Iterator[dict[str, Scalar]]:
    """All of a finite space from number `start` on, in their order, those that break a constraint included."""
    tree = _Tree(space)
    return (tree.element(index) for index in range(start, tree.count(0, {})))


def patterns(space: SearchSpace, most: int = 1000) -> Iterator[dict[str, Scalar]]:
    """Configurations that show every set of parameters that exist together, at most `most`.

    Parameters that no condition asks for are at their first and at their last extreme.
    """
    asked = _Tree(space).asked
    for corner in space.corners():
        kinds = {name: _pattern(kind, asked.get(name), corner[name]) for name, kind in space.parameters.items()}
        yield from islice(configurations(SearchSpace(kinds, space.path, space.conditions)), most)


def _pattern(kind: Distribution, asked: list[Scalar] | None, corner: Scalar) -> Distribution:
    """What is left of a parameter in a pattern: the values that conditions ask for, and one other."""
    if isinstance(kind, Derived):
        return kind
    if asked is None:
        return Constant(corner)
    distinct = _distinct(asked)
    others = (kind.value_at(index) for index in range(min(kind.size or 0, len(distinct) + 1)))
    other = next((value for value in others if not any(is_same(value, known) for known in distinct)), None)
    return Choice((*distinct, other) if len(distinct) < (kind.size or 0) else tuple(distinct))


class _Tree:
    """Counts what can still follow after the first parameters have their values.

    What follows depends on the values of parents only, those that conditions ask for; so counts are kept by these, and
    a parent with a million values is not walked through.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.names = tuple(name for name in space.names if not isinstance(space.parameters[name], Derived))
        self.asked: dict[str, list[Scalar]] = {}
        for condition in space.conditions.values():
            for other, values in condition.values.items():
                self.asked.setdefault(other, []).extend(values)
        self._counted: dict[Any, int] = {}

    def element(self, index: int) -> dict[str, Scalar]:
        """The configuration at this place of the order."""
        drawn: dict[str, Scalar] = {}
        given: dict[str, Any] = {}
        for position, name in enumerate(self.names):
            if not self._exists(name, given):
                continue
            value, index = self._value(position, name, given, index)
            if name in self.asked:
                given[name] = self._as_asked(name, value)
            drawn[name] = value
        return self.space.completed(drawn)

    def count(self, position: int, given: Mapping[str, Any]) -> int:
        """The number of ways to go on from the parameter at `position`, after these values of parents."""
        key = (position, tuple((name, isinstance(value, bool), value) for name, value in given.items()))
        if key not in self._counted:  # true is 1 as a key, and another value of a parameter
            self._counted[key] = self._count(position, given)
        return self._counted[key]

    def _count(self, position: int, given: Mapping[str, Any]) -> int:
        if position == len(self.names):
            return 1
        name = self.names[position]
        if not self._exists(name, given):
            return self.count(position + 1, given)
        return sum(times * self._following(position, name, given, value) for value, times in self._kinds(name))

    def _following(self, position: int, name: str, given: Mapping[str, Any], value: Any) -> int:
        return self.count(position + 1, {**given, name: value} if name in self.asked else given)

    def _kinds(self, name: str) -> Iterator[tuple[Any, int]]:
        """The values that conditions ask for, once each, then all others together with their number."""
        size = self.space.parameters[name].size or 1
        asked = self._distinct(name)
        yield from ((value, 1) for value in asked)
        if size > len(asked):
            yield OTHER, size - len(asked)

    def _value(self, position: int, name: str, given: Mapping[str, Any], index: int) -> tuple[Scalar, int]:
        """The value of a parameter, and what is left of the index for those after it."""
        kind = self.space.parameters[name]
        places = sorted((place_of(kind, value), value) for value in self._distinct(name)) if name in self.asked else []
        start, others = 0, self._following(position, name, given, OTHER)
        for place, value in places:
            if index < (place - start) * others:
                break
            index -= (place - start) * others
            here = self._following(position, name, given, value)
            if index < here:
                return value, index
            index -= here
            start = place + 1
        step, rest = divmod(index, others)
        return kind.value_at(start + step), rest

    def _distinct(self, name: str) -> list[Scalar]:
        return _distinct(self.asked.get(name, ()))

    def _as_asked(self, name: str, value: Scalar) -> Any:
        return next((known for known in self._distinct(name) if is_same(known, value)), OTHER)

    def _exists(self, name: str, given: Mapping[str, Any]) -> bool:
        condition = self.space.conditions.get(name)
        return condition is None or condition.holds(given)


def _distinct(values: Iterable[Scalar]) -> list[Scalar]:
    found: list[Scalar] = []
    for value in values:
        if not any(is_same(value, known) for known in found):
            found.append(value)
    return found


def place_of(kind: Distribution, value: Scalar) -> int:
    """The number of a value of a finite distribution, from 0: the inverse of `value_at`."""
    if isinstance(kind, Choice):
        return next(index for index, known in enumerate(kind.values) if is_same(known, value))
    low, high = 0, (kind.size or 1) - 1
    while low < high:  # numbers rise with their place
        middle = (low + high) // 2
        low, high = (middle + 1, high) if kind.value_at(middle) < value else (low, middle)  # type: ignore[operator]
    return low
