"""What is wrong or unusual about a whole space: constraints that leave nothing, or next to nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from tuning.domain.sampling.unseen import may_refuse, size_of
from tuning.domain.space.derived import Derived
from tuning.domain.space.search_space import CONSTRAINTS_PATH, SearchSpace
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Messages

DRAWS: Final = 500
FEW: Final = 0.02
"""Share of draws that obey the constraints, below which a search would spend its draws in vain."""


def space_faults(space: SearchSpace) -> Messages:
    """A finite space of which no configuration obeys the constraints, by path."""
    size = size_of(space)
    if size is None or size.number > 0:
        return {}
    if not space.constraints:
        return {space.path: ["No configuration is possible: a derived parameter has no value that it may have."]}
    return {CONSTRAINTS_PATH: ["No configuration of the search space obeys them."]}


def space_warnings(space: SearchSpace) -> Messages:
    """What is valid but unusual, by path."""
    found = space.warnings()
    size = size_of(space)
    if (size is not None and size.is_exact) or not may_refuse(space):
        return found
    share = sum(not space.broken_constraint(params) for params in draws(space, DRAWS)) / DRAWS
    if share < FEW:
        path = CONSTRAINTS_PATH if space.constraints else space.path
        found.setdefault(path, []).append(f"Of {DRAWS} random configurations {share:.1%} obey them: narrow the ranges.")
    return found


def draws(space: SearchSpace, count: int, seed: int = 0) -> Iterator[dict[str, Scalar]]:
    """Configurations at random, each parameter by its own distribution, constraints not looked at."""
    chance = random.Random(seed)  # noqa: S311  (no secret)
    for _ in range(count):
        params: dict[str, Scalar] = {}
        for name in space.names:
            kind = space.parameters[name]
            if space.exists(name, params):
                params[name] = kind.value_of(params) if isinstance(kind, Derived) else kind.quantile(chance.random())
        yield params
