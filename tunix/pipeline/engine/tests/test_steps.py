"""How many steps a training has, and where its rungs lie."""

from __future__ import annotations

import pytest

from tunix.pipeline.engine.steps import Ladder, rungs_before_end
from tunix.pipeline.spec import Rungs


def steps_at(at: list[float], steps: int, unit: str = "share") -> list[int]:
    return [rung.step for rung in rungs_before_end(Rungs.model_validate({"unit": unit, "at": at}), steps)]


@pytest.mark.parametrize(
    ("at", "steps", "expected"),
    [
        ([1 / 9, 1 / 3], 90, [10, 30]),
        ([1 / 9, 1 / 3], 100, [12, 34]),
        ([0.1 + 0.2], 10, [3]),
        ([0.01, 0.02], 10, [1, 1]),
        ([0.99], 10, []),
        ([0.5], 1, []),
    ],
)
def test_shares_become_steps_before_the_end(at: list[float], steps: int, expected: list[int]) -> None:
    assert steps_at(at, steps) == expected


def test_steps_are_taken_as_they_are() -> None:
    assert steps_at([10, 30, 90], 60, "steps") == [10, 30]


def test_without_rungs_there_are_none() -> None:
    assert rungs_before_end(None, 100) == []


def test_only_the_stopping_metric_reaches_a_rung() -> None:
    ladder = Ladder(Rungs(metric="train_loss", at=[0.5]), 10)
    assert [rung.number for rung in ladder.reached(5, "train_loss")] == [1]
    assert ladder.reached(5, "eval_loss") == []


@pytest.mark.parametrize(("metric", "steps"), [("eval_loss", {5}), ("train_loss", set())])
def test_the_validation_loss_is_taken_where_it_decides(metric: str, steps: set[int]) -> None:
    assert Ladder(Rungs.model_validate({"metric": metric, "at": [0.5]}), 10).evaluations == steps
