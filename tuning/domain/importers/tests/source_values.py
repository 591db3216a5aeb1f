"""What a source would draw, beside what its translation may take: plain functions for the tests of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import numpy as np

from tuning.domain.importers.importing import import_definition
from tuning.domain.importers.report import Imported
from tuning.domain.space.distributions.registry import parse_distribution

CASES = 200
INSIDE = np.linspace(0, 1, 16001)[1:-1]
"""Shares of a range without its ends, which are drawn with probability 0."""


def translated(definition: Any, name: str = "x") -> tuple[Mapping[str, Any] | None, Imported]:
    """What the parameter `name`, which is not one of our hyperparameters, becomes; None if it is refused."""
    imported = import_definition(definition)
    found = (item.definition for item in imported.unmapped if item.name == name)
    return next(found, None), imported


def all_values(definition: Mapping[str, Any]) -> list[Any]:
    """Every value that a finite definition can take."""
    kind = parse_distribution({key: value for key, value in definition.items() if key != "when"})
    assert kind.size is not None
    return [kind.value_at(index) for index in range(kind.size)]


def same(found: Iterable[float], expected: Iterable[float]) -> bool:
    """Whether both have the same numbers, but for rounding errors."""
    left, right = (np.unique(np.round(np.array(sorted(values), dtype=float), 10)) for values in (found, expected))
    return len(left) == len(right) and bool(np.allclose(left, right, rtol=1e-9, atol=1e-9))


def is_range(definition: Mapping[str, Any] | None, kind: str, low: float, high: float) -> bool:
    """Whether it is a range of this kind between these bounds."""
    assert definition is not None
    bounds = np.allclose([definition["min"], definition["max"]], [low, high], rtol=1e-9)
    return bool(definition["type"] == kind and bounds)


def between(low: float, high: float) -> np.ndarray:
    """Many numbers inside the range, close to each other and to its ends."""
    return low + (high - low) * INSIDE


def within(values: Iterable[float], low: float, high: float) -> list[float]:
    """The values that do not leave the bounds."""
    return [value for value in values if low - 1e-9 <= value <= high + 1e-9]


def bounds_and_step(chance: Random) -> tuple[float, float, float]:
    """Bounds above 0 and a step, in a random number of digits: often multiples of each other, often not."""
    step = chance.choice([0.05, 0.1, 0.02, 0.25, 0.3, 0.5, 1, 2, 3, 4, 7, 0.007])
    unit = chance.choice([step, step / 2, step / 4, step / 10])
    low = round(unit * chance.randint(1, 40), 6)
    high = round(low + unit * chance.randint(1, 60), 6)
    return (int(low) if low == int(low) else low), (int(high) if high == int(high) else high), step
