"""Simulated runs: configurations of known quality that answer items correctly or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

BASE = 0.6
DIFFICULTY = 3.0
SUITS = 1.0
NODES = 41

Array = NDArray[Any]


@dataclass(frozen=True)
class Setting:
    """One line of the table. Effect and seed deviation are fractions of 1 (0.02 is 2 points)."""

    items: int
    trials: int
    effect: float
    deviation: float

    @property
    def qualities(self) -> Array:
        """The true score of each trial's configuration, evenly spaced from the default's to the best."""
        return BASE + self.effect * np.linspace(0, 1, self.trials)


class Items:
    """A random draw of items. Each has a common difficulty, and suits some configurations better than others.

    A run answers item i correctly with probability sigmoid(q - difficulty_i - suits_ci). Both are logits, normally
    distributed with the standard deviations DIFFICULTY and SUITS. q is chosen so that the mean over all items is the
    given score.
    """

    def __init__(self, rng: np.random.Generator, items: int) -> None:
        self.rng = rng
        self.difficulty = rng.normal(0, DIFFICULTY, items).astype(np.float32)

    def configurations(self, count: int) -> Array:
        """The hardness of the items for `count` configurations, of shape (count, 1, items)."""
        suits = self.rng.standard_normal((count, 1, self.difficulty.size), dtype=np.float32)
        return self.difficulty + np.float32(SUITS) * suits

    def answers(self, hardness: Array, scores: Array) -> Array:
        """Answers, 0 or 1, of runs with true `scores` (configurations, seeds): shape (configurations, seeds, items)."""
        logits = ability(scores).astype(np.float32)[..., None] - hardness
        return (self.rng.random(logits.shape, dtype=np.float32) < 1 / (1 + np.exp(-logits))).astype(np.float64)


def ability(score: Array) -> Array:
    """The logit whose mean score over all items is `score`."""
    logits, means = _curve()
    return np.interp(score, means, logits)


@lru_cache(maxsize=256)
def discordance(ours: float, theirs: float) -> tuple[float, float]:
    """For two runs with these true scores: the share of discordant items, and the part of it that repeats for any seed.

    The discordance of an item is (p - q)^2, which repeats, plus p (1 - p) + q (1 - q), which is chance.
    """
    nodes, weights = _normal()
    difficulty = DIFFICULTY * nodes[:, None, None]
    p = _right(float(ability(np.array(ours))), difficulty + SUITS * nodes[None, :, None])
    q = _right(float(ability(np.array(theirs))), difficulty + SUITS * nodes[None, None, :])
    weight = weights[:, None, None] * weights[None, :, None] * weights[None, None, :]
    stays = float((weight * (p - q) ** 2).sum())
    chance = float((weight * (p * (1 - p) + q * (1 - q))).sum())
    return stays + chance, stays / (stays + chance)


@lru_cache(maxsize=1)
def _curve() -> tuple[Array, Array]:
    nodes, weights = _normal()
    logits = np.linspace(-25, 25, 5001)
    spread = float(np.hypot(DIFFICULTY, SUITS))
    return logits, (_right(logits[:, None], spread * nodes) * weights).sum(axis=1)


def _right(logit: Any, hardness: Array) -> Array:
    chance: Array = 1 / (1 + np.exp(hardness - logit))
    return chance


def _normal() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return nodes, weights / weights.sum()
