"""CMA-ES whose memory is the ledger."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import FrozenTrial
from scipy.stats import mannwhitneyu

from tuning.domain.sampling.cmaes import CmaesSampler
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.tests.live_study import SEEDS, best_of, best_of_optunas
from tuning.domain.sampling.tests.sampler_cases import SQUARE, branin, sampler_of, sphere, valued
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import MIXED, run_job, scored

SMALL = {"name": "cmaes", "popsize": 4}


def as_ours(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    """Trials of Optuna's with the notes that ours have."""
    generations: dict[int, list[int]] = {}
    for trial in trials:
        generation = trial.system_attrs["cma:generation"]
        is_first = generation not in generations
        generations.setdefault(generation, []).append(trial.number)
        told = {"cmaes:told": generations[generation - 1]} if is_first and generation else {}
        trial.set_user_attr("slot", trial.number)
        trial.system_attrs = {"cmaes:generation": generation, **told}
    return trials


@pytest.mark.slow
@pytest.mark.parametrize("function", [sphere])
def test_as_good_as_one_live_study_of_optunas(function: Any) -> None:
    ours = [best_of({"name": "cmaes"}, function, seed, 60) for seed in range(SEEDS)]
    theirs = [
        best_of_optunas(optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False), function, 60)
        for seed in range(SEEDS)
    ]

    assert mannwhitneyu(ours, theirs, alternative="greater").pvalue > 0.01


def test_the_bell_is_the_one_of_optunas() -> None:
    """Told the same trials, it has the same centre, width and shape: what differs then is chance alone."""
    theirs = optuna.samplers.CmaEsSampler(seed=3, popsize=4, warn_independent_sampling=False)
    study = optuna.create_study(sampler=theirs)
    study.optimize(lambda trial: branin({name: trial.suggest_float(name, 0, 1) for name in SQUARE}), 34)
    ended = [trial for trial in study.trials if "cma:generation" in trial.system_attrs]

    ours = CmaesSampler(
        SearchSpace.parse(SQUARE), seed=0, n_startup_trials=1, sigma0=None, popsize=4, lr_adapt=False
    ).optimizer(study, as_ours(ended))

    known = theirs._restore_optimizer(study.trials)
    assert (ours.generation, known.generation) == (8, 8)
    for name in ("_mean", "_sigma", "_C"):
        np.testing.assert_allclose(getattr(ours, name), getattr(known, name), rtol=1e-9)


def test_later_generations_are_better_than_chance() -> None:
    def late(name: str) -> float:
        jobs = [run_job(sampler_of({"name": name}, SQUARE, seed=seed), 50, valued(sphere)) for seed in range(5)]
        return statistics.median(trial.value or 0.0 for job in jobs for trial in job[30:])

    assert late("cmaes") < 0.3 * late("random")


def test_it_moves_away_from_infeasible_parameters() -> None:
    """The larger half of the range diverges, and looks better the closer one comes."""

    def fate(number: int, params: Any) -> dict[str, Any]:
        decay = params["weight_decay"]
        return {"outcome": "infeasible"} if decay > 0.5 else {"outcome": "completed", "value": 1 - decay}

    trials = run_job(sampler_of(SMALL, SQUARE), 80, fate)

    assert sum(trial.outcome == "infeasible" for trial in trials[40:]) < 20
    assert max(trial.params["weight_decay"] for trial in trials if trial.outcome == "completed") > 0.45


def test_pruned_trials_rank_behind_completed_ones() -> None:
    """What is stopped early has a better value here, since it was taken at an earlier step."""

    def fate(number: int, params: Any) -> dict[str, Any]:
        decay = params["weight_decay"]
        if decay > 0.6:
            return {"outcome": "pruned", "value": -5.0, "step": 3}
        return {"outcome": "completed", "value": abs(decay - 0.3)}

    trials = run_job(sampler_of(SMALL, SQUARE), 60, fate)

    assert statistics.median(trial.params["weight_decay"] for trial in trials[40:]) < 0.5


def test_failed_trials_fill_no_generation() -> None:
    trials = run_job(sampler_of(SMALL, SQUARE), 20, lambda *_: {"outcome": "failed"})

    assert [trial.state for trial in trials[1:]] == [None] * 19  # the first trial at random has not ended well either


def test_a_trial_that_was_taken_out_moves_nothing() -> None:
    trials = run_job(sampler_of(SMALL, SQUARE), 12, valued(sphere))
    left = [trial for trial in trials if trial.number != 3]

    assert sampler_of(SMALL, SQUARE, history=left).propose(12).state == {"cmaes:generation": 2}


def test_the_first_trials_are_drawn_at_random() -> None:
    trials = run_job(sampler_of(SMALL | {"n_startup_trials": 5}, SQUARE), 6, valued(sphere))

    assert [trial.state for trial in trials] == [None] * 5 + [{"cmaes:generation": 0}]


def test_choices_are_drawn_beside_it() -> None:
    trials = run_job(sampler_of(SMALL, MIXED), 30, scored)

    assert {trial.params["optimizer"] for trial in trials[10:]} == {"adamw", "sgd"}


def test_a_small_sigma_stays_close_to_the_middle() -> None:
    sampler = sampler_of(SMALL | {"sigma0": 0.01, "n_startup_trials": 0}, SQUARE)

    assert all(abs(value - 0.5) < 0.05 for slot in range(4) for value in sampler.ask(slot).values())


def test_learning_rates_can_adapt() -> None:
    assert best_of({"name": "cmaes", "lr_adapt": True}, sphere, 1, 60) < 0.01


def test_state_that_is_no_state_of_ours_is_ignored() -> None:
    enqueued = [
        Observation(slot, {"weight_decay": 0.1 * slot, "warmup_ratio": 0.2}, "completed", 1.0) for slot in range(6)
    ]

    assert sampler_of(SMALL, SQUARE, history=enqueued).propose(6).state == {"cmaes:generation": 0}
