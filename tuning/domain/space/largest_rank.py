"""The largest rank of adapters that a job may train: programs compiled for it serve all its smaller ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tuning.domain.space.projection import settings_of
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.spec import ADAPTED, Method, Scalar

RANK: Final = "lora_rank"


def largest_rank(
    space: SearchSpace,
    fixed: Mapping[str, Scalar],
    enqueued: Iterable[Mapping[str, Scalar]],
    method: Method,
) -> int:
    """The largest rank of any trial: searched, enqueued, or the default's. 0 for a method without adapters.

    Controls and confirmations train the default configuration, whose rank the search need not contain.
    """
    if method not in ADAPTED:
        return 0
    ranks = [fixed.get(RANK, HYPERPARAMETERS[RANK].default), *_searched(space, fixed, method)]
    ranks += [params[RANK] for params in enqueued if RANK in params]
    return max(int(rank) for rank in ranks if rank is not None)


def _searched(space: SearchSpace, fixed: Mapping[str, Scalar], method: Method) -> list[Scalar]:
    kind = space.parameters.get(RANK)
    if kind is None:
        return []
    if kind.depends_on:
        return [one.values[RANK] for one in settings_of(space, fixed, (RANK,), method)]
    return [value for _, value in kind.extremes()]
