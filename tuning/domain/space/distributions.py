"""How the values of one parameter are distributed. Each refuses bad bounds when it is built."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from tuning.domain.space import bounds
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Faults
from tunix.validation.values import is_same, key_of, number_fault, scalar_fault


class Distribution(ABC):
    """The values one parameter may take. `size` is their number, None where they are continuous."""

    type: ClassVar[str]
    size: int | None = None

    @abstractmethod
    def contains(self, value: Any) -> bool:
        """Whether `value` can be drawn."""

    @abstractmethod
    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        """Values that are all valid only if every value is, each with the field it stems from."""

    @abstractmethod
    def quantile(self, share: float) -> Scalar:
        """The value below which `share` of the distribution lies, from 0 up to 1: what a point of a cube stands for."""

    def value_at(self, index: int) -> Scalar:
        """The value number `index`, from 0. Raises TypeError where values are continuous."""
        raise TypeError(f"The values of {self.type} are continuous.")

    def notes(self) -> dict[str, list[str]]:
        """Warnings by field."""
        return {}

    def to_json(self) -> dict[str, Any]:
        """The definition that `parse` reads back."""
        return {"type": self.type, **{item.name: getattr(self, item.name) for item in fields(self)}}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Choice(Distribution):
    """One of `values`, without an order: scalars, each once."""

    values: tuple[Scalar, ...]
    type = "choice"

    def __post_init__(self) -> None:
        bounds.refuse(bounds.choice_faults(self.values))
        object.__setattr__(self, "values", tuple(self.values))
        object.__setattr__(self, "size", len(self.values))

    @cached_property
    def _places(self) -> dict[tuple[bool, Scalar], int]:
        return {key_of(value): index for index, value in enumerate(self.values)}

    def contains(self, value: Any) -> bool:
        return scalar_fault(value) is None and key_of(value) in self._places

    def index_of(self, value: Scalar) -> int:
        """The number of a value. Raises KeyError for what is none of them."""
        return self._places[key_of(value)]

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        return ((f"values.{index}", value) for index, value in enumerate(self.values))

    def quantile(self, share: float) -> Scalar:
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def value_at(self, index: int) -> Scalar:
        return self.values[index]

    def to_json(self) -> dict[str, Any]:
        return {"type": self.type, "values": list(self.values)}


@dataclass(frozen=True)
class Constant(Distribution):
    """Always `value`."""

    value: Scalar
    type = "constant"
    size = 1

    def __post_init__(self) -> None:
        bounds.refuse(bounds.constant_faults(self.value))

    def contains(self, value: Any) -> bool:
        return is_same(value, self.value)

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        yield "value", self.value

    def quantile(self, share: float) -> Scalar:
        return self.value

    def value_at(self, index: int) -> Scalar:
        return (self.value,)[index]


@dataclass(frozen=True)
class Uniform(Distribution):
    """A real number from `min` to `max`, both included, each equally likely."""

    min: float
    max: float
    type = "uniform"

    def __post_init__(self) -> None:
        bounds.refuse(self._faults())
        object.__setattr__(self, "min", float(self.min))
        object.__setattr__(self, "max", float(self.max))

    def contains(self, value: Any) -> bool:
        return number_fault(value) is None and self.min <= value <= self.max

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        yield "min", self.min
        yield "max", self.max

    def quantile(self, share: float) -> float:
        return min(max(self.min + share * (self.max - self.min), self.min), self.max)

    def _faults(self) -> Faults:
        return bounds.range_faults(self.min, self.max, number_fault)


@dataclass(frozen=True)
class LogUniform(Uniform):
    """A real number from `min` to `max`, both included, each order of magnitude equally likely."""

    type = "loguniform"

    def quantile(self, share: float) -> float:
        return log_quantile(self.min, self.max, share)

    def _faults(self) -> Faults:
        return bounds.log_range_faults(self.min, self.max)


@dataclass(frozen=True)
class QUniform(Distribution):
    """`min`, `min + q`, `min + 2 q` and so on up to `max`, each equally likely."""

    min: float
    max: float
    q: float
    type = "quniform"

    def __post_init__(self) -> None:
        bounds.refuse(bounds.quantized_faults(self.min, self.max, self.q))
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

    def contains(self, value: Any) -> bool:
        inside = number_fault(value) is None and self.min <= value <= self.max
        return inside and self.value_at(self.index_of(value)) == value

    def index_of(self, value: float) -> int:
        """The number of the value nearest to `value`."""
        return min(max(round((value - self.min) / self.q), 0), self._last)

    def value_at(self, index: int) -> float:
        """Computed in decimals, so that a step of 0.1 gives 0.3 and not 0.30000000000000004."""
        low, step = self._exact
        return float(low + index * step)

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        yield "min", self.min
        yield "max", self.value_at(self._last)

    def quantile(self, share: float) -> float:
        return self.value_at(min(int(share * (self._last + 1)), self._last))

    def notes(self) -> dict[str, list[str]]:
        largest = self.value_at(self._last)
        return {} if largest == self.max else {"max": [f"Steps of q from min end at {largest:g}."]}


@dataclass(frozen=True)
class Int(Distribution):
    """A whole number from `min` to `max`, both included: evenly, by orders of magnitude (`log`) or in steps."""

    min: int
    max: int
    log: bool = False
    step: int = 1
    type = "int"

    def __post_init__(self) -> None:
        bounds.refuse(bounds.int_faults(self.min, self.max, self.log, self.step))
        object.__setattr__(self, "size", (self.max - self.min) // self.step + 1)

    @property
    def largest(self) -> int:
        """The largest value that steps from `min` reach."""
        return self.max - (self.max - self.min) % self.step

    def contains(self, value: Any) -> bool:
        inside = number_fault(value) is None and self.min <= value <= self.max
        return inside and (value - self.min) % self.step == 0

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        yield "min", self.min
        yield "max", self.largest

    def quantile(self, share: float) -> int:
        if self.log:
            return log_int_quantile(self.min, self.max, share)
        last = (self.size or 1) - 1
        return self.value_at(min(int(share * (last + 1)), last))

    def value_at(self, index: int) -> int:
        return self.min + index * self.step

    def notes(self) -> dict[str, list[str]]:
        return {} if self.largest == self.max else {"max": [f"Steps from min end at {self.largest}."]}

    def to_json(self) -> dict[str, Any]:
        extra = {"log": True} if self.log else {"step": self.step} if self.step != 1 else {}
        return {"type": self.type, "min": self.min, "max": self.max, **extra}


def log_quantile(low: float, high: float, share: float) -> float:
    """The same share of the way on a logarithmic scale; both ends included."""
    value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    return min(max(value, low), high)


def log_int_quantile(low: int, high: int, share: float) -> int:
    """The same for whole numbers: each stands for what rounds to it."""
    return min(max(round(log_quantile(low - 0.5, high + 0.5, share)), low), high)
