"""Bayesian optimization with a Gaussian process, as an Optuna sampler: it maximizes the expected improvement.

Why scikit-learn, and what was left out: docs/decisions/0008-the-gaussian-process-is-scikit-learns.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState
from scipy.stats.qmc import Sobol
from threadpoolctl import threadpool_limits

from tuning.domain.sampling.cube import Array, axes_of, only_values
from tuning.domain.sampling.cube_sampler import CubeSampler
from tuning.domain.sampling.encoding import decode
from tuning.domain.sampling.gaussian_process_model import Surrogate, fitted
from tuning.domain.sampling.ranking import badness, is_infeasible, is_over, loss
from tuning.domain.space.search_space import SearchSpace

CANDIDATES = 512  # a power of two, for which a Sobol sequence is balanced
LEADERS = 6  # candidates that are refined
NEIGHBOURS = 24  # of each leader, in each round
REACHES = (0.2, 0.07, 0.02, 0.005)  # distance of the neighbours in each round, as a share of an axis
MAX_FITTED = 300
"""The process is fitted to the best and the latest trials, at most this many: the time is cubic in their number."""
LARGEST = 1e100
"""Values are scaled down to this, so that their squares are finite."""
MAX_REFUSED = 25
"""Refused proposals for one slot before it is sampled at random."""


class GpSampler(CubeSampler):
    """Samples at random until two trials have completed. The caller decides when to use it at all."""

    def __init__(self, space: SearchSpace, *, seed: int) -> None:
        super().__init__(axes_of(space), seed=seed)
        self._space, self._rest, self._seed = space, only_values(space), seed
        self._rng = np.random.default_rng(seed)
        self._surrogate: Surrogate | None = None
        self._proposed: list[Array] = []

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """A repeated call means that the last proposal was refused: the next best one follows."""
        trials = [known for known in study.get_trials(deepcopy=False) if known.number != trial.number]
        completed = [known for known in trials if known.state == TrialState.COMPLETE and not is_infeasible(known)]
        if not self._axes or len(completed) < 2 or len(self._proposed) >= MAX_REFUSED:
            return {}
        ended, running = _selected(study, trials), [t for t in trials if t.state == TrialState.RUNNING]
        with threadpool_limits(1):  # on matrices this small, threads cost more than they save
            if self._surrogate is None:
                values = _values(study, ended, completed)
                self._surrogate = fitted(self._features(ended), values, self._features(running), self._seed)
            shares = self._best_shares(self._surrogate, [*ended, *running])
        self._proposed.append(self._features_at(shares[None, :])[0])
        return self._params_at(shares)

    def _best_shares(self, surrogate: Surrogate, known: Sequence[FrozenTrial]) -> Array:
        """The new point of the cube with the largest expected improvement that was found."""
        taken = {row.tobytes() for row in (*self._features(known), *self._proposed)}
        # Points spread evenly over the cube, and points near the best trials so far.
        even = Sobol(len(self._axes), scramble=True, rng=self._rng).random(CANDIDATES)
        good = np.array([self._shares(trial) for trial in known[:LEADERS]])
        near = (self._neighbours(good, REACHES[0]), self._neighbours(good, 0.02))
        leaders = self._ranked(surrogate, np.vstack([even, *near]), taken)
        for reach in REACHES:
            leaders = self._ranked(surrogate, self._neighbours(leaders[:LEADERS], reach), taken)
        return np.asarray(leaders[0])

    def _ranked(self, surrogate: Surrogate, shares: Array, taken: set[bytes]) -> Array:
        features = self._features_at(shares)
        improvement = surrogate.improvement(features)
        improvement[[row.tobytes() in taken for row in features]] = -np.inf
        return shares[np.argsort(-improvement, kind="stable")]

    def _neighbours(self, centres: Array, reach: float) -> Array:
        """The centres and points around them. A choice changes with a small probability, to any value."""
        around = np.repeat(centres, NEIGHBOURS, axis=0)
        moved = around + self._rng.normal(0.0, reach, around.shape)
        anywhere = self._rng.random(around.shape)
        changes = self._rng.random(around.shape) < 1.0 / len(self._axes)
        is_choice = np.array([axis.choices > 0 for axis in self._axes])
        moved = np.where(is_choice, np.where(changes, anywhere, around), moved)
        return np.vstack([centres, np.clip(moved, 0.0, np.nextafter(1.0, 0.0))])

    def _features(self, trials: Iterable[FrozenTrial]) -> Array:
        rows = [[float(trial.params.get(axis.name, np.nan)) for axis in self._axes] for trial in trials]
        return self._columns(np.array(rows).reshape(len(rows), len(self._axes)))

    def _features_at(self, shares: Array) -> Array:
        values = np.column_stack([axis.values(shares[:, column]) for column, axis in enumerate(self._axes)])
        return self._columns(self._without_absent(values))

    def _columns(self, values: Array) -> Array:
        return np.hstack([axis.features(values[:, column]) for column, axis in enumerate(self._axes)])

    def _without_absent(self, values: Array) -> Array:
        """Values with NaN for each parameter that does not exist for the other values of its row."""
        if not self._space.is_conditional:
            return values
        for row in values:
            pairs = zip(self._axes, row, strict=True)
            params = decode(self._space, self._rest | {axis.name: axis.external(value) for axis, value in pairs})
            row[[axis.name not in params for axis in self._axes]] = np.nan
        return values


def _selected(study: Study, trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """The ended trials to fit the process to, the best first."""
    ended = sorted(filter(is_over, trials), key=lambda trial: badness(study, trial))
    best, rest = ended[: MAX_FITTED // 2], ended[MAX_FITTED // 2 :]
    latest = {trial.number for trial in sorted(rest, key=lambda trial: -trial.number)[: MAX_FITTED - len(best)]}
    return best + [trial for trial in rest if trial.number in latest]


def _values(study: Study, ended: Sequence[FrozenTrial], completed: Sequence[FrozenTrial]) -> Array:
    """A value for each ended trial, larger being better.

    A pruned trial has its last value, but at best the median of the completed ones. An infeasible trial has the worst
    of them.
    """
    losses = np.array([loss(study, trial) for trial in completed])
    scale = max(1.0, float(np.abs(losses).max()) / LARGEST)
    middle, worst = float(np.median(losses / scale)) * scale, float(losses.max())
    counted: list[float] = []
    for trial in ended:
        value = min(loss(study, trial), worst)
        counted.append(max(value, middle) if trial.state == TrialState.PRUNED else value)
    return np.array([-value / scale for value in counted])
