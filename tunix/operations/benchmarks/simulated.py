"""Simulated rows and runs: configurations of known quality that answer rows correctly or not.

The model is not the one that the product's formulas assume. Whether an answer is right is decided by a threshold of
latent normal parts, seeds have heavy tails (Student's t with 5 degrees of freedom), and a seed also changes which rows
are right, not only how many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tunix.pipeline.data.row_order import sample_of
from tunix.pipeline.data.rows import Row

from .worlds import BASE, Setting

Array = NDArray[Any]

ITEM = 0.7
"""The share of the latent variance that all configurations have in common: how hard a row is."""
SUITS = 0.08
"""The share that belongs to a row and a configuration: some rows suit some configurations better."""
CHANCE = 1 - ITEM - SUITS
"""The share that changes from seed to seed."""
CLASSES = 77
CLASS_SUITS = 0.05
"""Of SUITS, the part that all rows of a class have in common where rows have classes."""
ALIKE = 0.9
"""Of CHANCE, the part that near copies have in common."""
TAILS = 5


@dataclass(frozen=True)
class Seeds:
    """What each seed does to each configuration: its score, and whether the run diverges, (configurations, seeds).

    `correlation` is that between two configurations that are trained with the same seed, also row by row.
    """

    scores: Array
    dead: Array
    correlation: float


def seeded(
    rng: np.random.Generator, qualities: Array, deviations: Array, seeds: int, *, correlation: float, deaths: Array
) -> Seeds:
    """Runs of configurations with these true scores, all trained with the same `seeds` seeds.

    The runs that diverge are the worst ones: `deaths` is the share of each configuration.
    """
    shared, own = _heavy(rng, (1, seeds)), _heavy(rng, (len(qualities), seeds))
    shifts = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    scores = np.clip(qualities[:, None] + deviations[:, None] * shifts, 0.01, 0.99)
    return Seeds(scores, shifts < ndtri(deaths)[:, None], correlation)


class Rows:
    """A random draw of rows, and the hardness of each for each of `configurations`.

    A run answers a row correctly if hardness plus chance, a standard normal number together, is below the quantile of
    its score. So its mean over all rows there are is exactly its score, but for the classes.
    """

    def __init__(self, rng: np.random.Generator, count: int, configurations: int, setting: Setting) -> None:
        self.rng = rng
        self.groups = _groups(rng, count, setting.copies)
        drawn = count if self.groups is None else int(self.groups[-1]) + 1
        common = rng.standard_normal((1, drawn), dtype=np.float32)
        single = rng.standard_normal((configurations, drawn), dtype=np.float32)
        self.classes = np.sort(rng.integers(0, CLASSES, drawn)) if setting.sorted_rows else None
        of_class = CLASS_SUITS if setting.sorted_rows else 0.0
        self.class_effects = np.sqrt(of_class) * rng.standard_normal((configurations, CLASSES))
        hardness = np.sqrt(ITEM) * common + np.sqrt(SUITS - of_class) * single
        if self.classes is not None:
            hardness = hardness + self.class_effects[:, self.classes]
        self.hardness = self._spread(hardness.astype(np.float32))

    def answers(self, seeds: Seeds, configurations: Sequence[int]) -> Array:
        """Answers, 0 or 1, of the runs of these configurations: shape (configurations, seeds, rows)."""
        count, replicates = seeds.scores.shape
        shared = np.float32(np.sqrt(seeds.correlation)) * self._chance(1, replicates)
        own = np.float32(np.sqrt(1 - seeds.correlation)) * self._chance(count, replicates)
        latent = self.hardness[configurations][:, None, :] + np.float32(np.sqrt(CHANCE)) * (shared + own)
        return (latent < ndtri(seeds.scores)[..., None]).astype(np.float64)

    def truth(self, configuration: int, quality: float) -> float:
        """The mean score over all rows there are: the quality, shifted by the classes, which stay the same."""
        effects = self.class_effects[configuration]
        within = np.sqrt(1 - CLASS_SUITS) if effects.any() else 1.0
        return float(ndtr((ndtri(quality) - effects) / within).mean())

    def sample(self, count: int) -> Any:
        """Which rows are judged if `count` are: all of them, or what the product takes of a sorted file."""
        return slice(count) if self.classes is None else places_of(self.classes.size, count)

    def group_list(self, count: int | None = None) -> list[int] | None:
        """The group of each of the first `count` rows; None without near copies."""
        return None if self.groups is None else self.groups[:count].tolist()

    def _chance(self, count: int, replicates: int) -> Array:
        rows = self.hardness.shape[1]
        single = self.rng.standard_normal((count, replicates, rows), dtype=np.float32)
        if self.groups is None:
            return single
        drawn = self.rng.standard_normal((count, replicates, int(self.groups[-1]) + 1), dtype=np.float32)
        alike: Array = np.sqrt(ALIKE) * self._spread(drawn) + np.sqrt(1 - ALIKE) * single
        return alike.astype(np.float32)

    def _spread(self, values: Array) -> Array:
        """The values of groups, one for each row."""
        return values if self.groups is None else values[..., self.groups]


def qualities_of(rng: np.random.Generator, setting: Setting) -> Array:
    """The true score of each trial's configuration: all like the default, or normally distributed about it."""
    return np.clip(BASE + setting.gain + setting.spread * rng.standard_normal(setting.trials), 0.05, 0.95)


@lru_cache(maxsize=16)
def places_of(rows: int, count: int) -> list[int]:
    """The places of the rows that the product judges if it takes `count` of a file with so many."""
    prompts = (Row(prompt=f"prompt {number}", answer="") for number in range(rows))
    return list(sample_of(prompts, count).places)


def _heavy(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Numbers of variance 1 with heavy tails."""
    return rng.standard_t(TAILS, shape) * np.sqrt((TAILS - 2) / TAILS)


def _groups(rng: np.random.Generator, count: int, copies: int) -> Array | None:
    """The group of each row, in order; each has from 1 to twice `copies` rows, `copies` and a half on average."""
    if copies == 1:
        return None
    sizes = rng.integers(1, 2 * copies + 1, count)
    return np.repeat(np.arange(count), sizes)[:count]
