"""Simulated sweeps: configurations of known quality, whose runs answer items right or wrong."""

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
    """One line of the table: effect and seed deviation as shares of 1 (0.02 is 2 points)."""

    items: int
    trials: int
    effect: float
    deviation: float

    @property
    def qualities(self) -> Array:
        """The true score of each trial's configuration: evenly from the default's to the best."""
        return BASE + self.effect * np.linspace(0, 1, self.trials)


class Items:
    """A draw of items. Each has a difficulty for all, and suits some configurations more than others.

    A run answers item i right with probability sigmoid(q - difficulty_i - suits_ci): logits, normal with the standard
    deviations DIFFICULTY and SUITS. q is such that the mean over all items is the score asked for.
    """

    def __init__(self, rng: np.random.Generator, items: int) -> None:
        self.rng = rng
        self.difficulty = rng.normal(0, DIFFICULTY, items).astype(np.float32)

    def configurations(self, count: int) -> Array:
        """How hard the items are for `count` configurations: (count, 1, items)."""
        suits = self.rng.standard_normal((count, 1, self.difficulty.size), dtype=np.float32)
        return self.difficulty + np.float32(SUITS) * suits

    def answers(self, hardness: Array, scores: Array) -> Array:
        """0 and 1 for runs of these true `scores` (configurations, seeds): (configurations, seeds, items)."""
        logits = ability(scores).astype(np.float32)[..., None] - hardness
        return (self.rng.random(logits.shape, dtype=np.float32) < 1 / (1 + np.exp(-logits))).astype(np.float64)


def ability(score: Array) -> Array:
    """The logit whose mean score over all items is `score`."""
    logits, means = _curve()
    return np.interp(score, means, logits)


@lru_cache(maxsize=256)
def discordance(ours: float, theirs: float) -> tuple[float, float]:
    """Of two runs with these true scores: the share of discordant items, and what part of it any seeds would repeat.

    An item's discordance is (p - q)^2, which stays, plus p (1 - p) + q (1 - q), which is chance.
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
