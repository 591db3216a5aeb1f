"""Distributions whose values are not equally likely: in steps or whole on a logarithmic scale, and bell-shaped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

from tuning.domain.space import bounds
from tuning.domain.space.distributions import Distribution, Int, QUniform, log_int_quantile, log_quantile
from tunix.pipeline.spec import Scalar
from tunix.validation.values import number_fault

SMALLEST_MASS = 1e-9
"""Of a bell between its bounds: below it nothing can be drawn from there."""


@dataclass(frozen=True)
class QLogUniform(QUniform):
    """`min`, `min + q`, `min + 2 q` and so on up to `max`, each order of magnitude equally likely."""

    type = "qloguniform"

    def __post_init__(self) -> None:
        bounds.refuse(bounds.log_range_faults(self.min, self.max))
        super().__post_init__()

    def quantile(self, share: float) -> float:
        return self.nearest(log_quantile(self.min, self.max, share))

    def nearest(self, value: float) -> float:
        """The step nearest to `value`."""
        return self.value_at(self.index_of(value))


@dataclass(frozen=True)
class LogInt(Distribution):
    """A whole number from `min` to `max`, both included, each order of magnitude equally likely."""

    min: int
    max: int
    type = "logint"

    def __post_init__(self) -> None:
        bounds.refuse(bounds.int_faults(self.min, self.max, True, 1))
        object.__setattr__(self, "size", self.max - self.min + 1)

    def contains(self, value: Any) -> bool:
        return Int(self.min, self.max).contains(value)

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        yield "min", self.min
        yield "max", self.max

    def quantile(self, share: float) -> int:
        return log_int_quantile(self.min, self.max, share)

    def value_at(self, index: int) -> int:
        return self.min + index


@dataclass(frozen=True)
class Normal(Distribution):
    """A real number from a bell around `mean` with the standard deviation `std`, cut off at `min` and `max`."""

    mean: float
    std: float
    min: float
    max: float
    type = "normal"

    def __post_init__(self) -> None:
        bounds.refuse(bounds.normal_faults(self.mean, self.std, self.min, self.max))
        for name in ("mean", "std", "min", "max"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if self._mass < SMALLEST_MASS:
            raise bounds.InvalidDistribution({"mean": ["Lies so far outside min and max that nothing could be drawn."]})

    def contains(self, value: Any) -> bool:
        return number_fault(value) is None and self.min <= value <= self.max

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        yield "min", self.min
        yield "max", self.max

    def quantile(self, share: float) -> float:
        below = self._bell.cdf(self.min) + share * self._mass
        if not 0 < below < 1:
            return self.min if below <= 0 else self.max
        return min(max(self._bell.inv_cdf(below), self.min), self.max)

    def share_below(self, value: float) -> float:
        """The inverse of `quantile`, but for its last bits."""
        return min(max((self._bell.cdf(value) - self._bell.cdf(self.min)) / self._mass, 0.0), 1.0)

    @cached_property
    def _bell(self) -> NormalDist:
        return NormalDist(self.mean, self.std)

    @cached_property
    def _mass(self) -> float:
        return self._bell.cdf(self.max) - self._bell.cdf(self.min)
