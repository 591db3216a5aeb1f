"""Optuna's NSGA-II, with the parents of a generation noted with its trials instead of with the study.

K. Deb et al., A fast and elitist multiobjective genetic algorithm, IEEE Trans. Evol. Comput. 6(2), 2002. Optuna keeps
the parents of a generation in the study, by its own trial numbers. A rebuilt study numbers trials differently, and
would choose other parents if trials of the previous generation ended late.
"""

from __future__ import annotations

import warnings
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import NSGAIISampler, RandomSampler, nsgaii
from optuna.trial import FrozenTrial

from tuning.domain.sampling.ranking import is_over, slot_of

PARENTS = "Nsga2Sampler:parents"
OTHER_STREAM = 0x9E3779B9
CROSSOVERS = {
    "blxalpha": nsgaii.BLXAlphaCrossover,
    "sbx": nsgaii.SBXCrossover,
    "vsbx": nsgaii.VSBXCrossover,
    "spx": nsgaii.SPXCrossover,
    "undx": nsgaii.UNDXCrossover,
}


class Nsga2Sampler(NSGAIISampler):
    """Optuna names the attribute with a trial's generation after this class: `Nsga2Sampler:generation`."""

    _asking: FrozenTrial

    def __init__(self, *, seed: int, **options: Any) -> None:
        super().__init__(seed=seed, **options)
        # Optuna uses one seed for the choice of parents and for mutation. Here, each slot has a new sampler, so both
        # would get the same first random number.
        self._mutations = RandomSampler(seed=seed ^ OTHER_STREAM)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        self._asking = trial
        return super().sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._mutations.sample_independent(study, trial, param_name, param_distribution)

    def get_parent_population(self, study: Study, generation: int) -> list[FrozenTrial]:
        if generation == 0:
            return []
        trials = study.get_trials(deepcopy=False)
        noted = [trial.system_attrs[PARENTS] for trial in trials if PARENTS in trial.system_attrs]
        slots = next((note["slots"] for note in noted if note["generation"] == generation), None)
        if slots is None:
            slots = sorted(map(slot_of, self.select_parent(study, generation)))
            note: dict[str, Any] = {"generation": generation, "slots": slots}
            study._storage.set_trial_system_attr(self._asking._trial_id, PARENTS, note)
        return [trial for trial in trials if is_over(trial) and slot_of(trial) in slots]


def nsga2_sampler(
    *,
    seed: int,
    population_size: int,
    mutation_prob: float | None,
    crossover: str,
    crossover_prob: float,
    swapping_prob: float,
) -> Nsga2Sampler:
    """The sampler with these options; `crossover` is a name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        is_uniform = crossover == "uniform"
        return Nsga2Sampler(
            seed=seed,
            population_size=population_size,
            mutation_prob=mutation_prob,
            crossover=nsgaii.UniformCrossover(swapping_prob) if is_uniform else CROSSOVERS[crossover](),
            crossover_prob=crossover_prob,
            swapping_prob=swapping_prob,
        )
