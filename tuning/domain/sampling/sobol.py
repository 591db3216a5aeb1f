"""Points of a Sobol sequence, scrambled by the seed of the job: they fill a space more evenly than chance does.

A. B. Owen, Scrambling Sobol' and Niederreiter-Xing points, Journal of Complexity 14 (1998). Each parameter that is
drawn has a dimension of its own, also where a configuration lacks it, so a point never depends on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.proposal import Proposal
from tuning.domain.sampling.unseen import MOST_TRIES, NothingToPropose
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar

INDEX = "sobol:index"


def propose_point(
    space: SearchSpace,
    seed: int,
    slot: int,
    known: Iterable[Observation],
    may_be: Callable[[dict[str, Scalar]], bool],
) -> Proposal:
    """The first point that `may_be`, after those used by the slots before `slot`; its index is the state to store.

    Without refusals the index is the slot. Raises NothingToPropose.
    """
    used = (observation.state for observation in known if observation.number < slot)
    first = max([slot, *(int(state[INDEX]) + 1 for state in used if state and INDEX in state)])
    for index, params in enumerate(_points(space, seed, first), start=first):
        if may_be(params):
            return Proposal(params, {INDEX: index})
    raise NothingToPropose(f"none of {MOST_TRIES:,} points may be proposed")


def _points(space: SearchSpace, seed: int, first: int) -> Iterable[dict[str, Scalar]]:
    """The configurations of points number `first` and later, at most MOST_TRIES."""
    from scipy.stats.qmc import Sobol

    names = space.drawn
    if not names:
        yield space.completed({})
        return
    sequence = Sobol(len(names), scramble=True, rng=seed)
    if first:
        sequence.fast_forward(first)
    for _ in range(MOST_TRIES):
        shares = sequence.random(1)[0]
        yield space.completed(
            {name: space.parameters[name].quantile(float(share)) for name, share in zip(names, shares, strict=True)}
        )
