"""Rules that several kinds of parameters share. Each fault is reported under the field that breaks the rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from tunix.validation.errors import Faults, InvalidInput

MAX_STEPS: Final = 1_000_000
REQUIRED: Final = object()
"""Stands for a required field that is missing."""

Rule = Callable[[Any], str | None]


class InvalidDistribution(InvalidInput):
    """A definition that no value can be sampled from; `errors` is keyed by field, such as `min` or `values.2`."""


def refuse(faults: Faults) -> None:
    """Raises InvalidDistribution if there is any fault."""
    if faults:
        raise InvalidDistribution(faults.messages)


def check(faults: Faults, field: str, rule: Rule, value: Any) -> bool:
    """Apply `rule` to `value` and note its fault; whether there is none."""
    message = "Required." if value is REQUIRED else rule(value)
    if message:
        faults.add(field, message)
    return message is None


def range_faults(low: Any, high: Any, rule: Rule) -> Faults:
    """Both bounds obey `rule`, and `min` is below `max`."""
    faults = Faults()
    valid = [check(faults, "min", rule, low), check(faults, "max", rule, high)]
    if not all(valid):
        return faults
    if low > high:
        faults.add("min", f"Must be below max, which is {high!r}.")
    elif low == high:
        faults.add("max", 'Equals min. Use {"type": "constant"} for a single value.')
    return faults


def step_faults(low: float, high: float, step: float) -> Faults:
    """A valid step changes the values, fits into its range and does not cut it into more than a million."""
    faults = Faults()
    span, exact = Decimal(repr(high)) - Decimal(repr(low)), Decimal(repr(step))
    if low + step == low or high - step == high:
        faults.add("q", "Too small compared with min and max to make a difference.")
    elif exact > span:
        faults.add("q", f"Leaves only one value: must be at most max - min, which is {span}.")
    elif span / exact > MAX_STEPS:
        faults.add("q", f"Cuts the range into more than {MAX_STEPS:,} steps. Use uniform, or a larger step.")
    return faults
