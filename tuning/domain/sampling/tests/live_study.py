"""What a sampler of ours finds, and what one study finds that lives through all trials, by Optuna alone."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.samplers import BaseSampler

from ...tests.factories import run_job
from .sampler_cases import SQUARE, sampler_of, valued

SEEDS = 80
"""Forty are too few: the best of so few trials varies tenfold from seed to seed."""


def best_of(options: Mapping[str, Any], function: Any, seed: int, count: int) -> float:
    """The least value that `count` trials of an algorithm find in SQUARE."""
    trials = run_job(sampler_of(options, SQUARE, seed=seed), count, valued(function))
    return min(trial.value or 0.0 for trial in trials)


def best_of_optunas(sampler: BaseSampler, function: Any, count: int) -> float:
    """The same of a sampler of Optuna's."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=sampler)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study.optimize(lambda trial: function({name: trial.suggest_float(name, 0, 1) for name in SQUARE}), count)
    return float(study.best_value)
