"""The configurations of a finite space, counted and numbered: values in the order of `SearchSpace.names`, the last
changing fastest, and of each only those parameters that exist together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter

from tuning.domain.space.derived import Derived
from tuning.domain.space.distributions import Choice, Constant, Distribution
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar
from tunix.validation.values import key_of

Key = tuple[bool, Scalar]
OTHER = object()
"""Stands for every value of a parameter that no condition asks for."""


def number_of_configurations(space: SearchSpace) -> int:
    """How many distinct configurations a finite space has, before constraints."""
    return _Tree(space).total


def configuration(space: SearchSpace, index: int) -> dict[str, Scalar] | None:
    """Configuration number `index`, from 0; None beyond the last one."""
    tree = _Tree(space)
    return tree.element(index) if 0 <= index < tree.total else None


def configurations(space: SearchSpace, start: int = 0) -> Iterator[dict[str, Scalar]]:
    """All of a finite space from number `start` on, in their order, those that break a constraint included."""
    tree = _Tree(space)
    return (tree.element(index) for index in range(start, tree.total))


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
    known = set(map(key_of, asked))
    others = (kind.value_at(index) for index in range(min(kind.size or 0, len(asked) + 1)))
    other = next((value for value in others if key_of(value) not in known), None)
    return Choice((*asked, other) if len(asked) < (kind.size or 0) else tuple(asked))


class _Tree:
    """Counts what can still follow after the first parameters have their values.

    What follows depends on nothing but which of the later parameters are still `open`: no parameter before has a value
    that they do not ask for. So counts are kept by these, and neither a parent with a million values nor the
    combinations of many parents are walked through.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.names = tuple(name for name in space.names if not isinstance(space.parameters[name], Derived))
        self.open = frozenset(name for name in self.names if name in space.conditions)
        asked: dict[str, dict[Key, Scalar]] = {}
        for condition in space.conditions.values():
            for other, values in condition.values.items():
                asked.setdefault(other, {}).update({key_of(value): value for value in values})
        self.asked = {name: list(values.values()) for name, values in asked.items()}
        self._counted: dict[tuple[int, frozenset[str]], int] = {}
        self._found: dict[tuple[int, frozenset[str]], list[_Run]] = {}

    @property
    def total(self) -> int:
        """The number of configurations."""
        return self.count(0, self.open)

    def element(self, index: int) -> dict[str, Scalar]:
        """The configuration at this place of the order."""
        drawn: dict[str, Scalar] = {}
        still_open = self.open
        for position, name in enumerate(self.names):
            if not self._exists(name, still_open):
                still_open = self._after(name, OTHER, still_open)
                continue
            runs = self._runs(position, still_open)
            run = runs[bisect_right(runs, index, key=lambda known: known.start) - 1]
            step, index = divmod(index - run.start, run.following)
            drawn[name] = self.space.parameters[name].value_at(run.place + step)
            still_open = run.still_open
        return self.space.completed(drawn)

    def count(self, position: int, still_open: frozenset[str]) -> int:
        """The number of ways to go on from the parameter at `position`."""
        key = (position, still_open)
        if key not in self._counted:
            self._counted[key] = self._count(position, still_open)
        return self._counted[key]

    def _count(self, position: int, still_open: frozenset[str]) -> int:
        if position == len(self.names):
            return 1
        name = self.names[position]
        other = self._after(name, OTHER, still_open)
        if not self._exists(name, still_open):
            return self.count(position + 1, other)
        times = Counter(self._after(name, key_of(value), still_open) for value in self.asked.get(name, ()))
        times[other] += (self.space.parameters[name].size or 1) - times.total()
        return sum(number * self.count(position + 1, following) for following, number in times.items() if number)

    def _runs(self, position: int, still_open: frozenset[str]) -> list[_Run]:
        """The values of the parameter at `position` in their order, those together after which as much follows."""
        key = (position, still_open)
        if key not in self._found:
            self._found[key] = list(self._walk(position, still_open))
        return self._found[key]

    def _walk(self, position: int, still_open: frozenset[str]) -> Iterator[_Run]:
        name = self.names[position]
        start, place = 0, 0
        other = self._after(name, OTHER, still_open)
        for asked, value in self._places(name):
            if asked > place:
                yield _Run(start, place, self.count(position + 1, other), other)
                start += (asked - place) * self.count(position + 1, other)
            here = self._after(name, key_of(value), still_open)
            yield _Run(start, asked, self.count(position + 1, here), here)
            start, place = start + self.count(position + 1, here), asked + 1
        yield _Run(start, place, self.count(position + 1, other), other)

    def _places(self, name: str) -> list[tuple[int, Scalar]]:
        kind = self.space.parameters[name]
        return sorted(((place_of(kind, value), value) for value in self.asked.get(name, ())), key=itemgetter(0))

    def _after(self, name: str, key: object, still_open: frozenset[str]) -> frozenset[str]:
        """What is still open after a parameter has this value, or does not exist."""
        conditions = self.space.conditions
        return frozenset(
            other
            for other in still_open
            if other != name and (name not in conditions[other].keys or key in conditions[other].keys[name])
        )

    def _exists(self, name: str, still_open: frozenset[str]) -> bool:
        return name not in self.space.conditions or name in still_open


@dataclass(frozen=True)
class _Run:
    """Values from number `place` on, each followed by `following` ways to go on; `start` is the first one's index."""

    start: int
    place: int
    following: int
    still_open: frozenset[str]


def place_of(kind: Distribution, value: Scalar) -> int:
    """The number of a value of a finite distribution, from 0: the inverse of `value_at`."""
    if isinstance(kind, Choice):
        return kind.index_of(value)
    low, high = 0, (kind.size or 1) - 1
    while low < high:  # numbers rise with their place
        middle = (low + high) // 2
        low, high = (middle + 1, high) if kind.value_at(middle) < value else (low, middle)  # type: ignore[operator]
    return low
