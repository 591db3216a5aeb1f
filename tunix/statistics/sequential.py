"""Tests in stages: how much of alpha each stage may spend, and whether going on is worth it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from .arrays import Array
from .clustered import error_of_one_table

NODES = 160
BISECTIONS = 60


def spent_by(share: float, alpha: float) -> float:
    """How much of a two-sided `alpha` may be spent once `share` of the information is there.

    The O'Brien-Fleming type of Lan and DeMets 1983: almost nothing early, nearly all of it at the end.
    """
    from scipy.special import ndtr, ndtri

    return float(2 * ndtr(ndtri(alpha / 2) / np.sqrt(share)))


@lru_cache(maxsize=256)
def levels_of(counts: tuple[int, ...], alpha: float) -> tuple[float, ...]:
    """The two-sided level of the test at each stage; `counts` are the seeds that a side has by then.

    If each stage tests at its level, a true null hypothesis is rejected at any of them with probability `alpha`. For 3,
    5 and 8 seeds at 5%: 0.0014, 0.0126 and 0.0455. By the recursion of Armitage, McPherson and Rowe 1969, on the sums
    of independent increments; it is conservative where stages share their items. Raises ValueError unless the counts
    rise.
    """
    from scipy.special import ndtr

    if not counts or any(later <= earlier for earlier, later in pairwise(counts)):
        raise ValueError(f"The seeds of the stages must rise, not be {counts}.")
    shares = [count / counts[-1] for count in counts]
    levels, density, nodes = [], np.ones(1), np.zeros(1)
    spent, before = 0.0, 0.0
    for share in shares:
        step, budget = np.sqrt(share - before), spent_by(share, alpha) - spent
        bound = _bound(lambda bound: float(2 * (density @ ndtr((nodes - bound) / step))), budget)  # noqa: B023
        levels.append(float(2 * ndtr(-bound / np.sqrt(share))))
        density, nodes = _continued(density, nodes, bound, step)
        spent, before = spent + budget, share
    return tuple(levels)


def success_forecast(
    *,
    difference: Any,
    items: Any,
    between: Any,
    residual: Any,
    freedom: float,
    units: int,
    seeds: int,
    planned: int,
    level: float,
) -> Any:
    """The probability that a test at `level` shows the difference to be above 0, once `planned` seeds are there.

    The other parameters are what the first `seeds` showed: difference and variances as in `clustered.Estimate`, numbers
    or arrays. The items stay the same, so only seeds that are still to come are uncertain: the predictive probability
    of Spiegelhalter, Freedman and Blackburn 1986 with a flat prior.
    """
    from scipy.special import stdtr

    error, degrees = projected_error(
        items=items, between=between, residual=residual, freedom=freedom, units=units, seeds=seeds, planned=planned
    )
    to_come = np.sqrt(np.maximum(between * (1 - seeds / planned), 1e-12))
    return stdtr(freedom, (difference - quantile_of_t(degrees, 1 - level / 2) * error) / to_come)


def quantile_of_t(degrees: Any, share: float) -> Any:
    """The quantile of Student's t, for a number or an array of degrees of freedom of at least 1.

    Many at once are read off a table, to three digits: their inverses are searched for one by one, which takes long.
    """
    from scipy.special import stdtrit

    if np.ndim(degrees) == 0:
        return stdtrit(degrees, share)
    return np.interp(1 / degrees, *_quantiles(share))


@lru_cache(maxsize=64)
def _quantiles(share: float) -> tuple[Array, Array]:
    from scipy.special import stdtrit

    inverse = np.linspace(1e-6, 1.0, 400)
    return inverse, stdtrit(1 / inverse, share)


def projected_error(
    *, items: Any, between: Any, residual: Any, freedom: float, units: int, seeds: int, planned: int
) -> tuple[Any, Any]:
    """The standard error that `planned` seeds will have, and its degrees of freedom; parameters as above."""
    ratio = seeds / planned
    return error_of_one_table(
        items=np.maximum(items - residual * (1 - ratio), 1e-12),
        count=units,
        seeds=[(between * ratio, freedom + planned - seeds)],
        residual=residual * ratio,
    )


def _bound(exceeded: Callable[[float], float], budget: float) -> float:
    """The bound that is exceeded with probability `budget`."""
    low, high = 0.0, 12.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if exceeded(middle) > budget else (low, middle)
    return high


def _continued(density: Array, nodes: Array, bound: float, step: float) -> tuple[Array, Array]:
    """The density, times the weights of the quadrature, of a sum that has stayed within the bound."""
    points, weights = np.polynomial.legendre.leggauss(NODES)
    further = points * bound
    kernel = np.exp(-(((further[:, None] - nodes) / step) ** 2) / 2) / (step * np.sqrt(2 * np.pi))
    return weights * bound * (kernel @ density), further
