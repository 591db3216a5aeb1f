"""A search space in words."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.space.conditions import Condition
from tuning.domain.space.distributions.registry import parse_distribution


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({"type": "choice", "values": [None, True, "adamw", 16, 0.5]}, "null, true, adamw, 16, 0.5"),
        ({"type": "constant", "value": 3}, "3"),
        ({"type": "uniform", "min": 0, "max": 0.1}, "0 to 0.1"),
        ({"type": "loguniform", "min": 1e-5, "max": 0.1}, "1e-05 to 0.1"),
        ({"type": "quniform", "min": 0, "max": 1, "q": 0.25}, "0 to 1 in steps of 0.25"),
        ({"type": "qloguniform", "min": 1, "max": 9, "q": 2}, "1 to 9 in steps of 2"),
        ({"type": "int", "min": 1, "max": 9}, "1 to 9"),
        ({"type": "int", "min": 1, "max": 9, "step": 2}, "1 to 9 in steps of 2"),
        ({"type": "logint", "min": 1, "max": 64}, "1 to 64"),
        ({"type": "normal", "mean": 0.1, "std": 0.05, "min": 0, "max": 0.3}, "0 to 0.3, around 0.1 ± 0.05"),
        ({"type": "derived", "product": "2*batch_size"}, "= 2 * batch_size"),
    ],
)
def test_values(definition: dict[str, Any], words: str) -> None:
    assert parse_distribution(definition).values_label() == words


def test_a_logarithmic_integer_says_so() -> None:
    kind = parse_distribution({"type": "int", "min": 1, "max": 9, "log": True})
    assert kind.label == "int (log)"


def test_condition() -> None:
    condition = Condition({"optimizer": ("adamw", "lion"), "batch_size": (16,)})
    assert condition.label == "if optimizer is adamw or lion and batch_size is 16"
