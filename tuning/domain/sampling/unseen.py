"""What of a space may still be proposed: configurations that obey its constraints and were not proposed before."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tuning.domain.space.derived import Derived
from tuning.domain.space.grid import configurations
from tuning.domain.space.params_hash import params_hash
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar

MOST_COUNTED = 10_000
"""Spaces with at most so many configurations are gone through one by one."""
MOST_PASSED_OVER = 100_000
"""A grid looks no further than so many configurations that may not be proposed."""
MOST_TRIES = 1000
"""Draws for one slot, where the space cannot be gone through."""
FEW_TRIES = 50
"""Draws for one slot in a space that can: then one of the rest is picked."""


class NothingToPropose(LookupError):
    """No configuration that may be proposed was found; the message says why, in words that fit into a sentence."""


class GridExhausted(NothingToPropose):
    """A slot beyond the last combination of a grid."""


@dataclass(frozen=True)
class Size:
    """How many configurations a finite space has: exactly, or at most where constraints were not tried on all."""

    number: int
    is_exact: bool = True

    def __str__(self) -> str:
        return f"{self.number:,}" if self.is_exact else f"at most {self.number:,}"


class Unseen:
    """Remembers what was proposed in `space`, so that nothing is proposed twice."""

    def __init__(self, space: SearchSpace) -> None:
        self.space, self.size = space, size_of(space)
        self._known: set[str] = set()
        self._place = 0

    @property
    def tries(self) -> int:
        """Draws for one slot."""
        return FEW_TRIES if self._can_be_gone_through() else MOST_TRIES

    def note(self, params: Mapping[str, Scalar]) -> None:
        """This one was proposed. What could not be, is not remembered."""
        if self.space.contains(params) and not self.space.broken_constraint(params):
            self._known.add(params_hash(params))

    def may_be(self, params: Mapping[str, Scalar]) -> bool:
        """Whether a configuration of the space may be proposed."""
        return not self.space.broken_constraint(params) and params_hash(params) not in self._known

    def refuse_if_none_is_left(self) -> None:
        """Raises NothingToPropose where every configuration of a space that is counted exactly was proposed."""
        if self.size is not None and self.size.is_exact and len(self._known) >= self.size.number:
            raise NothingToPropose(_used_up(self.size.number))

    def next_in_order(self) -> dict[str, Scalar]:
        """The first of a finite space, in the order of its grid, that may be proposed. Raises GridExhausted."""
        for passed, params in enumerate(configurations(self.space, self._place)):
            if passed >= MOST_PASSED_OVER:
                raise GridExhausted(f"{passed:,} combinations in a row break the constraints")
            self._place += 1  # what may not be proposed now never may be
            if self.may_be(params):
                return params
        raise GridExhausted(_used_up(len(self._known)))

    def any_of_the_rest(self, seed: int) -> dict[str, Scalar]:
        """One of those left, each equally likely, where draws found none. Raises NothingToPropose."""
        if not self._can_be_gone_through():
            raise NothingToPropose(f"none of {MOST_TRIES:,} draws was a new configuration that obeys the constraints")
        rest = [params for params in configurations(self.space) if self.may_be(params)]
        return random.Random(seed).choice(rest)  # noqa: S311  (no secret)

    def _can_be_gone_through(self) -> bool:
        return self.size is not None and self.size.number <= MOST_COUNTED


def size_of(space: SearchSpace) -> Size | None:
    """How many configurations may be proposed; None where a parameter is continuous."""
    return _size_of(_Written(space))


@dataclass(frozen=True)
class _Written:
    """A space as the key of a cache: its mappings have no hash, its text has."""

    space: SearchSpace

    def __hash__(self) -> int:
        return hash(self.space.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Written) and self.space.text == other.space.text


@lru_cache(maxsize=512)
def _size_of(written: _Written) -> Size | None:
    space = written.space
    number = space.grid_size()
    if number is None or not may_refuse(space):
        return None if number is None else Size(number)
    if number > MOST_COUNTED:
        return Size(number, is_exact=False)
    return Size(sum(not space.broken_constraint(params) for params in configurations(space)))


def may_refuse(space: SearchSpace) -> bool:
    """Whether some configurations of the space may not be proposed."""
    return bool(space.constraints) or any(isinstance(kind, Derived) for kind in space.parameters.values())


def _used_up(number: int) -> str:
    if number == 0:
        return "no configuration obeys the constraints"
    return "the only configuration was tried" if number == 1 else f"all {number:,} configurations were tried"
