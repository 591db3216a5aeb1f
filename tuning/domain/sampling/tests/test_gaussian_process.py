"""The Gaussian process: it finds what is there to be found, and bears what trials come back with."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest

from tuning.domain.sampling.tests.sampler_cases import CONDITIONAL, SQUARE, branin, sampler_of, sphere, valued
from tuning.domain.tests.factories import run_job

GP = {"name": "gp", "n_startup_trials": 6}
FINITE = {"batch_size": {"type": "choice", "values": [8, 16, 32]}, "num_epochs": {"type": "int", "min": 1, "max": 4}}


def test_the_first_trials_are_points_of_a_sobol_sequence() -> None:
    proposals = [trial.params for trial in run_job(sampler_of(GP, SQUARE), 6, valued(sphere))]

    assert proposals == [sampler_of({"name": "sobol"}, SQUARE).ask(slot) for slot in range(6)]


@pytest.mark.slow
def test_it_finds_the_least_of_branin_in_thirty_trials() -> None:
    jobs = [run_job(sampler_of(GP, SQUARE, seed=seed), 30, valued(branin)) for seed in range(3)]

    assert all(min(trial.value for trial in job) < 0.45 for job in jobs)


def test_it_finds_the_larger_too() -> None:
    trials = run_job(sampler_of(GP, SQUARE, mode="max"), 16, valued(lambda params: -sphere(params)))

    assert max(trial.value or -1.0 for trial in trials) > -0.001


def test_it_keeps_away_from_infeasible_parameters() -> None:
    def fate(number: int, params: Any) -> dict[str, Any]:
        decay = params["weight_decay"]
        return {"outcome": "infeasible"} if decay > 0.5 else {"outcome": "completed", "value": -decay}

    trials = run_job(sampler_of(GP, SQUARE), 24, fate)

    assert sum(trial.outcome == "infeasible" for trial in trials[8:]) <= 8
    assert max(trial.params["weight_decay"] for trial in trials if trial.outcome == "completed") > 0.45


def test_pruned_trials_are_never_better_than_the_middle() -> None:
    def fate(number: int, params: Any) -> dict[str, Any]:
        if params["weight_decay"] > 0.6:
            return {"outcome": "pruned", "value": -9.0, "step": 1}
        return {"outcome": "completed", "value": abs(params["weight_decay"] - 0.2)}

    trials = run_job(sampler_of(GP, SQUARE), 18, fate)

    assert statistics.median(trial.params["weight_decay"] for trial in trials[10:]) < 0.4


def test_one_absurd_loss_hides_nothing() -> None:
    def fate(number: int, params: Any) -> dict[str, Any]:
        return {"outcome": "completed", "value": 1e30 if number == 2 else sphere(params)}

    trials = run_job(sampler_of(GP, SQUARE), 16, fate)

    assert min(trial.value or 0.0 for trial in trials) < 0.003


@pytest.mark.parametrize("outcome", ["completed", "infeasible", "pruned", "failed"])
def test_trials_that_are_all_alike_say_nothing_and_break_nothing(outcome: str) -> None:
    fate = {"outcome": outcome} | ({"value": 1.0} if outcome == "completed" else {})

    assert len(run_job(sampler_of(GP, SQUARE), 9, lambda *_: fate)) == 9


def test_a_finite_space_is_walked_without_repeating() -> None:
    trials = run_job(sampler_of(GP | {"n_startup_trials": 2}, FINITE), 9, lambda number, params: finite_fate(params))
    later = [tuple(trial.params.values()) for trial in trials[2:]]

    assert len(set(later)) == len(later)


def test_trials_that_run_are_not_proposed_again() -> None:
    sampler = sampler_of(GP, SQUARE, history=run_job(sampler_of(GP, SQUARE), 8, valued(sphere)))
    points = [tuple(sampler.ask(slot).values()) for slot in range(8, 12)]

    assert min(math.dist(a, b) for a in points for b in points if a is not b) > 0.01


def test_parameters_exist_exactly_when_they_should() -> None:
    def fate(number: int, params: Any) -> dict[str, Any]:
        return {"outcome": "completed", "value": params["learning_rate"] + params.get("weight_decay", 0.05)}

    trials = run_job(sampler_of(GP, CONDITIONAL, constraints=["gradient_accumulation_steps >= num_epochs"]), 12, fate)

    for trial in trials:
        assert ("weight_decay" in trial.params) == (trial.params["optimizer"] == "adamw")
        assert trial.params["gradient_accumulation_steps"] >= trial.params["num_epochs"]


def finite_fate(params: Any) -> dict[str, Any]:
    return {"outcome": "completed", "value": abs(params["batch_size"] - 16) / 16 + params["num_epochs"]}


@pytest.mark.parametrize("mode", ["min", "max"])
def test_values_whose_squares_are_no_numbers_are_borne(mode: str) -> None:
    def fate(number: int, params: Any) -> dict[str, Any]:
        return {"outcome": "completed", "value": 1.7e308 * (-1) ** number}

    assert len(run_job(sampler_of(GP, SQUARE, mode=mode), 8, fate)) == 8
