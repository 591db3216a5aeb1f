"""Real numbers in steps, uniform or uniform on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from tuning.domain.space.distributions.base import Distribution, Kind
from tuning.domain.space.distributions.faults import check, range_faults, refuse, step_faults
from tuning.domain.space.distributions.optuna_forms import FloatForm, IntForm, OptunaForm
from tuning.domain.space.distributions.ranges import log_quantile, log_range_faults
from tuning.domain.space.labels import value_label
from tunix.validation.errors import Faults
from tunix.validation.values import number_fault


@dataclass(frozen=True)
class QUniform(Distribution):
    """`min`, `min + q`, `min + 2 q` and so on up to `max`, each equally likely."""

    min: float
    max: float
    q: float
    type = "quniform"
    kinds = (
        Kind(
            "quniform",
            "`min`, `min + q`, and so on up to `max`",
            {"warmup_ratio": {"type": "quniform", "min": 0, "max": 0.3, "q": 0.1}},
        ),
    )

    def __post_init__(self) -> None:
        refuse(self._faults())
        for name in ("min", "max", "q"):
            object.__setattr__(self, name, float(getattr(self, name)))
        low, step = self._exact
        object.__setattr__(self, "size", int((Decimal(repr(self.max)) - low) // step) + 1)

    @cached_property
    def _exact(self) -> tuple[Decimal, Decimal]:
        return Decimal(repr(self.min)), Decimal(repr(self.q))

    @property
    def _last(self) -> int:
        return (self.size or 1) - 1

    @property
    def largest(self) -> float:
        """The largest value that steps from `min` reach."""
        return self.value_at(self._last)

    def contains(self, value: Any) -> bool:
        inside = number_fault(value) is None and self.min <= value <= self.max
        return inside and self.value_at(self.index_of(value)) == value

    def extremes(self) -> Iterator[tuple[str, float]]:
        yield "min", self.min
        yield "max", self.largest

    def quantile(self, share: float) -> float:
        return self.value_at(min(int(share * (self._last + 1)), self._last))

    def value_at(self, index: int) -> float:
        """Computed in decimals, so that a step of 0.1 gives 0.3 and not 0.30000000000000004."""
        low, step = self._exact
        return float(low + index * step)

    def index_of(self, value: Any) -> int:
        """The number of the value nearest to `value`."""
        return min(max(round((value - self.min) / self.q), 0), self._last)

    def notes(self) -> dict[str, list[str]]:
        return {} if self.largest == self.max else {"max": [f"Steps of q from min end at {self.largest:g}."]}

    def search_form(self) -> OptunaForm:
        return IntForm(0, self._last)

    def encode(self, value: Any) -> float:
        return self.index_of(value)

    def decode(self, value: Any) -> float:
        return self.value_at(int(value))

    def export_form(self) -> FloatForm:
        return FloatForm(self.min, self.largest, step=self.q)

    def values_label(self) -> str:
        return f"{self._range_label(self.min, self.max)} in steps of {value_label(self.q)}"

    def _faults(self) -> Faults:
        faults = range_faults(self.min, self.max, number_fault)
        if check(faults, "q", number_fault, self.q) and self.q <= 0:
            faults.add("q", "Must be greater than 0.")
        return faults or step_faults(self.min, self.max, self.q)


@dataclass(frozen=True)
class QLogUniform(QUniform):
    """`min`, `min + q`, `min + 2 q` and so on up to `max`, each order of magnitude equally likely.

    Optuna has no steps on a logarithmic scale, so it samples the number that is then rounded to a step.
    """

    type = "qloguniform"
    kinds = (
        Kind(
            "qloguniform",
            "`min`, `min + q`, and so on up to `max`, uniform on a logarithmic scale; `min` is above 0",
            {"learning_rate": {"type": "qloguniform", "min": 0.001, "max": 0.03, "q": 0.001}},
        ),
    )

    def quantile(self, share: float) -> float:
        return self.decode(log_quantile(self.min, self.max, share))

    def search_form(self) -> FloatForm:
        return FloatForm(self.min, self.max, log=True)

    def encode(self, value: Any) -> float:
        return float(value)

    def decode(self, value: Any) -> float:
        return self.value_at(self.index_of(value))

    def export_form(self) -> FloatForm:
        return FloatForm(self.min, self.largest, log=True)

    def _faults(self) -> Faults:
        return log_range_faults(self.min, self.max) or super()._faults()
