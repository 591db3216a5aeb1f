"""The common base of our own samplers, which compute in a unit cube and propose through Optuna."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import FrozenTrial

from tuning.domain.sampling.cube import ABSENT, Array, Axis


class CubeSampler(BaseSampler):
    """Subclasses implement `sample_relative` over the axes. Parameters that it leaves out are sampled at random."""

    def __init__(self, axes: Sequence[Axis], *, seed: int) -> None:
        self._axes = axes
        self._random = RandomSampler(seed=seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {axis.name: axis.distribution for axis in self._axes}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._random.sample_independent(study, trial, param_name, param_distribution)

    def _params_at(self, shares: Array) -> dict[str, Any]:
        """The parameters at a point of the cube."""
        return {
            axis.name: axis.external(axis.values(shares[column : column + 1])[0])
            for column, axis in enumerate(self._axes)
        }

    def _shares(self, trial: FrozenTrial) -> Array:
        """The point of the cube of a trial; a missing parameter counts as the middle of its axis."""
        shares = [axis.share(trial.params[axis.name]) if axis.name in trial.params else ABSENT for axis in self._axes]
        return np.array(shares)
