"""Integers between two bounds: uniform, in steps, or uniform on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tuning.domain.space.distributions.base import Distribution, Kind
from tuning.domain.space.distributions.faults import check, range_faults, refuse
from tuning.domain.space.distributions.optuna_forms import IntForm
from tuning.domain.space.distributions.ranges import log_quantile
from tunix.validation.errors import Faults
from tunix.validation.values import integer_fault, number_fault


@dataclass(frozen=True)
class Int(Distribution):
    """An integer from `min` to `max`, both included: uniform, by orders of magnitude (`log`) or in steps.

    `logint` is another way to write `int` with `log`. A distribution keeps the type that it was read with.
    """

    min: int
    max: int
    log: bool = False
    step: int = 1
    type: str = "int"
    kinds = (
        Kind(
            "int",
            "integers, bounds included; on a logarithmic scale with `log: true`, or in steps of `step`",
            {"num_epochs": {"type": "int", "min": 1, "max": 8}},
        ),
        Kind(
            "logint",
            "the same as `int` with `log: true`; `min` is at least 1",
            {"gradient_accumulation_steps": {"type": "logint", "min": 1, "max": 16}},
            fixed={"type": "logint", "log": True, "step": 1},
        ),
    )
    suits = frozenset({"float", "int"})

    def __post_init__(self) -> None:
        refuse(self._faults())
        object.__setattr__(self, "size", (self.max - self.min) // self.step + 1)

    @property
    def largest(self) -> int:
        """The largest value that steps from `min` reach."""
        return self.max - (self.max - self.min) % self.step

    def contains(self, value: Any) -> bool:
        inside = number_fault(value) is None and self.min <= value <= self.max
        return inside and (value - self.min) % self.step == 0

    def extremes(self) -> Iterator[tuple[str, int]]:
        yield "min", self.min
        yield "max", self.largest

    def quantile(self, share: float) -> int:
        if self.log:  # each integer stands for what rounds to it
            return min(max(round(log_quantile(self.min - 0.5, self.max + 0.5, share)), self.min), self.max)
        last = (self.size or 1) - 1
        return self.value_at(min(int(share * (last + 1)), last))

    def value_at(self, index: int) -> int:
        return self.min + index * self.step

    def index_of(self, value: Any) -> int:
        return int((value - self.min) // self.step)

    def notes(self) -> dict[str, list[str]]:
        return {} if self.largest == self.max else {"max": [f"Steps from min end at {self.largest}."]}

    def search_form(self) -> IntForm:
        return IntForm(self.min, self.largest, log=self.log, step=self.step)

    def encode(self, value: Any) -> int:
        return int(value)

    def decode(self, value: Any) -> int:
        return int(value)

    def export_form(self) -> IntForm:
        return self.search_form()

    @property
    def label(self) -> str:
        return "int (log)" if self.log and self.type == "int" else self.type

    def values_label(self) -> str:
        return self._range_label(self.min, self.max) + (f" in steps of {self.step}" if self.step != 1 else "")

    def _faults(self) -> Faults:
        faults = range_faults(self.min, self.max, integer_fault)
        if not isinstance(self.log, bool):
            faults.add("log", "Must be true or false.")
        if check(faults, "step", integer_fault, self.step) and self.step < 1:
            faults.add("step", "Must be at least 1.")
        if faults:
            return faults
        if self.log and self.step != 1:
            faults.add("step", "Give log or step, not both.")
        if self.log and self.min < 1:
            faults.add("min", "Must be at least 1 on a logarithmic scale.")
        if self.step > self.max - self.min:
            message = f"Leaves only one value: must be at most max - min, which is {self.max - self.min}."
            faults.add("step", message)
        return faults
