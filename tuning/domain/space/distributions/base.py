"""What every kind of parameter can do: read and write its definition, list its values, and describe itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Self

from tuning.domain.space.distributions.faults import REQUIRED, InvalidDistribution, refuse
from tuning.domain.space.distributions.optuna_forms import FloatForm, OptunaForm
from tuning.domain.space.labels import value_label
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults

Definition = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One value of `type`, as the API, the documents and the JSON editor describe it.

    `fixed` are the fields of the distribution that this type sets and a definition may not name.
    """

    type: str
    values: str
    example: Mapping[str, Definition]
    fixed: Mapping[str, Any] = field(default_factory=dict)


class Distribution(ABC):
    """The values of one parameter. Subclasses are frozen dataclasses whose fields are those of the definition.

    Samplers search what `search_form` describes and exchange its values through `encode` and `decode`. The defaults
    of these three search the unit interval, which suits any continuous distribution with a `quantile` and a `share`.
    """

    kinds: ClassVar[tuple[Kind, ...]]
    """The types that are read into this class."""
    type: str
    suits: ClassVar[frozenset[str]] = frozenset({"float"})
    """Kinds of hyperparameters of which every value is one, or whose values are checked one by one."""
    is_sampled: ClassVar[bool] = True
    """Whether a sampler chooses the value; otherwise `value_of` computes it."""
    is_numeric: ClassVar[bool] = True
    """Whether values are numbers, so that a sampler can use their order and distance."""
    depends_on: tuple[str, ...] = ()
    """Parameters that must exist for this one to have a value."""
    size: int | None = None
    """The number of values; None if they are continuous."""

    # Definition

    @classmethod
    def kind_of(cls, type_: str) -> Kind:
        """The kind that is written as `type_`."""
        return next(kind for kind in cls.kinds if kind.type == type_)

    @classmethod
    def fields_of(cls, kind: Kind) -> dict[str, Any]:
        """The fields of a definition beside `type`, each with its default; REQUIRED if it has none."""
        own = [item for item in fields(cls) if item.name not in ("type", *kind.fixed)]  # type: ignore[arg-type]
        return {item.name: REQUIRED if item.default is MISSING else item.default for item in own}

    @classmethod
    def read(cls, kind: Kind, data: Mapping[str, Any]) -> Self:
        """The distribution that a definition of this kind describes. Raises InvalidDistribution with every fault."""
        known, faults = cls.fields_of(kind), Faults()
        for key in data:
            if key not in known and key != "type":
                faults.add(str(key), f"Unknown for {kind.type}.{did_you_mean(str(key), list(known))}")
        try:
            found = cls(**{name: data.get(name, default) for name, default in known.items()}, **kind.fixed)
        except InvalidDistribution as invalid:
            faults.merge(invalid.errors)
            raise InvalidDistribution(faults.messages) from invalid
        refuse(faults)
        return found

    def to_json(self) -> Definition:
        """The definition that `read` reads back; fields at their defaults are left out."""
        known = self.fields_of(self.kind_of(self.type))
        values = {name: getattr(self, name) for name in known}
        return {"type": self.type, **{name: value for name, value in values.items() if value != known[name]}}

    # Values

    @abstractmethod
    def contains(self, value: Any) -> bool:
        """Whether `value` can be proposed."""

    @abstractmethod
    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        """Values that are all valid only if every value is, each with the field it comes from."""

    @abstractmethod
    def quantile(self, share: float) -> Scalar:
        """The value at a point of the unit interval: `share` of the distribution lies below it."""

    def share(self, value: Any) -> float:
        """The inverse of `quantile`, except for rounding. Raises TypeError if the kind has none."""
        raise TypeError(f"{self.type} has no share of a value.")

    def value_at(self, index: int) -> Scalar:
        """Value number `index`, from 0. Raises TypeError if values are continuous."""
        raise TypeError(f"The values of {self.type} are continuous.")

    def index_of(self, value: Any) -> int:
        """The inverse of `value_at`. Raises TypeError if values are continuous."""
        raise TypeError(f"The values of {self.type} are continuous.")

    def value_of(self, params: Mapping[str, Scalar]) -> Scalar:
        """The value, given those of other parameters. Raises TypeError if a sampler chooses it."""
        raise TypeError(f"The value of {self.type} is sampled.")

    def holds(self, value: Any, params: Mapping[str, Any]) -> bool:
        """Whether `value` is allowed in the configuration `params`."""
        return self.contains(value)

    def condition_fault(self) -> str | None:
        """Why the existence of other parameters cannot depend on this one; None if it can."""
        return "Has infinitely many values: use a choice, or a kind that moves in steps." if self.size is None else None

    def notes(self) -> dict[str, list[str]]:
        """Warnings by field."""
        return {}

    # Samplers and exports

    def search_form(self) -> OptunaForm:
        """What a sampler searches for this parameter."""
        return FloatForm(0.0, 1.0)

    def encode(self, value: Any) -> Any:
        """A value in the terms of `search_form`."""
        return self.share(value)

    def decode(self, value: Any) -> Scalar:
        """The inverse of `encode`."""
        return self.quantile(value)

    @abstractmethod
    def export_form(self) -> OptunaForm | None:
        """The nearest distribution that Optuna has for the values themselves; None if it must not know of them."""

    def export(self, value: Scalar) -> Scalar:
        """A value in the terms of `export_form`."""
        return value

    # Words

    @property
    def label(self) -> str:
        """The type as pages show it."""
        return self.type

    @abstractmethod
    def values_label(self) -> str:
        """The values as pages and terminals show them."""

    @staticmethod
    def _range_label(low: Scalar, high: Scalar) -> str:
        return f"{value_label(low)} to {value_label(high)}"
