"""What a hyperparameter is: its type, which values are valid, and which are usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tunix.pipeline.spec import Method, Scalar
from tunix.validation.did_you_mean import one_of
from tunix.validation.values import is_finite

Kind = Literal["float", "int", "choice", "bool"]
UsedIn = Literal["optimizer_state", "adapters", "host", "program", "shapes"]
"""Where a value takes effect, and so whether a new value recompiles.

`optimizer_state`: an array that the compiled train step reads. `adapters`: an array in a model with adapters, which the
step reads too. `host`: Python around the compiled steps. `program`: a constant of the compiled steps, so each value has
steps of its own. `shapes`: the shape of a batch; jit compiles each.
"""


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter of a run.

    `minimum` and `maximum` are inclusive unless marked exclusive. A valid value outside `usual` only causes a
    warning. `nullable` allows null. `methods` are those that have it; empty for all.
    """

    name: str
    kind: Kind
    default: Scalar
    help: str
    used_in: UsedIn
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    choices: tuple[str, ...] = ()
    usual: tuple[float, float] | None = None
    unit: str = ""
    nullable: bool = False
    methods: tuple[Method, ...] = ()

    @property
    def traced(self) -> bool:
        """Whether a new value never recompiles on a warm worker."""
        return self.used_in in ("optimizer_state", "adapters", "host")

    def exists_for(self, method: Method) -> bool:
        """Whether runs of this method have it."""
        return not self.methods or method in self.methods

    def errors(self, value: Any) -> list[str]:
        """What makes `value` invalid; empty when it is valid."""
        if value is None:
            return [] if self.nullable else ["May not be null."]
        if self.kind == "choice":
            return [] if isinstance(value, str) and value in self.choices else [one_of(value, self.choices)]
        if self.kind == "bool":
            return [] if isinstance(value, bool) else ["Must be true or false."]
        return self._number_errors(value)

    def warnings(self, value: Any) -> list[str]:
        """What is unusual about `value`, which must be valid."""
        if self.usual is None or value is None:
            return []
        low, high = self.usual
        if low <= value <= high:
            return []
        return [f"{value:g} is outside the usual range, {low:g} to {high:g}."]

    def normalized(self, value: Any) -> Scalar:
        """A valid value in the type that a run uses: 1 becomes 1.0 for a float, 32.0 becomes 32 for an int."""
        if value is None or self.kind in ("choice", "bool"):
            return value
        return float(value) if self.kind == "float" else int(value)

    def as_number(self, value: Any) -> float:
        """A valid value as an array can hold it: a choice becomes its index in `choices`."""
        return float(self.choices.index(value) if self.kind == "choice" else value)

    def _number_errors(self, value: Any) -> list[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ["Must be a number." if self.kind == "float" else "Must be a whole number."]
        if not is_finite(value):
            return ["Must be a finite number."]
        if self.kind == "int" and value != int(value):
            return ["Must be a whole number."]
        return self._bound_errors(value)

    def _bound_errors(self, value: float) -> list[str]:
        errors = []
        if self.minimum is not None and (value <= self.minimum if self.exclusive_minimum else value < self.minimum):
            errors.append(f"Must be {'greater than' if self.exclusive_minimum else 'at least'} {self.minimum:g}.")
        if self.maximum is not None and (value >= self.maximum if self.exclusive_maximum else value > self.maximum):
            errors.append(f"Must be {'less than' if self.exclusive_maximum else 'at most'} {self.maximum:.10g}.")
        return errors
