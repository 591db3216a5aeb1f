"""A choice among listed values, and a constant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tuning.domain.space.distributions.base import Definition, Distribution, Kind
from tuning.domain.space.distributions.faults import check, refuse
from tuning.domain.space.distributions.optuna_forms import CategoricalForm
from tuning.domain.space.labels import value_label
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Faults
from tunix.validation.values import is_same, key_of, scalar_fault

MAX_CHOICES: Final = 1000
ANY_HYPERPARAMETER: Final = frozenset({"float", "int", "choice", "bool"})


@dataclass(frozen=True)
class Choice(Distribution):
    """One of `values`, without an order: scalars, each once."""

    values: tuple[Scalar, ...]
    type = "choice"
    kinds = (Kind("choice", "one of `values`", {"batch_size": {"type": "choice", "values": [16, 32, 64]}}),)
    suits = ANY_HYPERPARAMETER
    is_numeric = False

    def __post_init__(self) -> None:
        faults = Faults()
        if check(faults, "values", _list_fault, self.values):
            _note_bad_choices(faults, self.values)
        refuse(faults)
        object.__setattr__(self, "values", tuple(self.values))
        object.__setattr__(self, "size", len(self.values))

    @cached_property
    def _indices(self) -> dict[tuple[bool, Scalar], int]:
        return {key_of(value): index for index, value in enumerate(self.values)}

    @property
    def _differ_in_optuna(self) -> bool:
        return len(set(self.values)) == len(self.values)  # in Python, and so in Optuna, true equals 1

    def to_json(self) -> Definition:
        return {"type": self.type, "values": list(self.values)}

    def contains(self, value: Any) -> bool:
        return scalar_fault(value) is None and key_of(value) in self._indices

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        return ((f"values.{index}", value) for index, value in enumerate(self.values))

    def quantile(self, share: float) -> Scalar:
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def value_at(self, index: int) -> Scalar:
        return self.values[index]

    def index_of(self, value: Any) -> int:
        return self._indices[key_of(value)]

    def search_form(self) -> CategoricalForm:
        return CategoricalForm(range(len(self.values)))

    def encode(self, value: Any) -> int:
        return self.index_of(value)

    def decode(self, value: Any) -> Scalar:
        return self.value_at(int(value))

    def export_form(self) -> CategoricalForm:
        return CategoricalForm([self.export(value) for value in self.values])

    def export(self, value: Scalar) -> Scalar:
        return value if self._differ_in_optuna else json.dumps(value)

    def values_label(self) -> str:
        return ", ".join(map(value_label, self.values))


@dataclass(frozen=True)
class Constant(Distribution):
    """Always `value`."""

    value: Scalar
    type = "constant"
    kinds = (Kind("constant", "always `value`", {"num_epochs": {"type": "constant", "value": 3}}),)
    suits = ANY_HYPERPARAMETER
    is_sampled = False
    size = 1

    def __post_init__(self) -> None:
        faults = Faults()
        check(faults, "value", scalar_fault, self.value)
        refuse(faults)

    def contains(self, value: Any) -> bool:
        return is_same(value, self.value)

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        yield "value", self.value

    def quantile(self, share: float) -> Scalar:
        return self.value

    def value_at(self, index: int) -> Scalar:
        return (self.value,)[index]

    def index_of(self, value: Any) -> int:
        return 0

    def value_of(self, params: Mapping[str, Scalar]) -> Scalar:
        return self.value

    def export_form(self) -> CategoricalForm:
        return CategoricalForm([self.value])

    def values_label(self) -> str:
        return value_label(self.value)


def _list_fault(values: Any) -> str | None:
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        return "Must be a list."
    if not values:
        return "May not be empty."
    return f"May have at most {MAX_CHOICES:,} values." if len(values) > MAX_CHOICES else None


def _note_bad_choices(faults: Faults, values: Sequence[Any]) -> None:
    seen: dict[tuple[bool, Any], int] = {}
    for index, value in enumerate(values):
        if not check(faults, f"values.{index}", scalar_fault, value):
            continue
        first = seen.setdefault(key_of(value), index)
        if first != index:
            faults.add(f"values.{index}", f"Repeats the value at index {first}.")
