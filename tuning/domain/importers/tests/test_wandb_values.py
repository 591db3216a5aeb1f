"""W&B: the values of 200 generated sweeps, drawn as `params.py` and `grid_search.py` of github.com/wandb/sweeps do."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

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

DRAWN = (
    "int_uniform",
    "uniform",
    "q_uniform",
    "log_uniform",
    "log_uniform_values",
    "inv_log_uniform",
    "inv_log_uniform_values",
    "q_log_uniform",
    "q_log_uniform_values",
    "q_normal",
    "q_log_normal",
)


def generated(chance: Random) -> tuple[str, dict[str, Any]]:
    kind = chance.choice(DRAWN)
    low, high, q = bounds_and_step(chance)
    if kind == "int_uniform":
        low, high = chance.randint(-5, 5), chance.randint(6, 30)
    if kind in ("log_uniform", "inv_log_uniform", "q_log_uniform"):
        low, high = float(np.log(low)), float(np.log(high))
    if "normal" in kind:
        mean, sigma = (round(chance.uniform(*ends), 2) for ends in ((0.5, 2), (0.2, 0.8)))
        return kind, {"distribution": kind, "mu": mean, "sigma": sigma, "q": q}
    return kind, {"distribution": kind, "min": low, "max": high} | ({"q": q} if kind.startswith("q_") else {})


def drawn(kind: str, data: dict[str, Any]) -> np.ndarray:
    """Many draws of the random search, as `HyperParameter.ppf` makes them; of a bell those of its middle."""
    if "normal" in kind:
        numbers = data["mu"] + data["sigma"] * between(-2, 2)
        numbers = np.exp(numbers) if "log" in kind else numbers
    elif kind in ("log_uniform", "q_log_uniform"):
        numbers = np.exp(between(data["min"], data["max"]))
    elif kind == "inv_log_uniform":
        numbers = np.exp(-between(data["min"], data["max"]))
    else:
        numbers = between(data["min"], data["max"])
    return np.round(numbers / data["q"]) * data["q"] if "q" in data else numbers


def ends_of(kind: str, data: dict[str, Any]) -> tuple[float, float]:
    if "normal" in kind:
        ends = data["mu"] - 2 * data["sigma"], data["mu"] + 2 * data["sigma"]
        return (float(np.exp(ends[0])), float(np.exp(ends[1]))) if "log" in kind else ends
    if kind in ("log_uniform", "q_log_uniform"):
        return float(np.exp(data["min"])), float(np.exp(data["max"]))
    if kind == "inv_log_uniform":
        return float(np.exp(-data["max"])), float(np.exp(-data["min"]))
    return data["min"], data["max"]


def test_the_values_of_a_random_sweep_are_those_that_its_search_draws() -> None:
    chance = Random(1)
    for _ in range(CASES):
        kind, data = generated(chance)
        definition, imported = translated({"method": "random", "parameters": {"x": data}})
        expected = within(np.unique(np.round(drawn(kind, data), 9)), *ends_of(kind, data))
        if "q" in data:
            assert same(all_values(definition) if definition else [], expected), (data, definition)
            assert not any(note.level == "translated" and note.path == "parameters.x" for note in imported.report)
        elif kind == "int_uniform":
            assert definition is not None
            assert all_values(definition) == list(range(data["min"], data["max"] + 1))
        else:
            assert is_range(definition, "loguniform" if "log" in kind else "uniform", *ends_of(kind, data)), data


def test_the_values_of_a_grid_are_those_that_its_search_lists() -> None:
    chance = Random(2)
    for _ in range(CASES):
        low, high, q = bounds_and_step(chance)
        grid = {"distribution": "q_uniform", "min": low, "max": high, "q": q}
        definition, imported = translated({"method": "grid", "parameters": {"x": grid}})
        assert definition is not None
        assert same(all_values(definition), np.arange(low, high, q)), (grid, definition)
        assert not any("likely" in note.message for note in imported.report)


@pytest.mark.parametrize(
    ("low", "high", "step", "points"),
    [
        (0.05, 0.45, 0.1, [0.05, 0.15, 0.25, 0.35]),
        (1, 9, 2, [1, 3, 5, 7]),
        (0.1, 0.4, 0.1, [0.1, 0.2, 0.3, 0.4]),  # by a rounding error of numpy, `max` is one
        (8, 9, 4, [8]),
    ],
)
def test_a_grid_begins_at_min_and_ends_below_max(low: float, high: float, step: float, points: list[float]) -> None:
    grid = {"distribution": "q_uniform", "min": low, "max": high, "q": step}
    definition, _ = translated({"method": "grid", "parameters": {"x": grid}})
    assert definition is not None
    assert all_values(definition) == points


def test_the_step_of_a_grid_is_1_unless_given() -> None:
    definition, _ = translated(
        {"method": "grid", "parameters": {"x": {"distribution": "q_uniform", "min": 2, "max": 5}}}
    )
    assert definition is not None
    assert all_values(definition) == [2, 3, 4]


@pytest.mark.parametrize("kind", ["log_uniform", "q_log_uniform", "inv_log_uniform"])
def test_exponents_that_are_probably_values_are_questioned(kind: str) -> None:
    data = {"distribution": kind, "min": 0.00001, "max": 0.5} | ({"q": 0.1} if kind.startswith("q_") else {})
    _, imported = translated({"method": "random", "parameters": {"x": data}})
    question = f"If 1e-05 to 0.5 was meant, the distribution is {kind}_values."
    assert any(question in note.message for note in imported.report)


def test_exponents_that_are_probably_meant_are_only_explained() -> None:
    data = {"distribution": "log_uniform", "min": -9.2103, "max": -4.6052}
    _, imported = translated({"method": "random", "parameters": {"x": data}})
    explained = "In log_uniform, min and max are exponents of e: the values are from 0.000100004 to 0.0099997."
    assert imported.report[-1].message.endswith(f"It would become loguniform. {explained}")
