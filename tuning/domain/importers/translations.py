"""Definitions of parameters built from the numbers of other tools, each with what the translation loses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tuning.domain.importers.field_reader import Untranslatable, as_whole
from tunix.validation.values import key_of, scalar_fault

BELL_WIDTH = 3
"""Standard deviations on either side of the mean where a bell without bounds is cut off: 99.7% lie between."""
FLAT_WIDTH = 2
"""The same where a bell is replaced by a range whose values are equally likely: 95% lie between."""


@dataclass
class Translation:
    """A definition of this service, what was lost on the way, and a summary where the default one does not fit."""

    definition: dict[str, Any]
    losses: list[str] = field(default_factory=list)
    summary: str = ""

    @property
    def in_words(self) -> str:
        """What the parameter became, in a sentence."""
        return self.summary or f"Becomes {self.definition['type']}."


def constant(value: Any) -> Translation:
    """Always `value`."""
    if fault := scalar_fault(value):
        raise Untranslatable(f"The value cannot be used here: {fault}")
    return Translation({"type": "constant", "value": value})


def choice(values: Sequence[Any], losses: Sequence[str] = ()) -> Translation:
    """One of `values`. A repeated value is more likely in the source, which is lost here."""
    for value in values:
        if fault := scalar_fault(value):
            raise Untranslatable(f"A value cannot be used here: {fault}")
    once = list({key_of(value): value for value in reversed(values)}.values())[::-1]
    lost = list(losses)
    if len(once) < len(values):
        lost.append("Repeated values count once here.")
    found = constant(once[0]) if len(once) == 1 else Translation({"type": "choice", "values": once})
    return Translation(found.definition, lost)


def uniform(low: float, high: float) -> Translation:
    """Any number between, bounds included."""
    return _range("uniform", float(low), float(high))


def loguniform(low: float, high: float) -> Translation:
    """The same on a logarithmic scale, between real bounds."""
    if low <= 0:
        raise Untranslatable("A logarithmic scale needs bounds above 0.")
    return _range("loguniform", float(low), float(high))


def whole(low: int, high: int, step: int = 1) -> Translation:
    """A whole number, bounds included."""
    translation = _range("int", low, high)
    if step != 1 and translation.definition["type"] == "int":
        if step > high - low:
            return constant(low)
        translation.definition["step"] = step
    return translation


def log_whole(low: int, high: int) -> Translation:
    """A whole number on a logarithmic scale, bounds included."""
    if low < 1:
        raise Untranslatable("A logarithmic scale of whole numbers must start at 1 or above.")
    return _range("logint", low, high)


def steps(low: float, high: float, step: float) -> Translation:
    """`low`, `low + step` and so on up to `high`, each equally likely."""
    if step <= 0:
        raise Untranslatable("The step must be greater than 0.")
    translation = _range("quniform", float(low), float(high))
    if translation.definition["type"] == "quniform":
        if step > high - low:
            return constant(float(low))
        translation.definition["q"] = float(step)
    return translation


def multiples(low: float, high: float, step: float, *, log: bool = False) -> Translation:
    """What `round(x / step) * step` gives of x between the bounds: multiples of the step.

    Rounding makes the first and the last half as likely as the others, which is lost.
    """
    if step <= 0:
        raise Untranslatable("The step must be greater than 0.")
    exact = Decimal(repr(float(step)))
    first, last = (Decimal(repr(float(bound))) / exact for bound in (low, high))
    first, last = first.to_integral_value("ROUND_CEILING") * exact, last.to_integral_value("ROUND_FLOOR") * exact
    if first > last or (log and last <= 0):
        raise Untranslatable(f"No multiple of {step:g} lies between {low:g} and {high:g}.")
    if log and first <= 0:
        first = exact
    losses = ["In the source, rounding makes the first and the last value less likely; here they are not."]
    if (float(first), float(last)) != (low, high):
        losses.append(f"Multiples of {step:g} between the bounds run from {float(first):g} to {float(last):g}.")
    translation = steps(float(first), float(last), float(step))
    if log and translation.definition["type"] == "quniform":
        translation.definition["type"] = "qloguniform"
    return Translation(translation.definition, losses)


def bell(mean: float, std: float) -> Translation:
    """A bell without bounds, cut off."""
    low, high = _around(mean, std, BELL_WIDTH)
    cut = f"Truncated at {BELL_WIDTH} standard deviations, {low:g} and {high:g}: it needs bounds here."
    return Translation({"type": "normal", "mean": float(mean), "std": float(std), "min": low, "max": high}, [cut])


def flat_bell(mean: float, std: float, step: float) -> Translation:
    """A bell in steps: the steps are kept, the bell is not."""
    low, high = _around(mean, std, FLAT_WIDTH)
    lost = f"The bell shape is lost: every step within {FLAT_WIDTH} standard deviations is equally likely."
    return Translation(multiples(low, high, step).definition, [lost])


def log_bell(mu: float, sigma: float, step: float | None = None) -> Translation:
    """A bell on a logarithmic scale, flattened; `mu` and `sigma` are of the natural logarithm."""
    low, high = (exponential(bound) for bound in _around(mu, sigma, FLAT_WIDTH))
    translation = loguniform(low, high) if step is None else multiples(low, high, step, log=True)
    lost = (
        f"The bell shape is lost: every order of magnitude within {FLAT_WIDTH} standard deviations is equally likely."
    )
    return Translation(translation.definition, [lost])


def exponential(exponent: float, base: float = math.e) -> float:
    """A bound that was written as an exponent. Raises Untranslatable where no number can hold it."""
    try:
        value = math.exp(exponent) if base == math.e else float(base) ** float(exponent)  # whole ones have no end
    except (OverflowError, ZeroDivisionError, ValueError):
        value = math.inf
    if isinstance(value, complex) or not math.isfinite(value) or value <= 0:
        raise Untranslatable(f"{base:g} to the power of {exponent:g} is not a usable number.")
    return float(f"{value:.12g}")


def integers(translation: Translation) -> Translation:
    """The same parameter for a hyperparameter that is a whole number; unchanged when it does not fit."""
    definition = translation.definition
    try:
        match definition["type"]:
            case "choice":
                values = [
                    as_whole(value, "value") if isinstance(value, float) else value for value in definition["values"]
                ]
                return Translation(definition | {"values": values}, translation.losses)
            case "constant" if isinstance(definition["value"], float):
                return Translation(definition | {"value": as_whole(definition["value"], "value")}, translation.losses)
            case "quniform" | "qloguniform" as type_:
                found = _whole_steps(type_, *(as_whole(definition[name], name) for name in ("min", "max", "q")))
                return Translation(found.definition, [*translation.losses, *found.losses])
    except Untranslatable:
        pass
    return translation


def _whole_steps(type_: str, low: int, high: int, step: int) -> Translation:
    if type_ == "qloguniform" and step == 1:
        return log_whole(low, high)
    translation = whole(low, high, step)
    if type_ == "qloguniform":
        translation.losses.append("Whole numbers have steps or a logarithmic scale here, not both: the scale is lost.")
    return translation


def _range(type_: str, low: float, high: float) -> Translation:
    if low > high:
        raise Untranslatable(f"The lower bound {low:g} is above the upper bound {high:g}.")
    if low == high:
        return Translation({"type": "constant", "value": low}, summary="Both bounds are equal: becomes constant.")
    return Translation({"type": type_, "min": low, "max": high})


def _around(mean: float, std: float, width: int) -> tuple[float, float]:
    if std <= 0:
        raise Untranslatable("The standard deviation must be greater than 0.")
    low, high = (float(f"{mean + side * width * std:.12g}") for side in (-1, 1))
    if not math.isfinite(low) or not math.isfinite(high):
        raise Untranslatable("The standard deviation is too large.")
    return low, high
