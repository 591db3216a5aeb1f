"""Spaces of Ray are imported with the values that Ray itself draws."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import pytest

from tuning.domain.importers.importing import import_definition
from tuning.domain.space.distributions.registry import parse_distribution

STEPS = {"qrandint": [1, 2, 3, 4, 5, 7], "qlograndint": [1, 2, 3, 5], "quniform": [0.1, 0.25, 0.3, 1], "randint": []}
STEPS |= {"qloguniform": [0.1, 0.25, 0.5, 1], "lograndint": []}


def drawn(function: str, arguments: list[Any]) -> set[float]:
    from tuning.execution.ray_tune import tune

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = getattr(tune, function)(*arguments).sample(size=4000, random_state=np.random.RandomState(1))
    return set(np.round(np.array(values, dtype=float), 9).tolist())


def imported(function: str, arguments: list[Any]) -> set[float]:
    definition = {"seed": {"choice": [1]}, "x": {function: arguments}}
    (unmapped,) = import_definition(definition).unmapped
    kind = parse_distribution(unmapped.definition)
    assert kind.size is not None
    return {round(float(kind.value_at(index)), 9) for index in range(kind.size)}


@pytest.mark.parametrize("function", STEPS)
def test_values_are_those_that_ray_draws(function: str) -> None:
    chance = random.Random(function)
    for _ in range(15):
        step = [chance.choice(STEPS[function])] if STEPS[function] else []
        low = chance.randint(1, 12)
        high = low + chance.randint(2, 25)
        if "uniform" in function:
            low, high = (round(step[0] * number, 6) for number in (low, high))  # Ray takes nothing else
        assert imported(function, [low, high, *step]) == drawn(function, [low, high, *step]), (low, high, step)
