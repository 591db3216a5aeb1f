"""The Optuna sampler of an algorithm: Optuna's own or from this package. Optuna is loaded when one is needed."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.space.search_space import SearchSpace

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def optuna_sampler(algorithm: Algorithm, space: SearchSpace, seed: int) -> BaseSampler:
    """A fresh sampler for one slot. Its only memory is what it notes with the trials.

    Raises ValueError for an algorithm without an Optuna sampler, such as grid.
    """
    match algorithm.name:
        case "random":
            from optuna.samplers import RandomSampler

            return RandomSampler(seed=seed)
        case "tpe":
            return _tpe(algorithm, seed)
        case "cmaes":
            from tuning.domain.sampling.cmaes import CmaesSampler

            return CmaesSampler(space, seed=seed, **algorithm.options)
        case "nsga2":
            from tuning.domain.sampling.nsga2 import nsga2_sampler

            return nsga2_sampler(seed=seed, **algorithm.options)
        case "gp":
            from tuning.domain.sampling.gaussian_process import GpSampler

            return GpSampler(space, seed=seed)
    raise ValueError(f"{algorithm.name} has no Optuna sampler.")


def _tpe(algorithm: Algorithm, seed: int) -> BaseSampler:
    """TPE without random start-up trials: the caller decides when to use it.

    constant_liar: running trials count as bad, so that their neighbours are not proposed in the meantime.
    """
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import TPESampler

    options = {name: algorithm.options[name] for name in ("multivariate", "group", "n_ei_candidates")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return TPESampler(n_startup_trials=0, constant_liar=True, seed=seed, **options)
