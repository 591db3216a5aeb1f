"""How far two numbers may be apart and still be equal."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tunix.pipeline.judges.number import Number

DEFAULT_RELATIVE = Fraction(1, 10**9)


@dataclass(frozen=True)
class Tolerance:
    """Numbers are equal if they differ by at most `absolute`, or by at most the `relative` share of the larger one.

    Without a relative tolerance that was asked for, the default allows for rounding only, and two whole numbers are
    equal only if they are the same: it would make neighbours of large ones equal.
    """

    relative: Fraction | None = None
    absolute: Fraction = Fraction(0)

    def equals(self, one: Number, other: Number) -> bool:
        """Whether the values are equal, and no sign of a currency or percent sign contradicts the other."""
        if one.unit and other.unit and one.unit != other.unit:
            return False
        is_whole = one.value.denominator == other.value.denominator == 1
        if is_whole and self.relative is None:
            return abs(one.value - other.value) <= self.absolute
        return self.is_near(one, other)

    def is_near(self, one: Number, other: Number) -> bool:
        """Whether the values are within the tolerance, as if none of them were whole."""
        relative = DEFAULT_RELATIVE if self.relative is None else self.relative
        return abs(one.value - other.value) <= max(self.absolute, relative * max(abs(one.value), abs(other.value)))
