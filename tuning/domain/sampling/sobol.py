"""Points of a Sobol sequence, scrambled by the seed of the job: they cover a space more evenly than random points.

A. B. Owen, Scrambling Sobol' and Niederreiter-Xing points, Journal of Complexity 14 (1998). Every sampled
parameter has its own dimension, even if a configuration lacks it, so a point never depends on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.proposal import Proposal
from tuning.domain.sampling.unseen import MAX_DRAWS, NothingToPropose
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar

INDEX = "sobol:index"


def propose_point(
    space: SearchSpace,
    seed: int,
    slot: int,
    known: Iterable[Observation],
    is_allowed: Callable[[dict[str, Scalar]], bool],
) -> Proposal:
    """The first point that `is_allowed`, after those of the slots before `slot`; its index is the state to store.

    If no point was refused, the index is the slot. Raises NothingToPropose.
    """
    used = (observation.state for observation in known if observation.number < slot)
    first = max([slot, *(int(state[INDEX]) + 1 for state in used if state and INDEX in state)])
    for index, params in enumerate(_points(space, seed, first), start=first):
        if is_allowed(params):
            return Proposal(params, {INDEX: index})
    raise NothingToPropose(f"none of {MAX_DRAWS:,} points can be proposed")


def _points(space: SearchSpace, seed: int, first: int) -> Iterable[dict[str, Scalar]]:
    """The configurations of points number `first` and later, at most MAX_DRAWS."""
    from scipy.stats.qmc import Sobol

    names = space.sampled
    if not names:
        yield space.completed({})
        return
    sequence = Sobol(len(names), scramble=True, rng=seed)
    if first:
        sequence.fast_forward(first)
    for _ in range(MAX_DRAWS):
        shares = sequence.random(1)[0]
        yield space.completed(
            {name: space.parameters[name].quantile(float(share)) for name, share in zip(names, shares, strict=True)}
        )
