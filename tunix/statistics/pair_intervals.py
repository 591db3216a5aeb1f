"""The interval of a difference of paired seeds, of which there are few."""

from __future__ import annotations

import numpy as np

from .bisection import smallest

NODES = 64
"""Equal parts of a third root of the probability: small values of chi-square, which matter most, are resolved best."""


def half_width(
    *, items: float, units: int, between: float, freedom: float, taken_off: float, residual: float, alpha: float
) -> float:
    """Half the width of the interval that covers 1 - `alpha`, of a difference of scores from 0 to 1.

    `items`, `between` and `residual` are variances of the mean as in `clustered.Estimate`; `between` has `freedom`
    degrees of freedom, `items` one less than `units`. The variance between seeds is as large as `between` in few seeds
    by chance, so the probability of a larger error is averaged over what it may be: `between` times `freedom`, divided
    by chi-square. That is a generalized interval (Weerahandi 1993; the solution of Behrens and Fisher). Its excess over
    the residual is at least -`taken_off`. Degrees of freedom of an estimated error (Satterthwaite), which the tests
    use, cover too little if the seeds happen to agree: both error and degrees are then wrong, on the same side.
    """
    from scipy.special import gammaincinv, stdtr

    roots = (np.arange(NODES) + 0.5) / NODES
    weights = 3 * roots**2 / NODES
    chi_square = 2 * gammaincinv(freedom / 2, roots**3)
    total = items + np.maximum(-taken_off, between * freedom / chi_square - residual)
    degrees = np.maximum(1.0, (units - 1) * (total / items) ** 2)
    errors = np.sqrt(total)
    return smallest(lambda half: float(weights @ stdtr(degrees, -half / errors)) <= alpha / 2)
