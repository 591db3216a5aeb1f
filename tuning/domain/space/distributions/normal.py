"""The normal distribution, truncated at both bounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any, Final

from tuning.domain.space.distributions.base import Kind
from tuning.domain.space.distributions.faults import InvalidDistribution, check, range_faults, refuse
from tuning.domain.space.distributions.optuna_forms import FloatForm
from tuning.domain.space.distributions.ranges import ContinuousRange
from tuning.domain.space.labels import value_label
from tunix.validation.errors import Faults
from tunix.validation.values import number_fault

SMALLEST_MASS: Final = 1e-9
"""If less of the distribution lies between its bounds, no value can be sampled there."""


@dataclass(frozen=True)
class Normal(ContinuousRange):
    """A normal distribution with `mean` and standard deviation `std`, truncated at `min` and `max`.

    Optuna has no such distribution: samplers search its quantiles, and an export contains only the range.
    """

    mean: float
    std: float
    min: float
    max: float
    type = "normal"
    kinds = (
        Kind(
            "normal",
            "a normal distribution with `mean` and standard deviation `std`, truncated at `min` and `max`",
            {"warmup_ratio": {"type": "normal", "mean": 0.1, "std": 0.05, "min": 0, "max": 0.2}},
        ),
    )

    def __post_init__(self) -> None:
        refuse(self._faults())
        for name in ("mean", "std", "min", "max"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if self._mass < SMALLEST_MASS:
            raise InvalidDistribution({"mean": ["Too far outside min and max: no value could be sampled."]})

    @cached_property
    def _untruncated(self) -> NormalDist:
        return NormalDist(self.mean, self.std)

    @cached_property
    def _mass(self) -> float:
        return self._untruncated.cdf(self.max) - self._untruncated.cdf(self.min)

    def quantile(self, share: float) -> float:
        below = self._untruncated.cdf(self.min) + share * self._mass
        if not 0 < below < 1:
            return self.min if below <= 0 else self.max
        return min(max(self._untruncated.inv_cdf(below), self.min), self.max)

    def share(self, value: Any) -> float:
        below = self._untruncated.cdf(value) - self._untruncated.cdf(self.min)
        return min(max(below / self._mass, 0.0), 1.0)

    def export_form(self) -> FloatForm:
        return FloatForm(self.min, self.max)

    def values_label(self) -> str:
        return f"{self._range_label(self.min, self.max)}, around {value_label(self.mean)} ± {value_label(self.std)}"

    def _faults(self) -> Faults:
        faults = range_faults(self.min, self.max, number_fault)
        check(faults, "mean", number_fault, self.mean)
        if check(faults, "std", number_fault, self.std) and self.std <= 0:
            faults.add("std", "Must be greater than 0.")
        return faults
