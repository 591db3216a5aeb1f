"""Our kinds of parameters, built from other tools' numbers, each with what was lost on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tuning.domain.importers.spec import Refused, as_whole
from tunix.validation.values import key_of, scalar_fault

BELL_WIDTH = 3
"""Standard deviations on either side of the mean where a bell without bounds is cut off: 99.7% lie between."""
FLAT_WIDTH = 2
"""The same where a bell is replaced by a range whose values are equally likely: 95% lie between."""


@dataclass
class Kind:
    """A definition in our words, and what it lost."""

    definition: dict[str, Any]
    losses: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def in_words(self) -> str:
        """What a parameter that lost nothing became."""
        return self.said or f"Becomes {self.definition['type']}."


def constant(value: Any) -> Kind:
    """Always `value`."""
    if fault := scalar_fault(value):
        raise Refused(f"The value cannot be used here: {fault}")
    return Kind({"type": "constant", "value": value})


def choice(values: Sequence[Any], losses: Sequence[str] = ()) -> Kind:
    """One of `values`; a value that stands there twice is twice as likely at its source."""
    for value in values:
        if fault := scalar_fault(value):
            raise Refused(f"A value cannot be used here: {fault}")
    once = list({key_of(value): value for value in reversed(values)}.values())[::-1]
    lost = list(losses)
    if len(once) < len(values):
        lost.append("Values that stand there more than once count once here.")
    found = constant(once[0]) if len(once) == 1 else Kind({"type": "choice", "values": once})
    return Kind(found.definition, lost)


def uniform(low: float, high: float) -> Kind:
    """Any number between, bounds included."""
    return _range("uniform", float(low), float(high))


def loguniform(low: float, high: float) -> Kind:
    """The same on a logarithmic scale, between real bounds."""
    if low <= 0:
        raise Refused("A logarithmic scale begins above 0.")
    return _range("loguniform", float(low), float(high))


def whole(low: int, high: int, step: int = 1) -> Kind:
    """A whole number, bounds included."""
    kind = _range("int", low, high)
    if step != 1 and kind.definition["type"] == "int":
        if step > high - low:
            return constant(low)
        kind.definition["step"] = step
    return kind


def log_whole(low: int, high: int) -> Kind:
    """A whole number on a logarithmic scale, bounds included."""
    if low < 1:
        raise Refused("A logarithmic scale of whole numbers begins at 1.")
    return _range("logint", low, high)


def steps(low: float, high: float, step: float) -> Kind:
    """`low`, `low + step` and so on up to `high`, each equally likely."""
    if step <= 0:
        raise Refused("The step must be greater than 0.")
    kind = _range("quniform", float(low), float(high))
    if kind.definition["type"] == "quniform":
        if step > high - low:
            return constant(float(low))
        kind.definition["q"] = float(step)
    return kind


def multiples(low: float, high: float, step: float, *, log: bool = False) -> Kind:
    """What `round(x / step) * step` gives of x between the bounds: multiples of the step.

    Rounding makes the first and the last half as likely as the others, which is lost.
    """
    if step <= 0:
        raise Refused("The step must be greater than 0.")
    exact = Decimal(repr(float(step)))
    first, last = (Decimal(repr(float(bound))) / exact for bound in (low, high))
    first, last = first.to_integral_value("ROUND_CEILING") * exact, last.to_integral_value("ROUND_FLOOR") * exact
    if first > last or (log and last <= 0):
        raise Refused(f"No multiple of {step:g} lies between {low:g} and {high:g}.")
    if log and first <= 0:
        first = exact
    losses = ["Rounding to steps makes the first and the last value less likely there; here all steps count alike."]
    if (float(first), float(last)) != (low, high):
        losses.append(f"Multiples of {step:g} between the bounds run from {float(first):g} to {float(last):g}.")
    kind = steps(float(first), float(last), float(step))
    if log and kind.definition["type"] == "quniform":
        kind.definition["type"] = "qloguniform"
    return Kind(kind.definition, losses)


def bell(mean: float, std: float) -> Kind:
    """A bell without bounds, cut off."""
    low, high = _around(mean, std, BELL_WIDTH)
    cut = f"Cut off at {BELL_WIDTH} standard deviations, {low:g} and {high:g}: a bell needs bounds here."
    return Kind({"type": "normal", "mean": float(mean), "std": float(std), "min": low, "max": high}, [cut])


def flat_bell(mean: float, std: float, step: float) -> Kind:
    """A bell in steps: the steps are kept, the bell is not."""
    low, high = _around(mean, std, FLAT_WIDTH)
    lost = f"The bell is lost: every step within {FLAT_WIDTH} standard deviations is as likely as the others."
    return Kind(multiples(low, high, step).definition, [lost])


def log_bell(mu: float, sigma: float, step: float | None = None) -> Kind:
    """A bell on a logarithmic scale, flattened; `mu` and `sigma` are of the natural logarithm."""
    low, high = (exponential(bound) for bound in _around(mu, sigma, FLAT_WIDTH))
    kind = loguniform(low, high) if step is None else multiples(low, high, step, log=True)
    lost = f"The bell is lost: every order of magnitude within {FLAT_WIDTH} standard deviations is as likely."
    return Kind(kind.definition, [lost])


def exponential(exponent: float, base: float = math.e) -> float:
    """A bound that was written as an exponent. Raises Refused where no number can hold it."""
    try:
        value = math.exp(exponent) if base == math.e else float(base) ** float(exponent)  # whole ones have no end
    except (OverflowError, ZeroDivisionError, ValueError):
        value = math.inf
    if isinstance(value, complex) or not math.isfinite(value) or value <= 0:
        raise Refused(f"{base:g} to the power of {exponent:g} is no number that can be used.")
    return float(f"{value:.12g}")


def integers(kind: Kind) -> Kind:
    """The same parameter for a hyperparameter that is a whole number; unchanged where it does not fit."""
    definition = kind.definition
    try:
        match definition["type"]:
            case "choice":
                values = [
                    as_whole(value, "value") if isinstance(value, float) else value for value in definition["values"]
                ]
                return Kind(definition | {"values": values}, kind.losses)
            case "constant" if isinstance(definition["value"], float):
                return Kind(definition | {"value": as_whole(definition["value"], "value")}, kind.losses)
            case "quniform" | "qloguniform" as type_:
                found = _whole_steps(type_, *(as_whole(definition[name], name) for name in ("min", "max", "q")))
                return Kind(found.definition, [*kind.losses, *found.losses])
    except Refused:
        pass
    return kind


def _whole_steps(type_: str, low: int, high: int, step: int) -> Kind:
    if type_ == "qloguniform" and step == 1:
        return log_whole(low, high)
    kind = whole(low, high, step)
    if type_ == "qloguniform":
        kind.losses.append("Whole numbers have steps or a logarithmic scale here, not both: the scale is lost.")
    return kind


def _range(type_: str, low: float, high: float) -> Kind:
    if low > high:
        raise Refused(f"The lower bound {low:g} is above the upper bound {high:g}.")
    if low == high:
        return Kind({"type": "constant", "value": low}, said="Both bounds are the same: becomes constant.")
    return Kind({"type": type_, "min": low, "max": high})


def _around(mean: float, std: float, width: int) -> tuple[float, float]:
    if std <= 0:
        raise Refused("The standard deviation must be greater than 0.")
    low, high = (float(f"{mean + side * width * std:.12g}") for side in (-1, 1))
    if not math.isfinite(low) or not math.isfinite(high):
        raise Refused("The standard deviation is too large.")
    return low, high
