"""How many configurations a space has once constraints are applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tuning.domain.space.grid import configurations, grid_size
from tuning.domain.space.search_space import SearchSpace

MAX_COUNTED = 10_000
"""In spaces of at most this size, constraints are evaluated for every configuration."""


@dataclass(frozen=True)
class Size:
    """The number of configurations of a finite space; an upper bound if constraints were not evaluated on all."""

    number: int
    is_exact: bool = True

    def __str__(self) -> str:
        return f"{self.number:,}" if self.is_exact else f"at most {self.number:,}"


@lru_cache(maxsize=512)
def size_of(space: SearchSpace) -> Size | None:
    """How many configurations can be proposed; None if a parameter is continuous."""
    number = grid_size(space)
    if number is None or not space.is_restricted:
        return None if number is None else Size(number)
    if number > MAX_COUNTED:
        return Size(number, is_exact=False)
    return Size(sum(not space.broken_constraint(params) for params in configurations(space)))
