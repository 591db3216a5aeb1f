"""Standard test functions for minimisation, in the notation of their sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, e, exp, pi, sqrt

import numpy as np

HARTMANN_ALPHA = (1.0, 1.2, 3.0, 3.2)
HARTMANN_A = (
    (10.0, 3.0, 17.0, 3.5, 1.7, 8.0),
    (0.05, 10.0, 17.0, 0.1, 8.0, 14.0),
    (3.0, 3.5, 1.7, 10.0, 17.0, 8.0),
    (17.0, 8.0, 0.05, 10.0, 0.1, 14.0),
)
HARTMANN_P = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)
SHIFT = (7, -12, 3, 18)
"""The minimum of our Ackley function: not the centre, where some samplers look first."""


def noise(seed: int, number: int) -> float:
    """Standard normal noise of trial `number`: the same for every sampler with this seed."""
    return float(np.random.default_rng((seed, number)).normal())


def branin(x: float, y: float) -> float:
    """Three equal minima of 0.397887 within x from -5 to 10 and y from 0 to 15."""
    valley = y - 5.1 / (4 * pi**2) * x**2 + 5 / pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10


def hartmann6(point: Sequence[float]) -> float:
    """Six minima in the unit cube of six dimensions, the lowest -3.32237."""
    hills = zip(HARTMANN_ALPHA, HARTMANN_A, HARTMANN_P, strict=True)
    return -sum(
        height * exp(-sum(a * (x - p) ** 2 for a, x, p in zip(widths, point, place, strict=True)))
        for height, widths, place in hills
    )


def rosenbrock(point: Sequence[float]) -> float:
    """A bent valley, 0 where all are 1."""
    return sum(100 * (y - x**2) ** 2 + (1 - x) ** 2 for x, y in pairwise(point))


def ackley(point: Sequence[float]) -> float:
    """Many hollows around one, 0 where all are 0."""
    size = len(point)
    distance = sqrt(sum(x**2 for x in point) / size)
    return 20 + e - 20 * exp(-0.2 * distance) - exp(sum(cos(2 * pi * x) for x in point) / size)


def shifted_ackley(point: Sequence[int]) -> float:
    """The Ackley function of four whole numbers, 0 at SHIFT."""
    return ackley([x - middle for x, middle in zip(point, SHIFT, strict=True)])


def six_hump_camel(x: float, y: float) -> float:
    """Six minima within x from -3 to 3 and y from -2 to 2, two of them the lowest: -1.031628."""
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


def beale(x: float, y: float) -> float:
    """0 at x = 3, y = 0.5."""
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def tree(leaf: int, depth: float, offset: float) -> float:
    """A tree of two decisions with four leaves (0 to 3), each with its own depth and, by pairs, an offset; 0.1 at best.

    The synthetic function of Jenatton et al. 2017, Bayesian optimization with tree-structured dependencies.
    """
    return depth**2 + 0.1 * (leaf + 1) + offset


def two_choices(first: str, second: str, x: float, y: float) -> float:
    """Sums of two of three surfaces, within -1 and 1; -0.206326 where both are the camel's.

    Func-2C of Ru et al. 2020, Bayesian optimisation over multiple continuous and categorical inputs.
    """
    return _scaled(first, 2 * x, 2 * y) + _scaled(second, 2 * x, 2 * y)


def _scaled(name: str, x: float, y: float) -> float:
    match name:
        case "rosenbrock":
            return rosenbrock((x, y)) / 300
        case "camel":
            return six_hump_camel(x, y) / 10
    return beale(x, y) / 50
