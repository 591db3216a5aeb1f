"""The power of the test of the winner against the default, computed before anything is run."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .arrays import Array
from .bisection import smallest
from .clustered import error_of

DRAWS = 20_000
SEED = 20_011_946


def confirmed_power_of(
    difference: float,
    items: int,
    seeds: int = 3,
    *,
    seed_deviation: float = 0.02,
    discordant: float = 0.2,
    repeated: float = 0.5,
    alpha: float = 0.05,
) -> float:
    """The probability that `compare_configurations` says "better" at a two-sided `alpha`, for this true difference.

    `seed_deviation` is the standard deviation of a configuration's score from seed to seed. `discordant` is the share
    of items that one of two runs has right and the other wrong, and `repeated` the share of those for which this holds
    with any seeds. The test is simulated 20,000 times with a fixed seed: its variances are chi-square, and independent
    of the mean. Raises ValueError for fewer than 2 items or seeds.
    """
    critical, noise = _draws(items, seeds, seed_deviation, discordant, repeated, alpha)
    return float(np.mean(difference + noise > critical))


def smallest_confirmed_difference(
    items: int,
    seeds: int = 3,
    *,
    seed_deviation: float = 0.02,
    discordant: float = 0.2,
    repeated: float = 0.5,
    power: float = 0.8,
    alpha: float = 0.05,
) -> float:
    """The smallest true difference that this test shows with this power; parameters as in `confirmed_power_of`."""
    critical, noise = _draws(items, seeds, seed_deviation, discordant, repeated, alpha)
    return smallest(lambda difference: float(np.mean(difference + noise > critical)) >= power)


@lru_cache(maxsize=64)
def _draws(
    items: int, seeds: int, deviation: float, discordant: float, repeated: float, alpha: float
) -> tuple[Array, Array]:
    """For each draw, the smallest difference for which the test says "better", and the error of the estimate."""
    from scipy.special import stdtrit

    if items < 2 or seeds < 2:
        raise ValueError(f"A test of configurations needs at least 2 items and 2 seeds, not {items} and {seeds}.")
    rng = np.random.default_rng(SEED)
    residual = discordant * (1 - repeated) / 2 / seeds / items
    mean_of_items = discordant * repeated / items + 2 * residual
    mean_of_seeds = deviation**2 / seeds + residual

    def chi(degrees: int) -> Array:
        return rng.chisquare(degrees, DRAWS) / degrees

    error, degrees = error_of(
        items=mean_of_items * chi(items - 1),
        count=items,
        seeds=[(mean_of_seeds * chi(seeds - 1), seeds - 1) for _ in range(2)],
        residual=2 * residual * chi(2 * (seeds - 1) * (items - 1)),
    )
    noise = rng.standard_normal(DRAWS) * np.sqrt(mean_of_items + 2 * deviation**2 / seeds)
    return stdtrit(degrees, 1 - alpha / 2) * error, noise
