"""A space as a unit cube, one axis a drawn parameter, for samplers that compute with distances.

Values are Optuna's (see `encoding`). A number lies on its axis where its share of the range is, logarithmic where the
distribution is; a whole number stands for all that rounds to it. A choice has no order: as a coordinate it is an
index, as a feature it has a column for each value.
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
"""The coordinate of a number that a configuration lacks."""


@dataclass(frozen=True)
class Axis:
    """One parameter: `low` and `high` are the ends of the axis, as logarithms if `is_log`; a `step` of 0 is none."""

    name: str
    distribution: BaseDistribution
    low: float
    high: float
    is_log: bool = False
    step: float = 0.0
    choices: int = 0

    def values(self, shares: Array) -> Array:
        """Values at shares of the axis from 0 to 1, whole where the parameter is; of a choice its index."""
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
        """Where a value lies on the axis."""
        if self.choices:
            return (value + 0.5) / self.choices
        on_axis = np.log(value) if self.is_log else value
        return float(np.clip((on_axis - self.low) / (self.high - self.low), 0.0, 1.0))

    def features(self, values: Array) -> Array:
        """Columns that distances are computed from, a row for each value; NaN is a parameter that does not exist."""
        if self.choices:
            return (values[:, None] == np.arange(self.choices)).astype(float)
        lacking = np.isnan(values)
        plain = np.where(lacking, 1.0, values)
        on_axis = np.log(plain) if self.is_log else plain
        return np.where(lacking, ABSENT, (on_axis - self.low) / (self.high - self.low))[:, None]

    def external(self, value: float) -> Any:
        """A value as Optuna's trials have it."""
        return float(value) if isinstance(self.distribution, FloatDistribution) else int(value)


def axes_of(space: SearchSpace) -> list[Axis]:
    """The axes of all drawn parameters that have more than one value."""
    known = optuna_distributions(space)
    return [_axis(name, distribution) for name, distribution in known.items() if not distribution.single()]


def numerical_axes(space: SearchSpace) -> list[Axis]:
    """Those that every configuration has, and that are numbers."""
    return [axis for axis in axes_of(space) if not axis.choices and axis.name not in space.conditions]


def only_values(space: SearchSpace) -> dict[str, Any]:
    """The drawn parameters that have no axis, each with its one value, in Optuna's terms."""
    known = optuna_distributions(space).items()
    return {
        name: distribution.to_external_repr(_lowest(distribution))
        for name, distribution in known
        if distribution.single()
    }


def _lowest(distribution: BaseDistribution) -> float:
    return 0.0 if isinstance(distribution, CategoricalDistribution) else float(distribution.low)  # type: ignore[attr-defined]


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
