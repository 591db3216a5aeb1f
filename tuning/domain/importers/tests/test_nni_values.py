"""NNI: the values of 200 generated spaces, drawn as its tuners draw them (`nni/common/hpo_utils/formatting.py`)."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.tests.source_values import (
    CASES,
    all_values,
    between,
    bounds_and_step,
    is_range,
    same,
    translated,
    within,
)

KINDS = ("randint", "uniform", "loguniform", "quniform", "qloguniform", "qnormal", "qlognormal", "normal")


def generated(chance: Random) -> tuple[str, list[Any]]:
    kind = chance.choice(KINDS)
    if kind == "randint":
        low = chance.randint(-5, 20)
        return kind, [low, low + chance.randint(1, 30)]
    low, high, q = bounds_and_step(chance)
    if "normal" in kind:
        low, high = round(chance.uniform(0.5, 2), 2), round(chance.uniform(0.2, 0.8), 2)
    return kind, [low, high, q] if kind.startswith("q") else [low, high]


def drawn(kind: str, values: list[Any]) -> list[float]:
    """What `deformat_parameters` gives for many numbers of the range; of a bell, of its middle."""
    is_log, is_bell = "log" in kind, "normal" in kind
    mean, sigma = values[:2]
    low, high = (mean - 2 * sigma, mean + 2 * sigma) if is_bell else values[:2]
    if is_log and not is_bell:
        low, high = math.log(low), math.log(high)
    numbers = np.exp(between(low, high)) if is_log else between(low, high)
    rounded = np.round(numbers / values[2]) * values[2]
    return np.unique(np.round(rounded if is_bell else np.clip(rounded, values[0], values[1]), 9)).tolist()


def test_the_values_are_those_that_a_tuner_draws() -> None:
    chance = Random(5)
    for _ in range(CASES):
        kind, values = generated(chance)
        definition, imported = translated({"x": {"_type": kind, "_value": values}})
        if kind.startswith("q"):
            expected = drawn(kind, values)
            if "normal" in kind:
                ends = values[0] - 2 * values[1], values[0] + 2 * values[1]
                expected = within(expected, *(np.exp(ends) if "log" in kind else ends))
            assert same(all_values(definition) if definition else [], expected), (kind, values, definition)
            assert imported.report[0].level != "translated"
        elif kind == "randint":
            assert definition is not None
            assert all_values(definition) == list(range(*values))
        elif kind == "normal":
            assert is_range(definition, "normal", values[0] - 3 * values[1], values[0] + 3 * values[1])
        else:
            assert is_range(definition, kind, *values)


@pytest.mark.parametrize(
    ("kind", "values", "points"),
    [
        ("quniform", [2, 10, 5], [2, 5, 10]),
        ("quniform", [0, 10, 2.5], [0, 2.5, 5, 7.5, 10]),
        ("quniform", [1, 10, 4], [1, 4, 8]),
        ("quniform", [0.12, 0.18, 0.1], [0.12, 0.18]),
        ("qloguniform", [1, 100, 30], [1, 30, 60, 90]),
        ("quniform", [3, 3, 2], [3]),
    ],
)
def test_what_rounds_beyond_a_bound_becomes_the_bound(kind: str, values: list[float], points: list[float]) -> None:
    definition, _ = translated({"x": {"_type": kind, "_value": values}})
    assert definition is not None
    assert all_values(definition) == points


def test_too_many_values_for_a_choice_lose_the_bounds_and_say_so() -> None:
    definition, imported = translated({"x": {"_type": "quniform", "_value": [0.2, 5000, 1]}})
    assert definition == {"type": "quniform", "min": 1.0, "max": 5000.0, "q": 1.0}
    assert imported.report[-2].message == "Left out: 0.2, to which the source clips."


SPACE = {"seed": {"_type": "choice", "_value": [1, 2]}}


@pytest.mark.parametrize(
    ("field", "value", "job"),
    [
        ("maxTrialNum", 10, {"num_samples": 10}),
        ("max_trial_number", 10, {"num_samples": 10}),
        ("trialConcurrency", 3, {"max_concurrent_trials": 3}),
        ("maxExecDuration", "1h", {"budget_json": {"max_seconds": 3600}}),
        ("maxExperimentDuration", "1.5M", {"budget_json": {"max_seconds": 90}}),
        ("maxTrialDuration", 77, {"budget_json": {"max_trial_seconds": 77}}),
        ("tuner", {"builtinTunerName": "TPE"}, {"algorithm_json": {"name": "tpe"}}),
        ("tuner", {"name": "Random"}, {"algorithm_json": {"name": "random"}}),
        ("assessor", {"builtinAssessorName": "Medianstop"}, {"early_stopping_json": {"name": "median"}}),
    ],
)
def test_fields_are_read_under_the_names_of_both_versions(field: str, value: Any, job: dict[str, Any]) -> None:
    assert import_definition({"searchSpace": SPACE, field: value}).job == job
