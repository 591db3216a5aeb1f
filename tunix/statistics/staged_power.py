"""The power of a proof in stages, and the runs that it takes, computed before anything is run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .bisection import smallest, smallest_count
from .clustered import error_of_one_table
from .sequential import quantile_of_t, success_forecast

Truths = NDArray[np.bool_]
DRAWS = 4000
SEED = 19_830_101


@dataclass(frozen=True)
class Design:
    """How a proof goes on, and what is assumed of its runs.

    `counts` are the seeds a side by stage and `levels` the two-sided levels there. `deviation`: the standard deviation
    of a configuration's score from seed to seed, `shared` the share of its variance that a seed has in common for both
    sides. `discordant`: the share of items that one of two runs has right and the other wrong, `repeated` the share of
    those for which this holds with any seeds. `prior`: degrees of freedom of the seeds' variance from other items.
    Below `futility` the forecast ends the proof.
    """

    counts: tuple[int, ...]
    levels: tuple[float, ...]
    deviation: float = 0.02
    shared: float = 0.5
    discordant: float = 0.2
    repeated: float = 0.5
    prior: int = 2
    futility: float = 0.15


def staged_power(difference: float, items: int, design: Design) -> tuple[float, float]:
    """The probability that the proof says "better" for this true difference, and the seeds a side it takes on average.

    4,000 proofs are simulated with a fixed seed: seeds and items shift the paired differences normally, and each stage
    tests and forecasts as `clustered` and `sequential` do. Raises ValueError for fewer than 2 items or seeds.
    """
    of_items, of_seeds, prior = _draws(items, design)
    running = np.ones(DRAWS, dtype=bool)
    better, seeds_taken = np.zeros(DRAWS, dtype=bool), np.zeros(DRAWS)
    for count, level in zip(design.counts, design.levels, strict=True):
        means = difference + of_items + of_seeds[:, :count].mean(axis=1)
        figures = _figures(of_seeds[:, :count], prior, items, design)
        shown = _is_shown(means, figures, items, level)
        better |= running & shown
        seeds_taken[running] = count
        if count < design.counts[-1]:
            running &= ~shown & (_forecast(means, figures, items, count, design) >= design.futility)
    return float(better.mean()), float(seeds_taken.mean())


def smallest_staged_difference(items: int, design: Design, power: float = 0.8) -> float:
    """The smallest true difference that the proof shows with this power; 1.0 if there is none."""
    return smallest(lambda difference: staged_power(difference, items, design)[0] >= power, steps=12)


def smallest_items(difference: float, design: Design, power: float = 0.8, most: int = 2**17) -> int | None:
    """The fewest items with which the proof shows a true difference with this power; None if `most` do not."""
    enough = smallest_count(lambda items: staged_power(difference, max(items, 2), design)[0] >= power, most)
    return max(enough, 2) if staged_power(difference, max(enough, 2), design)[0] >= power else None


@dataclass(frozen=True)
class _Figures:
    items: float
    between: Array
    residual: float
    freedom: int


def _noise(items: int, design: Design) -> float:
    """The variance of a pair's difference that repeats with neither seed nor item."""
    return design.discordant * (1 - design.repeated) / items


def _draws(items: int, design: Design) -> tuple[Array, Array, Array]:
    """Of each proof: the error of its items, of each pair of seeds, and the variance of pairs seen on other items."""
    if items < 2 or design.counts[0] < 2:
        raise ValueError(f"A proof needs at least 2 items and 2 seeds, not {items} and {design.counts[0]}.")
    deviation = sqrt(2 * (1 - design.shared)) * design.deviation
    variance = deviation**2 + _noise(items, design)
    of_items, of_seeds, of_prior = _standard_draws(design.counts[-1], max(design.prior, 1))
    return of_items * sqrt(design.discordant * design.repeated / items), of_seeds * sqrt(variance), of_prior * variance


@lru_cache(maxsize=32)
def _standard_draws(seeds: int, prior: int) -> tuple[Array, Array, Array]:
    """The same for variances of 1: only their scale depends on the rest of a design."""
    rng = np.random.default_rng(SEED)
    return rng.standard_normal(DRAWS), rng.standard_normal((DRAWS, seeds)), rng.chisquare(prior, DRAWS) / prior


def _figures(of_seeds: Array, prior: Array, items: int, design: Design) -> _Figures:
    count = of_seeds.shape[1]
    freedom = count - 1 + design.prior
    between = (of_seeds.var(axis=1, ddof=1) * (count - 1) + prior * design.prior) / freedom
    residual = _noise(items, design) / count
    return _Figures(design.discordant * design.repeated / items + residual, between / count, residual, freedom)


def _is_shown(means: Array, figures: _Figures, items: int, level: float) -> Truths:
    error, degrees = error_of_one_table(
        items=figures.items, count=items, seeds=[(figures.between, figures.freedom)], residual=figures.residual
    )
    shown: Truths = means > quantile_of_t(degrees, 1 - level / 2) * error
    return shown


def _forecast(means: Array, figures: _Figures, items: int, count: int, design: Design) -> Array:
    forecast: Array = success_forecast(
        difference=means,
        items=figures.items,
        between=figures.between,
        residual=figures.residual,
        freedom=figures.freedom,
        units=items,
        seeds=count,
        planned=design.counts[-1],
        level=design.levels[-1],
    )
    return forecast
