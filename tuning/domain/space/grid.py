"""Counts and numbers the configurations of a finite space.

They are ordered by the values of `SearchSpace.names`, the last name changing fastest. Each configuration contains only
the parameters that exist together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter

from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.choices import Choice, Constant
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar
from tunix.validation.values import key_of

Key = tuple[bool, Scalar]
OTHER = object()
"""Stands for every value of a parameter that no condition mentions."""


def grid_size(space: SearchSpace) -> int | None:
    """The number of distinct configurations, before constraints; None if a parameter is continuous."""
    return None if space.continuous() else _Tree(space).total


def configuration(space: SearchSpace, index: int) -> dict[str, Scalar] | None:
    """Configuration number `index`, from 0; None beyond the last one."""
    tree = _Tree(space)
    return tree.element(index) if 0 <= index < tree.total else None


def configurations(space: SearchSpace, start: int = 0) -> Iterator[dict[str, Scalar]]:
    """The configurations from number `start` on, including those that break a constraint."""
    tree = _Tree(space)
    return (tree.element(index) for index in range(start, tree.total))


def patterns(space: SearchSpace, most: int = 1000) -> Iterator[dict[str, Scalar]]:
    """Configurations that cover every set of parameters that can exist together, at most `most` for each extreme.

    Parameters that no condition mentions are at their first and at their last extreme.
    """
    mentioned = _Tree(space).mentioned
    for corner in space.corners():
        kinds = {name: _pattern(kind, mentioned.get(name), corner[name]) for name, kind in space.parameters.items()}
        yield from islice(configurations(SearchSpace(kinds, space.path, space.conditions)), most)


def _pattern(kind: Distribution, mentioned: list[Scalar] | None, corner: Scalar) -> Distribution:
    """A parameter reduced to the values that conditions mention, and one other."""
    if kind.depends_on:
        return kind
    if mentioned is None:
        return Constant(corner)
    known = set(map(key_of, mentioned))
    others = (kind.value_at(index) for index in range(min(kind.size or 0, len(mentioned) + 1)))
    other = next((value for value in others if key_of(value) not in known), None)
    return Choice((*mentioned, other) if len(mentioned) < (kind.size or 0) else tuple(mentioned))


class _Tree:
    """Counts the continuations after the first parameters have their values.

    A later parameter is `open` as long as no earlier one has a value that its condition excludes. The continuations
    depend only on the set of open parameters, so counts are cached by that set. Neither a parent with a million values
    nor the combinations of many parents are enumerated.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.names = tuple(name for name in space.names if not space.parameters[name].depends_on)
        self.open = frozenset(name for name in self.names if name in space.conditions)
        mentioned: dict[str, dict[Key, Scalar]] = {}
        for condition in space.conditions.values():
            for other, values in condition.values.items():
                mentioned.setdefault(other, {}).update({key_of(value): value for value in values})
        self.mentioned = {name: list(values.values()) for name, values in mentioned.items()}
        self._counted: dict[tuple[int, frozenset[str]], int] = {}
        self._found: dict[tuple[int, frozenset[str]], list[_Run]] = {}

    @property
    def total(self) -> int:
        """The number of configurations."""
        return self.count(0, self.open)

    def element(self, index: int) -> dict[str, Scalar]:
        """Configuration number `index`."""
        sampled: dict[str, Scalar] = {}
        still_open = self.open
        for position, name in enumerate(self.names):
            if not self._exists(name, still_open):
                still_open = self._after(name, OTHER, still_open)
                continue
            runs = self._runs(position, still_open)
            run = runs[bisect_right(runs, index, key=lambda known: known.start) - 1]
            step, index = divmod(index - run.start, run.following)
            sampled[name] = self.space.parameters[name].value_at(run.value_index + step)
            still_open = run.still_open
        return self.space.completed(sampled)

    def count(self, position: int, still_open: frozenset[str]) -> int:
        """The number of continuations from the parameter at `position` on."""
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
        times = Counter(self._after(name, key_of(value), still_open) for value in self.mentioned.get(name, ()))
        times[other] += (self.space.parameters[name].size or 1) - times.total()
        return sum(number * self.count(position + 1, following) for following, number in times.items() if number)

    def _runs(self, position: int, still_open: frozenset[str]) -> list[_Run]:
        """The values of the parameter at `position` in order; values with the same continuations form one run."""
        key = (position, still_open)
        if key not in self._found:
            self._found[key] = list(self._walk(position, still_open))
        return self._found[key]

    def _walk(self, position: int, still_open: frozenset[str]) -> Iterator[_Run]:
        name = self.names[position]
        start, first = 0, 0
        other = self._after(name, OTHER, still_open)
        kind = self.space.parameters[name]
        mentioned = [(kind.index_of(value), value) for value in self.mentioned.get(name, ())]
        for index, value in sorted(mentioned, key=itemgetter(0)):
            if index > first:
                yield _Run(start, first, self.count(position + 1, other), other)
                start += (index - first) * self.count(position + 1, other)
            here = self._after(name, key_of(value), still_open)
            yield _Run(start, index, self.count(position + 1, here), here)
            start, first = start + self.count(position + 1, here), index + 1
        yield _Run(start, first, self.count(position + 1, other), other)

    def _after(self, name: str, key: object, still_open: frozenset[str]) -> frozenset[str]:
        """What is still open after a parameter took this value, or does not exist."""
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
    """Consecutive values from number `value_index` on, each with `following` continuations.

    `start` is the number of the first configuration of the run.
    """

    start: int
    value_index: int
    following: int
    still_open: frozenset[str]
