"""Which configurations may still be proposed: those that obey the constraints and were not proposed before."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tuning.domain.space.grid import configurations
from tuning.domain.space.params_hash import params_hash
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.space.size import MAX_COUNTED, size_of
from tunix.pipeline.spec import Scalar

MAX_SKIPPED = 100_000
"""A grid gives up after this many configurations in a row that may not be proposed."""
MAX_DRAWS = 1000
"""Draws for one slot if the space is too large to enumerate."""
FEW_DRAWS = 50
"""Draws for one slot if the space can be enumerated; then one of the remaining configurations is picked."""


class NothingToPropose(LookupError):
    """No configuration is left to propose. The message gives the reason, worded to fit into a sentence."""


class GridExhausted(NothingToPropose):
    """A slot beyond the last combination of a grid."""


class Unseen:
    """Remembers what was proposed in `space`, so that nothing is proposed twice."""

    def __init__(self, space: SearchSpace) -> None:
        self.space, self.size = space, size_of(space)
        self._seen: set[str] = set()
        self._next_index = 0

    @property
    def draws(self) -> int:
        """The number of draws for one slot."""
        return FEW_DRAWS if self._can_be_enumerated() else MAX_DRAWS

    def note(self, params: Mapping[str, Scalar]) -> None:
        """Record a proposal; configurations that the space does not allow are ignored."""
        if self.space.contains(params) and not self.space.broken_constraint(params):
            self._seen.add(params_hash(params))

    def is_allowed(self, params: Mapping[str, Scalar]) -> bool:
        """Whether a configuration of the space may be proposed."""
        return not self.space.broken_constraint(params) and params_hash(params) not in self._seen

    def refuse_if_exhausted(self) -> None:
        """Raises NothingToPropose if every configuration of an exactly counted space was proposed."""
        if self.size is not None and self.size.is_exact and len(self._seen) >= self.size.number:
            raise NothingToPropose(_exhausted(self.size.number))

    def next_in_order(self) -> dict[str, Scalar]:
        """The next configuration of a grid that may be proposed. Raises GridExhausted."""
        for skipped, params in enumerate(configurations(self.space, self._next_index)):
            if skipped >= MAX_SKIPPED:
                raise GridExhausted(f"{skipped:,} combinations in a row break the constraints")
            self._next_index += 1  # a configuration that is not allowed now never will be
            if self.is_allowed(params):
                return params
        raise GridExhausted(_exhausted(len(self._seen)))

    def any_of_the_rest(self, seed: int) -> dict[str, Scalar]:
        """A random one of the remaining configurations, used if draws found none. Raises NothingToPropose."""
        if not self._can_be_enumerated():
            raise NothingToPropose(f"none of {MAX_DRAWS:,} draws was a new configuration that obeys the constraints")
        rest = [params for params in configurations(self.space) if self.is_allowed(params)]
        return random.Random(seed).choice(rest)  # noqa: S311  (not a secret)

    def _can_be_enumerated(self) -> bool:
        return self.size is not None and self.size.number <= MAX_COUNTED


def _exhausted(number: int) -> str:
    if number == 0:
        return "no configuration obeys the constraints"
    return "the only configuration was tried" if number == 1 else f"all {number:,} configurations were tried"
