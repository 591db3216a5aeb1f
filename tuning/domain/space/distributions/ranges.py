"""Real numbers between two bounds: uniform, or uniform on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tuning.domain.space.distributions.base import Distribution, Kind
from tuning.domain.space.distributions.faults import REQUIRED, range_faults, refuse
from tuning.domain.space.distributions.optuna_forms import FloatForm
from tunix.validation.errors import Faults
from tunix.validation.values import number_fault


class ContinuousRange(Distribution):
    """Real numbers from `min` to `max`, both included. Subclasses declare the two as fields."""

    min: float
    max: float

    def contains(self, value: Any) -> bool:
        return number_fault(value) is None and self.min <= value <= self.max

    def extremes(self) -> Iterator[tuple[str, float]]:
        yield "min", self.min
        yield "max", self.max


@dataclass(frozen=True)
class Uniform(ContinuousRange):
    """A real number from `min` to `max`, both included, each equally likely."""

    min: float
    max: float
    type = "uniform"
    kinds = (
        Kind(
            "uniform",
            "a number between the bounds, both included",
            {"weight_decay": {"type": "uniform", "min": 0, "max": 0.1}},
        ),
    )

    def __post_init__(self) -> None:
        refuse(self._faults())
        object.__setattr__(self, "min", float(self.min))
        object.__setattr__(self, "max", float(self.max))

    def quantile(self, share: float) -> float:
        return min(max(self.min + share * (self.max - self.min), self.min), self.max)

    def search_form(self) -> FloatForm:
        return FloatForm(self.min, self.max)

    def encode(self, value: Any) -> float:
        return float(value)

    def decode(self, value: Any) -> float:
        # The exponential of a logarithm may leave the range by its last bit.
        return min(max(float(value), self.min), self.max)

    def export_form(self) -> FloatForm:
        return self.search_form()

    def values_label(self) -> str:
        return self._range_label(self.min, self.max)

    def _faults(self) -> Faults:
        return range_faults(self.min, self.max, number_fault)


@dataclass(frozen=True)
class LogUniform(Uniform):
    """A real number from `min` to `max`, both included, each order of magnitude equally likely."""

    type = "loguniform"
    kinds = (
        Kind(
            "loguniform",
            "a number between the bounds, both included, uniform on a logarithmic scale; `min` is above 0",
            {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2}},
        ),
    )

    def quantile(self, share: float) -> float:
        return log_quantile(self.min, self.max, share)

    def search_form(self) -> FloatForm:
        return FloatForm(self.min, self.max, log=True)

    def _faults(self) -> Faults:
        return log_range_faults(self.min, self.max)


def log_range_faults(low: Any, high: Any) -> Faults:
    """A range on a logarithmic scale begins above zero."""
    faults = range_faults(low, high, number_fault)
    if low is not REQUIRED and number_fault(low) is None and low <= 0:
        faults.add("min", "Must be greater than 0 on a logarithmic scale.")
    return faults


def log_quantile(low: float, high: float, share: float) -> float:
    """The value at `share` of the way from `low` to `high` on a logarithmic scale; both ends included."""
    value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    return min(max(value, low), high)
