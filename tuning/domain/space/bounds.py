"""The rules that the fields of a distribution must obey, each broken one named by its field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from tunix.validation.errors import Faults, InvalidInput
from tunix.validation.values import integer_fault, number_fault, scalar_fault

MAX_CHOICES = 1000
MAX_STEPS = 1_000_000
REQUIRED = object()  # stands where a required field was left out

Rule = Callable[[Any], str | None]


class InvalidDistribution(InvalidInput):
    """A distribution nothing can be drawn from; `errors` is keyed by field, such as `min` or `values.2`."""


def refuse(faults: Faults) -> None:
    """Raises InvalidDistribution if there is any fault."""
    if faults:
        raise InvalidDistribution(faults.messages)


def check(faults: Faults, field: str, rule: Rule, value: Any) -> bool:
    """Notes what `rule` has against `value`; whether it has nothing."""
    message = "Required." if value is REQUIRED else rule(value)
    if message:
        faults.add(field, message)
    return message is None


def constant_faults(value: Any) -> Faults:
    """A constant is a scalar."""
    faults = Faults()
    check(faults, "value", scalar_fault, value)
    return faults


def choice_faults(values: Any) -> Faults:
    """Choices are scalars, at least one, at most 1000, none twice."""
    faults = Faults()
    if check(faults, "values", _list_fault, values):
        _note_bad_choices(faults, values)
    return faults


def range_faults(low: Any, high: Any, rule: Rule) -> Faults:
    """Both ends obey `rule`, and the lower is below the upper."""
    faults = Faults()
    valid = [check(faults, "min", rule, low), check(faults, "max", rule, high)]
    if not all(valid):
        return faults
    if low > high:
        faults.add("min", f"Must be below max, which is {high!r}.")
    elif low == high:
        faults.add("max", 'Equals min. Use {"type": "constant"} for a single value.')
    return faults


def log_range_faults(low: Any, high: Any) -> Faults:
    """A range on a logarithmic scale begins above zero."""
    faults = range_faults(low, high, number_fault)
    if low is not REQUIRED and number_fault(low) is None and low <= 0:
        faults.add("min", "Must be greater than 0 for loguniform.")
    return faults


def quantized_faults(low: Any, high: Any, step: Any) -> Faults:
    """A step is positive, fits into its range, and does not cut it into more than a million."""
    faults = range_faults(low, high, number_fault)
    if check(faults, "q", number_fault, step) and step <= 0:
        faults.add("q", "Must be greater than 0.")
    if not faults and (low + step == low or high - step == high):
        faults.add("q", "Too small beside min and max to make a difference.")
    if not faults:
        _check_step(faults, "q", Decimal(repr(high)) - Decimal(repr(low)), Decimal(repr(step)))
    return faults


def int_faults(low: Any, high: Any, log: Any, step: Any) -> Faults:
    """A range of whole numbers is logarithmic, from 1 up, or in steps, not both."""
    faults = range_faults(low, high, integer_fault)
    if not isinstance(log, bool):
        faults.add("log", "Must be true or false.")
    if check(faults, "step", integer_fault, step) and step < 1:
        faults.add("step", "Must be at least 1.")
    if faults:
        return faults
    if log and step != 1:
        faults.add("step", "Give log or step, not both.")
    if log and low < 1:
        faults.add("min", "Must be at least 1 with log.")
    if step > high - low:
        faults.add("step", f"Leaves only one value: must be at most max - min, which is {high - low}.")
    return faults


def normal_faults(mean: Any, std: Any, low: Any, high: Any) -> Faults:
    """A bell has a mean, a positive deviation and two bounds."""
    faults = range_faults(low, high, number_fault)
    check(faults, "mean", number_fault, mean)
    if check(faults, "std", number_fault, std) and std <= 0:
        faults.add("std", "Must be greater than 0.")
    return faults


def _check_step(faults: Faults, field: str, span: Decimal, step: Decimal) -> None:
    if step > span:
        faults.add(field, f"Leaves only one value: must be at most max - min, which is {span}.")
    elif span / step > MAX_STEPS:
        faults.add(field, f"Cuts the range into more than {MAX_STEPS:,} steps. Use uniform, or a larger step.")


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
        first = seen.setdefault((isinstance(value, bool), value), index)  # true equals 1 in Python
        if first != index:
            faults.add(f"values.{index}", f"Given twice, first as number {first}.")
