"""Ax: values of ranges that are rounded to digits, or move in steps (`ax/core/parameter.py`)."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tuning.domain.importers.tests.source_values import CASES, all_values, between, is_range, same, translated, within


def test_the_values_of_digits_are_those_that_rounding_gives() -> None:
    chance = Random(7)
    for _ in range(CASES):
        digits, is_log = chance.randint(0, 3), chance.random() < 0.5
        low = round(chance.uniform(0.001, 0.5), 4)
        high = round(low + chance.uniform(0.2, 3), 4)
        item = {"name": "x", "type": "range", "bounds": [low, high], "digits": digits, "log_scale": is_log}
        definition, _ = translated([item])
        expected = within(np.unique(np.round(between(low, high), digits)), low, high)
        assert same(all_values(definition) if definition else [], expected), (item, definition)


def test_too_many_digits_are_all_numbers_and_reported() -> None:
    definition, imported = translated([{"name": "x", "type": "range", "bounds": [0.0, 5.0], "digits": 9}])
    assert is_range(definition, "uniform", 0, 5)
    assert "no equivalent here: digits" in imported.report[0].message


@pytest.mark.parametrize(
    ("bounds", "step", "points"),
    [([0.1, 0.3], 0.1, [0.1, 0.2, 0.3]), ([0.5, 2.0], 0.5, [0.5, 1, 1.5, 2]), ([2, 8], 3, [2, 5, 8])],
)
def test_steps_begin_at_the_lower_bound(bounds: list[float], step: float, points: list[float]) -> None:
    definition, _ = translated([{"name": "x", "type": "range", "bounds": bounds, "step_size": step}])
    assert definition is not None
    assert all_values(definition) == points
