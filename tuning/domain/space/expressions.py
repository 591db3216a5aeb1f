"""The expressions of a search space: products such as `4 * batch_size`, and comparisons such as `beta2 >= 0.5 * beta1`.

Python's parser reads the text. Anything that is not a product or a comparison is refused; nothing is executed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tunix.pipeline.spec import Scalar

PRODUCT_EXAMPLE: Final = "4 * batch_size"
COMPARISON_EXAMPLE: Final = "beta2 >= beta1"
"""The examples in messages name hyperparameters that exist."""
MAX_LENGTH: Final = 200
OPERATORS: Final[dict[type[ast.cmpop], tuple[str, Callable[[float, float], bool]]]] = {
    ast.LtE: ("<=", operator.le),
    ast.Lt: ("<", operator.lt),
    ast.GtE: (">=", operator.ge),
    ast.Gt: (">", operator.gt),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}
_COMPARE: Final = dict(OPERATORS.values())


class InvalidExpression(ValueError):
    """A text that is not a valid expression; the message names the part."""


@dataclass(frozen=True)
class Product:
    """A number times parameters; a repeated name counts repeatedly."""

    factor: float
    names: tuple[str, ...] = ()

    def value(self, params: Mapping[str, Scalar]) -> float | None:
        """Its value; None if a parameter is missing or not a number. The product of integers is an integer."""
        known = [params.get(name) for name in self.names]
        numbers = [value for value in known if isinstance(value, int | float) and not isinstance(value, bool)]
        if len(numbers) < len(known):
            return None
        try:
            return math.prod(numbers, start=self.factor)
        except OverflowError:  # an integer too large for a float, times a float
            return math.inf

    def __str__(self) -> str:
        factors = list(self.names) if self.names and self.factor == 1 else [f"{self.factor:.15g}", *self.names]
        return " * ".join(factors)


@dataclass(frozen=True)
class Comparison:
    """Two products and the operator between them."""

    left: Product
    symbol: str
    right: Product

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters on both sides, each once."""
        return tuple(dict.fromkeys((*self.left.names, *self.right.names)))

    def holds(self, params: Mapping[str, Scalar]) -> bool:
        """Whether it is true, or does not apply because a side has no value."""
        left, right = self.left.value(params), self.right.value(params)
        return left is None or right is None or _COMPARE[self.symbol](left, right)

    def __str__(self) -> str:
        return f"{self.left} {self.symbol} {self.right}"


def parse_product(text: str) -> Product:
    """`4 * batch_size`. Raises InvalidExpression."""
    return _product(_parsed(text))


def parse_comparison(text: str) -> Comparison:
    """`beta2 >= beta1`. Raises InvalidExpression."""
    node = _parsed(text)
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        raise InvalidExpression(f"Must compare two products, such as '{COMPARISON_EXAMPLE}'.")
    found = OPERATORS.get(type(node.ops[0]))
    if found is None:
        raise InvalidExpression(f"Use one of {', '.join(_COMPARE)}.")
    comparison = Comparison(_product(node.left), found[0], _product(node.comparators[0]))
    if not comparison.names:
        raise InvalidExpression("Names no parameter.")
    return comparison


def _parsed(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise InvalidExpression(f"Must have at most {MAX_LENGTH} characters.")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise InvalidExpression("Cannot be read: use numbers, parameter names and *.") from error


def _product(node: ast.expr) -> Product:
    factor: float = 1
    names: list[str] = []
    for part in _factors(node):
        if isinstance(part, str):
            names.append(part)
        else:
            factor *= part
    if not math.isfinite(factor):
        raise InvalidExpression("The product of its numbers is too large.")
    return Product(factor, tuple(names))


def _factors(node: ast.expr) -> Iterator[float | str]:
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            yield from _factors(left)
            yield from _factors(right)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) if not _is_truth(value):
            yield -value
        case ast.Constant(value=int() | float() as value) if not _is_truth(value):
            yield value
        case ast.Name(id=name):
            yield name
        case _:
            raise InvalidExpression(f"'{ast.unparse(node)}' is not a number, a parameter or a product of them.")


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)
