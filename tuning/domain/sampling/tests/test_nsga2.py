"""NSGA-II whose parents are noted with the trials."""

from __future__ import annotations

import statistics
from typing import Any

import optuna
import pytest
from scipy.stats import mannwhitneyu

from tuning.domain.sampling.algorithm_options import CROSSOVERS
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.tests.live_study import SEEDS, best_of, best_of_optunas
from tuning.domain.sampling.tests.sampler_cases import CONDITIONAL, SQUARE, branin, sampler_of, sphere, valued
from tuning.domain.tests.factories import run_job

SMALL = {"name": "nsga2", "population_size": 8}


@pytest.mark.slow
@pytest.mark.parametrize("function", [branin])
def test_as_good_as_one_live_study_of_optunas(function: Any) -> None:
    ours = [best_of(SMALL, function, seed, 80) for seed in range(SEEDS)]
    theirs = [
        best_of_optunas(optuna.samplers.NSGAIISampler(seed=seed, population_size=8), function, 80)
        for seed in range(SEEDS)
    ]

    assert mannwhitneyu(ours, theirs, alternative="greater").pvalue > 0.01


def test_children_are_better_than_chance() -> None:
    def late(name: str) -> float:
        jobs = [run_job(sampler_of(options[name], SQUARE, seed=seed), 64, valued(sphere)) for seed in range(5)]
        return statistics.median(trial.value or 0.0 for job in jobs for trial in job[40:])

    options = {"nsga2": SMALL, "random": {"name": "random"}}

    assert late("nsga2") < 0.7 * late("random")


def test_a_trial_that_ends_late_changes_no_parents() -> None:
    trials = run_job(sampler_of(SMALL, SQUARE), 9, valued(sphere))
    noted = trials[8].state
    late = Observation(3, trials[3].params, "completed", -99.0, state=trials[3].state)
    history = [*trials[:3], late, *trials[4:]]

    sampler = sampler_of(SMALL, SQUARE, history=history)

    assert noted is not None and len(noted["Nsga2Sampler:parents"]["slots"]) == 8
    assert sampler.propose(9).state == {"Nsga2Sampler:generation": 1}


@pytest.mark.parametrize("crossover", CROSSOVERS)
def test_every_crossover_proposes_inside(crossover: str) -> None:
    sampler = sampler_of(SMALL | {"population_size": 4, "crossover": crossover}, SQUARE)
    trials = run_job(sampler, 10, valued(sphere))

    assert all(0 <= value <= 1 for trial in trials for value in trial.params.values())


def test_parameters_that_do_not_always_exist() -> None:
    sampler = sampler_of({"name": "nsga2", "population_size": 4}, CONDITIONAL)
    trials = run_job(sampler, 20, lambda number, params: {"outcome": "completed", "value": params["learning_rate"]})

    assert all(("weight_decay" in trial.params) == (trial.params["optimizer"] == "adamw") for trial in trials)
