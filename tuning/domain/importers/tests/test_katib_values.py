"""Katib: the values of 200 generated Experiments, drawn as its suggestion services draw them.

The services are in `pkg/suggestion/v1beta1` of github.com/kubeflow/katib; which one an algorithm has is in
`katib-config.yaml`.
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.tests.source_values import (
    CASES,
    INSIDE,
    all_values,
    between,
    bounds_and_step,
    is_range,
    same,
    translated,
    within,
)

SERVICES = {
    "random": "hyperopt",
    "tpe": "hyperopt",
    "grid": "grid",
    "multivariate-tpe": "optuna",
    "cmaes": "goptuna",
    "sobol": "goptuna",
    "bayesianoptimization": "skopt",
    "hyperband": "hyperband",
}
LIKE_A_LOGARITHM = ("logUniform", "logNormal")


def generated(chance: Random) -> tuple[str, dict[str, Any]]:
    algorithm, kind = chance.choice(list(SERVICES)), chance.choice(["int", "double"])
    low, high, step = bounds_and_step(chance)
    if kind == "int":
        low, step = chance.randint(1, 9), chance.randint(1, 5)
        high = low + chance.randint(1, 30)
    space = {"min": str(low), "max": str(high)}
    if algorithm == "grid" or chance.random() < 0.6:
        space["step"] = str(step)
    if chance.random() < 0.6:
        shapes = ["uniform", "logUniform", "normal", "logNormal"]
        space["distribution"] = chance.choice(shapes if SERVICES[algorithm] == "hyperopt" else shapes[:2])
    return algorithm, {"name": "x", "parameterType": kind, "feasibleSpace": space}


def drawn(algorithm: str, item: dict[str, Any]) -> np.ndarray | None:
    """Every value that the service draws inside the bounds; None when all numbers between them are drawn."""
    space, is_whole = item["feasibleSpace"], item["parameterType"] == "int"
    low, high, step = float(space["min"]), float(space["max"]), space.get("step")
    service, shape = SERVICES[algorithm], space.get("distribution", "uniform")
    if service == "hyperopt":
        step = step or ("1" if is_whole else None)  # convert_parameter
        return None if step is None else np.round(between(low, high) / float(step)) * float(step)
    if service == "grid":
        return _combinations(low, high, float(step or 1), is_whole=is_whole)
    step = "1" if algorithm == "sobol" and is_whole and step is None else step
    ignores_steps = service in ("skopt", "hyperband") or (service == "optuna" and shape in LIKE_A_LOGARITHM)
    if ignores_steps or step is None:
        return np.arange(low, high + 1) if is_whole else None
    count = int(np.floor((high - low) / float(step) + 1e-9)) + 1
    if algorithm == "sobol" and is_whole:  # math.Floor of a share of the steps
        return low + np.floor(INSIDE * (count - 1)) * float(step)
    return low + float(step) * np.arange(count)


def _combinations(low: float, high: float, step: float, *, is_whole: bool) -> np.ndarray:
    """`convert_to_combinations`."""
    if is_whole:
        return np.array(range(int(low), int(high) + 1, int(step)))
    found = np.arange(low, high + step, step)
    return found[:-1] if found[-1] > high else found


def experiment(algorithm: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"algorithm": {"algorithmName": algorithm}, "parameters": list(items)}}


def test_the_values_are_those_that_the_service_draws_inside_the_bounds() -> None:
    chance = Random(6)
    for _ in range(CASES):
        algorithm, item = generated(chance)
        definition, _ = translated(experiment(algorithm, item))
        space = item["feasibleSpace"]
        low, high, values = float(space["min"]), float(space["max"]), drawn(algorithm, item)
        if values is not None:
            found = all_values(definition) if definition else []
            assert same(found, within(np.unique(np.round(values, 9)), low, high)), (algorithm, item, definition)
        else:
            shape = space.get("distribution", "uniform")
            kind = "loguniform" if shape in LIKE_A_LOGARITHM else shape
            assert is_range(definition, kind, low, high), (algorithm, item, definition)


def double(low: str, high: str, step: str, **more: str) -> dict[str, Any]:
    space = {"min": low, "max": high, "step": step, **more}
    return {"name": "weight_decay", "parameterType": "double", "feasibleSpace": space}


@pytest.mark.parametrize(
    ("distribution", "kind"),
    [("uniform", "quniform"), ("normal", "quniform"), ("logUniform", "qloguniform"), ("logNormal", "qloguniform")],
)
def test_every_distribution_keeps_its_steps(distribution: str, kind: str) -> None:
    item = double("0.02", "0.1", "0.02", distribution=distribution)
    space = import_definition(experiment("random", item)).space
    assert space["weight_decay"] == {"type": kind, "min": 0.02, "max": 0.1, "q": 0.02}


@pytest.mark.parametrize("distribution", ["normal", "logNormal"])
def test_a_bell_of_whole_numbers_keeps_its_steps(distribution: str) -> None:
    space = {"min": "8", "max": "64", "step": "8", "distribution": distribution}
    item = {"name": "batch_size", "parameterType": "int", "feasibleSpace": space}
    imported = import_definition(experiment("random", item))
    assert imported.space["batch_size"] == {"type": "int", "min": 8, "max": 64, "step": 8}
    assert any("The bell shape is lost" in note.message for note in imported.report)


@pytest.mark.parametrize(
    ("algorithm", "first"),
    [("random", 0.02), ("tpe", 0.02), ("grid", 0.01), ("sobol", 0.01), ("multivariate-tpe", 0.01)],
)
def test_steps_begin_where_the_service_lets_them_begin(algorithm: str, first: float) -> None:
    space = import_definition(experiment(algorithm, double("0.01", "0.1", "0.02"))).space
    assert space["weight_decay"]["min"] == first


@pytest.mark.parametrize(
    ("low", "high", "step", "last"), [("0", "0.3", "0.1", 0.2), ("0.1", "0.3", "0.1", 0.3), ("0", "1", "0.25", 1.0)]
)
def test_a_grid_ends_where_rounding_errors_end_it(low: str, high: str, step: str, last: float) -> None:
    assert import_definition(experiment("grid", double(low, high, step))).space["weight_decay"]["max"] == last


@pytest.mark.parametrize("algorithm", ["bayesianoptimization", "hyperband"])
def test_a_step_that_the_service_ignores_is_reported(algorithm: str) -> None:
    imported = import_definition(experiment(algorithm, double("0.01", "0.1", "0.02")))
    assert imported.space["weight_decay"] == {"type": "uniform", "min": 0.01, "max": 0.1}
    assert imported.report[0].message == f"The step is left out: Katib's {algorithm} ignores it here."


def test_a_distribution_that_the_service_ignores_is_reported() -> None:
    imported = import_definition(experiment("sobol", double("0", "0.1", "0.02", distribution="logUniform")))
    assert imported.space["weight_decay"]["type"] == "quniform"
    assert "ignores the distribution logUniform" in imported.report[0].message


@pytest.mark.parametrize(("step", "last"), [(None, 6), ("2", 5), ("4", 3)])
def test_sobol_never_draws_the_last_whole_number(step: str | None, last: int) -> None:
    space = {"min": "3", "max": "7"} | ({"step": step} if step else {})
    definition, imported = translated(
        experiment("sobol", {"name": "x", "parameterType": "int", "feasibleSpace": space})
    )
    assert definition is not None
    assert max(all_values(definition)) == last
    assert imported.report[0].message == "Katib's sobol never draws the last whole number, 7: it is left out."


@pytest.mark.parametrize(("written", "ours"), [(5, 4), ("3", 2), (1, 0), (0, 0), ("0", 0)])
def test_an_experiment_fails_at_its_last_failure_and_a_job_here_above_it(written: Any, ours: int) -> None:
    spec = experiment("random", double("0.1", "0.2", "0.1"))["spec"] | {"maxFailedTrialCount": written}
    assert import_definition({"spec": spec}).job["budget_json"] == {"max_failed_trials": ours}
