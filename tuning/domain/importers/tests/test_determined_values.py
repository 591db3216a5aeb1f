"""Determined: the values of 200 generated grids, computed as its Go does (`master/pkg/searcher/grid.go`)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from tuning.domain.importers.tests.source_values import CASES, all_values, is_range, same, translated

GRID = {"name": "grid", "metric": "eval_loss"}
RANDOM = {"name": "random", "metric": "eval_loss", "max_trials": 5}


def generated(chance: Random) -> dict[str, Any]:
    kind, count = chance.choice(["int", "double", "log"]), chance.randint(1, 9)
    low = chance.randint(-12, 20)
    high = low + chance.randint(1, 25)
    if kind == "int":
        return {"type": kind, "minval": low, "maxval": high, "count": count}
    unit = chance.choice([1, 0.5, 0.1, 0.01]) if kind == "double" else chance.choice([1, 0.25])
    base = {"base": chance.choice([10, 2, 10.0])} if kind == "log" else {}
    low, high = (round(end * unit / (6 if kind == "log" else 1), 4) for end in (low, high))
    return {"type": kind, "minval": low, "maxval": high, "count": count} | base


def go_round(value: float) -> int:
    """`math.Round`: halves away from zero, which decimal calls half up."""
    return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))


def axis(data: dict[str, Any]) -> list[float]:
    """`getGridAxes`."""
    low, high, count = data["minval"], data["maxval"], data["count"]
    if data["type"] == "int":
        count = min(count, high - low + 1)
        if count == 1:
            return [go_round((low + high) / 2.0)]
        return [go_round(float(low) + float(number * (high - low)) / float(count - 1)) for number in range(count)]
    middle = [(low + high) / 2.0]
    points = [low + number * (high - low) / (count - 1) for number in range(count)] if count > 1 else middle
    return [data["base"] ** point for point in points] if data["type"] == "log" else points


def test_the_values_of_a_grid_are_its_points() -> None:
    chance = Random(3)
    for _ in range(CASES):
        data = generated(chance)
        definition, imported = translated({"hyperparameters": {"x": data}, "searcher": GRID})
        assert definition is not None
        assert same(all_values(definition), axis(data)), (data, definition)
        assert not any("likely" in note.message for note in imported.report)


def test_the_values_of_a_random_search_are_all_between_the_bounds() -> None:
    chance = Random(4)
    for _ in range(CASES):
        data = generated(chance)
        definition, _ = translated({"hyperparameters": {"x": data}, "searcher": RANDOM})
        assert definition is not None
        if data["type"] == "int":
            assert all_values(definition) == list(range(data["minval"], data["maxval"] + 1))
        elif data["type"] == "double":
            assert is_range(definition, "uniform", data["minval"], data["maxval"])
        else:
            assert is_range(definition, "loguniform", *(data["base"] ** data[key] for key in ("minval", "maxval")))


@pytest.mark.parametrize(
    ("low", "high", "count", "points"),
    [
        (1, 4, 3, [1, 3, 4]),
        (8, 13, 3, [8, 11, 13]),
        (0, 5, 3, [0, 3, 5]),
        (-4, -1, 3, [-4, -3, -1]),
        (1, 4, 1, [3]),
        (-4, -1, 1, [-3]),
        (1, 3, 50, [1, 2, 3]),
    ],
)
def test_halves_are_rounded_away_from_zero(low: int, high: int, count: int, points: list[int]) -> None:
    data = {"type": "int", "minval": low, "maxval": high, "count": count}
    definition, _ = translated({"hyperparameters": {"x": data}, "searcher": GRID})
    assert definition is not None
    assert all_values(definition) == points


@pytest.mark.parametrize(("kind", "middle"), [("double", 0.3), ("log", 10**0.3)])
def test_a_grid_of_one_point_is_the_middle(kind: str, middle: float) -> None:
    data = {"type": kind, "minval": 0.2, "maxval": 0.4, "count": 1, "base": 10}
    definition, _ = translated({"hyperparameters": {"x": data}, "searcher": GRID})
    assert definition == {"type": "constant", "value": pytest.approx(middle)}


def test_a_base_below_1_turns_the_bounds_around() -> None:
    data = {"type": "log", "minval": 1, "maxval": 3, "base": 0.1}
    definition, _ = translated({"hyperparameters": {"x": data}, "searcher": RANDOM})
    assert is_range(definition, "loguniform", 0.001, 0.1)


def test_exponents_that_are_probably_values_are_questioned() -> None:
    data = {"type": "log", "minval": 0.0001, "maxval": 0.1, "base": 10}
    _, imported = translated({"hyperparameters": {"x": data}, "searcher": RANDOM})
    assert "If 0.0001 to 0.1 was meant, write their logarithms to that base." in imported.report[-1].message
