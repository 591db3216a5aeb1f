"""A parameter computed from others: a product of numbers and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tuning.domain.space.distributions.base import Distribution, Kind
from tuning.domain.space.distributions.faults import check, refuse
from tuning.domain.space.expressions import PRODUCT_EXAMPLE, InvalidExpression, Product, parse_product
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Faults
from tunix.validation.values import number_fault


@dataclass(frozen=True)
class Derived(Distribution):
    """The value of `product`, such as `4 * batch_size`. It exists only if all parameters in the product do."""

    product: str
    type = "derived"
    kinds = (
        Kind(
            "derived",
            f'not sampled: `product` of numbers and other parameters, such as `"{PRODUCT_EXAMPLE}"`',
            {
                "batch_size": {"type": "choice", "values": [16, 32, 64]},
                "max_seq_length": {"type": "derived", "product": PRODUCT_EXAMPLE},
            },
        ),
    )
    suits = frozenset({"float", "int"})
    is_sampled = False
    size = 1

    def __post_init__(self) -> None:
        refuse(_faults(self.product))
        object.__setattr__(self, "product", str(self.parsed))
        object.__setattr__(self, "depends_on", self.parsed.names)

    @cached_property
    def parsed(self) -> Product:
        """The product as an expression."""
        return parse_product(self.product)

    def value_of(self, params: Mapping[str, Scalar]) -> Scalar:
        """The product; None if a factor has no value. An integral product is an int, as hyperparameters require."""
        value = self.parsed.value(params)
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value

    def contains(self, value: Any) -> bool:
        return number_fault(value) is None

    def holds(self, value: Any, params: Mapping[str, Any]) -> bool:
        return bool(self.value_of(params) == value)

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        return iter(())  # they follow from its factors, which only the space knows

    def quantile(self, share: float) -> Scalar:
        raise TypeError("A derived parameter is not sampled.")

    def condition_fault(self) -> str:
        return "Is derived from others: use their values in the condition."

    def export_form(self) -> None:
        return None

    def values_label(self) -> str:
        return f"= {self.product}"


def _faults(product: Any) -> Faults:
    faults = Faults()
    if not check(faults, "product", _text_fault, product):
        return faults
    try:
        parsed = parse_product(product)
    except InvalidExpression as error:
        faults.add("product", str(error))
        return faults
    if not parsed.names:
        faults.add("product", 'Names no parameter. Use {"type": "constant"} for a single value.')
    return faults


def _text_fault(value: Any) -> str | None:
    return None if isinstance(value, str) else f"Must be text, such as '{PRODUCT_EXAMPLE}'."
