"""A space as a unit cube with one axis per sampled parameter, for samplers that compute distances.

Values are Optuna's (see `encoding`). The coordinate of a number is its share of the range, on a logarithmic scale if
the distribution has one; an integer covers everything that rounds to it. A choice has no order: its coordinate is an
index, and its feature is one-hot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from tuning.domain.sampling.encoding import optuna_distributions
from tuning.domain.space.search_space import SearchSpace

Array = NDArray[np.float64]
ABSENT = 0.5
"""The coordinate of a number that does not exist in a configuration."""


@dataclass(frozen=True)
class Axis:
    """One parameter: `low` and `high` are the ends of the axis, as logarithms if `is_log`. A `step` of 0 means none."""

    name: str
    distribution: BaseDistribution
    low: float
    high: float
    is_log: bool = False
    step: float = 0.0
    choices: int = 0

    def values(self, shares: Array) -> Array:
        """Values at shares of the axis from 0 to 1: rounded for an integer, the index for a choice."""
        if self.choices:
            return np.minimum(np.floor(shares * self.choices), self.choices - 1)
        on_axis = self.low + shares * (self.high - self.low)
        plain = np.exp(on_axis) if self.is_log else on_axis
        if isinstance(self.distribution, IntDistribution):
            low, high = self.distribution.low, self.distribution.high
            return np.clip(low + self.step * np.round((plain - low) / self.step), low, high)
        assert isinstance(self.distribution, FloatDistribution)  # noqa: S101  (see axes_of)
        return np.clip(plain, self.distribution.low, self.distribution.high)

    def share(self, value: float) -> float:
        """The position of a value on the axis, from 0 to 1."""
        if self.choices:
            return (value + 0.5) / self.choices
        on_axis = np.log(value) if self.is_log else value
        return float(np.clip((on_axis - self.low) / (self.high - self.low), 0.0, 1.0))

    def features(self, values: Array) -> Array:
        """Columns for computing distances, one row per value. NaN marks a parameter that does not exist."""
        if self.choices:
            return (values[:, None] == np.arange(self.choices)).astype(float)
        lacking = np.isnan(values)
        plain = np.where(lacking, 1.0, values)
        on_axis = np.log(plain) if self.is_log else plain
        return np.where(lacking, ABSENT, (on_axis - self.low) / (self.high - self.low))[:, None]

    def external(self, value: float) -> Any:
        """A value in the type that Optuna's trials use."""
        return float(value) if isinstance(self.distribution, FloatDistribution) else int(value)


def axes_of(space: SearchSpace) -> list[Axis]:
    """The axes of all sampled parameters with more than one value."""
    known = optuna_distributions(space)
    return [_axis(name, distribution) for name, distribution in known.items() if not distribution.single()]


def numerical_axes(space: SearchSpace) -> list[Axis]:
    """The axes of numbers that every configuration has."""
    return [axis for axis in axes_of(space) if not axis.choices and axis.name not in space.conditions]


def only_values(space: SearchSpace) -> dict[str, Any]:
    """The sampled parameters without an axis, each with its only value, in Optuna's terms."""
    found: dict[str, Any] = {}
    for name, distribution in optuna_distributions(space).items():
        if distribution.single():
            lowest = float(distribution.low) if isinstance(distribution, IntDistribution | FloatDistribution) else 0.0
            found[name] = distribution.to_external_repr(lowest)
    return found


def _axis(name: str, distribution: BaseDistribution) -> Axis:
    match distribution:
        case CategoricalDistribution():
            return Axis(name, distribution, 0.0, 1.0, choices=len(distribution.choices))
        case IntDistribution():
            low, high, step = distribution.low, distribution.high, distribution.step
            return _numeric(name, distribution, low - step / 2, high + step / 2, float(step))
        case FloatDistribution():
            return _numeric(name, distribution, distribution.low, distribution.high, 0.0)
    raise TypeError(f"There is no axis for {distribution!r}.")


def _numeric(
    name: str, distribution: IntDistribution | FloatDistribution, low: float, high: float, step: float
) -> Axis:
    ends = (float(np.log(low)), float(np.log(high))) if distribution.log else (float(low), float(high))
    return Axis(name, distribution, *ends, is_log=distribution.log, step=step)
