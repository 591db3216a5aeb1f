"""CMA-ES as an Optuna sampler whose only memory is the ledger: no optimizer has to be pickled.

N. Hansen, The CMA Evolution Strategy: A Tutorial, arXiv:1604.00772. The distribution of the next generation is a
deterministic function of the earlier generations, so it is recomputed from them for each proposal. Two things do not
follow from parameters and values and are noted with the trials: the generation of each trial, and the trials that
completed a generation (with parallel trials, more of them may end later).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from cmaes import CMA
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial

from tuning.domain.sampling.cube import numerical_axes
from tuning.domain.sampling.cube_sampler import CubeSampler
from tuning.domain.sampling.ranking import badness, is_over, slot_of
from tuning.domain.space.search_space import SearchSpace

GENERATION = "cmaes:generation"
COMPLETED_BY = "cmaes:told"
"""Stored attribute: the slots whose trials completed a generation."""
DEFAULT_SIGMA = 1 / 6  # of the range, as in Optuna


class CmaesSampler(CubeSampler):
    """Samples the numbers that every configuration has from a normal distribution that moves towards better values.

    Other parameters are sampled at random, and so are all parameters until `n_startup_trials` have ended. `sigma0` is
    the initial standard deviation, as a share of each range.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        n_startup_trials: int,
        sigma0: float | None,
        popsize: int | None,
        lr_adapt: bool,
    ) -> None:
        super().__init__(numerical_axes(space), seed=seed)
        self._n_startup_trials, self._sigma0 = n_startup_trials, sigma0 or DEFAULT_SIGMA
        self._popsize, self._lr_adapt = popsize, lr_adapt
        self._seeds = np.random.RandomState(seed)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        trials = study.get_trials(deepcopy=False)
        if not self._axes or sum(map(is_over, trials)) < self._n_startup_trials:
            return {}
        optimizer = self.optimizer(study, trials)
        mine = [t for t in trials if is_over(t) and t.system_attrs.get(GENERATION) == optimizer.generation]
        if len(mine) >= optimizer.population_size:
            complete = sorted(map(slot_of, mine))[: optimizer.population_size]
            self._tell(study, optimizer, trials, complete)
            _note(study, trial, COMPLETED_BY, complete)
        _note(study, trial, GENERATION, optimizer.generation)
        optimizer.reseed_rng(int(self._seeds.randint(2**31 - 1)))
        return self._params_at(optimizer.ask())

    def optimizer(self, study: Study, trials: Sequence[FrozenTrial]) -> CMA:
        """The optimizer after all generations that are noted as complete."""
        size = len(self._axes)
        optimizer = CMA(
            mean=np.full(size, 0.5),
            sigma=self._sigma0,
            bounds=np.array([[0.0, 1.0]] * size),
            n_max_resampling=10 * size,
            population_size=self._popsize,
            lr_adapt=self._lr_adapt,
        )
        noted = [trial.system_attrs for trial in trials if COMPLETED_BY in trial.system_attrs]
        slots_of = {attributes[GENERATION]: attributes[COMPLETED_BY] for attributes in noted}
        for generation in sorted(slots_of):
            self._tell(study, optimizer, trials, slots_of[generation])
        return optimizer

    def _tell(self, study: Study, optimizer: CMA, trials: Sequence[FrozenTrial], slots: Sequence[int]) -> None:
        """Report one generation, with ranks as values: CMA-ES only compares them."""
        ended = {slot_of(trial): trial for trial in trials if is_over(trial)}
        found = [ended[slot] for slot in slots if slot in ended][: optimizer.population_size]
        order = sorted({badness(study, trial) for trial in found})
        solutions = [(self._shares(trial), float(order.index(badness(study, trial)))) for trial in found]
        # A trial that was removed from the ledger counts as the mean, ranked last, which moves nothing.
        lacking = optimizer.population_size - len(solutions)
        solutions += [(optimizer.mean.copy(), float(len(order))) for _ in range(lacking)]
        optimizer.tell(solutions)


def _note(study: Study, trial: FrozenTrial, key: str, value: Any) -> None:
    study._storage.set_trial_system_attr(trial._trial_id, key, value)
