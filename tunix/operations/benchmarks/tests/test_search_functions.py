"""The functions of `benchmark search` are those of their sources, and the same for us and for the peer."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from django.conf import settings

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.sampling import Sampler
from tunix.operations.benchmarks import surfaces
from tunix.operations.benchmarks.search_functions import FUNCTIONS

MINIMA: dict[str, dict[str, Any]] = {
    "branin": {"x": 3.141593, "y": 2.275},
    "hartmann6": dict(zip("abcdef", (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573), strict=True)),
    "rosenbrock4": dict.fromkeys("abcd", 1.0),
    "tree": {"side": 0, "left": 0, "depth_0": 0.0, "offset_0": 0.0},
    "integers": dict(zip("abcd", surfaces.SHIFT, strict=True)),
    "noisy": {"x": 0.089842, "y": -0.712656},
    "mixed": {"first": "camel", "second": "camel", "x": -0.044921, "y": 0.356328},
}


@pytest.fixture(scope="module")
def peer() -> dict[str, Any]:
    return runpy.run_path(str(settings.BASE_DIR / "docs" / "benchmarks" / "optuna_search.py"))


def drawn(name: str, count: int) -> list[dict[str, Any]]:
    sampler = Sampler(space=FUNCTIONS[name].space, algorithm=Algorithm("random"), seed=1, metric_mode="min")
    return [sampler.ask(slot) for slot in range(count)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_minimum_is_where_it_is_said_to_be(name: str) -> None:
    function = FUNCTIONS[name]

    assert function.space.contains(MINIMA[name])
    assert function.value(MINIMA[name]) == pytest.approx(function.minimum, abs=1e-5)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_is_below_the_minimum(name: str) -> None:
    function = FUNCTIONS[name]

    assert min(function.value(params) for params in drawn(name, 50)) > function.minimum


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_peer_searches_the_same(name: str, peer: dict[str, Any]) -> None:
    from optuna.trial import FixedTrial

    for params in drawn(name, 20):
        trial = FixedTrial(params)
        assert peer["OBJECTIVES"][name](trial) == FUNCTIONS[name].value(params)
        assert trial.params == params


def test_noise_is_the_same_for_a_seed_and_trial_only() -> None:
    assert surfaces.noise(1, 2) == surfaces.noise(1, 2)
    assert len({surfaces.noise(1, 2), surfaces.noise(1, 3), surfaces.noise(2, 2)}) == 3


def test_noise_is_in_what_a_trial_reports_and_not_in_its_value() -> None:
    function, params = FUNCTIONS["noisy"], MINIMA["noisy"]

    assert function.observed(params, 0, 0) - function.value(params) == pytest.approx(0.5 * surfaces.noise(0, 0))
