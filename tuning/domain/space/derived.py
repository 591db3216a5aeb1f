"""A parameter that is not drawn: a product of numbers and other parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tuning.domain.space import bounds
from tuning.domain.space.distributions import Distribution
from tuning.domain.space.expressions import PRODUCT_EXAMPLE, InvalidExpression, Product, parse_product
from tunix.pipeline.spec import Scalar
from tunix.validation.errors import Faults
from tunix.validation.values import number_fault


@dataclass(frozen=True)
class Derived(Distribution):
    """What `product` comes to, such as `4 * batch_size`. It exists only where all that it names does."""

    product: str
    type = "derived"
    size = 1

    def __post_init__(self) -> None:
        bounds.refuse(_faults(self.product))
        object.__setattr__(self, "product", str(self.parsed))

    @cached_property
    def parsed(self) -> Product:
        """The product, read."""
        return parse_product(self.product)

    def value_of(self, params: Mapping[str, Scalar]) -> Scalar:
        """Its value beside `params`; None where it has none. A whole one is an int, as hyperparameters want it."""
        value = self.parsed.value(params)
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value

    def contains(self, value: Any) -> bool:
        return number_fault(value) is None

    def extremes(self) -> Iterator[tuple[str, Scalar]]:
        return iter(())  # those of what it is made of: the space knows them

    def quantile(self, share: float) -> Scalar:
        raise TypeError("A derived parameter is not drawn.")


def _faults(product: Any) -> Faults:
    faults = Faults()
    if not bounds.check(faults, "product", _text_fault, product):
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
