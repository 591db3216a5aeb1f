"""Definitions of parameters built from the numbers of other tools, each with what the translation loses."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tuning.domain.importers.field_reader import Untranslatable, as_whole
from tuning.domain.space.distributions.choices import MAX_CHOICES
from tunix.validation.values import key_of, scalar_fault

BELL_WIDTH = 3
"""Standard deviations on either side of the mean where a bell without bounds is cut off: 99.7% lie between."""
FLAT_WIDTH = 2
"""The same where a bell is replaced by a range whose values are equally likely: 95% lie between."""
HALF = Decimal("0.5")
ROUNDED = "In the source, rounding makes the first and the last value less likely; here they are not."


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


def steps(low: float, high: float, step: float, *, log: bool = False) -> Translation:
    """`low`, `low + step` and so on up to `high`: each equally likely, or each order of magnitude."""
    if step <= 0:
        raise Untranslatable("The step must be greater than 0.")
    if log and low <= 0:
        raise Untranslatable("A logarithmic scale needs bounds above 0.")
    translation = _range("qloguniform" if log else "quniform", float(low), float(high))
    if translation.definition["type"] != "constant":
        if _exact(step) > _exact(high) - _exact(low):
            return constant(float(low))
        translation.definition["q"] = float(step)
    return translation


def arange_length(start: float, stop: float, step: float) -> int:
    """How many values `numpy.arange` gives: a rounding error may let it reach `stop`, which it should not."""
    length = (stop - start) / step
    if not math.isfinite(length):
        raise Untranslatable("The grid has too many points.")
    return max(math.ceil(length), 0)


def grid(first: float, step: float, count: int) -> Translation:
    """`count` points of the source's grid, `step` apart."""
    if count < 1:
        raise Untranslatable("The grid has no point.")
    last = float(_exact(first) + (count - 1) * _exact(step))
    translation = steps(first, last, step)
    translation.summary = f"{translation.in_words[:-1]} of the {count:,} points of its grid, {first:g} to {last:g}."
    return translation


def multiples(low: float, high: float, step: float, *, log: bool = False) -> Translation:
    """What `round(x / step) * step` gives of x between the bounds: multiples of the step.

    Rounding makes the first and the last half as likely as the others, which is lost. Where it leads beyond a bound,
    the value is left out.
    """
    first, last = _multiples_between(low, high, step, log=log)
    if first > last:
        raise Untranslatable(f"No multiple of {step:g} lies between {low:g} and {high:g}.")
    translation = steps(float(first), float(last), float(step), log=log)
    losses = [] if first == last else [ROUNDED]
    if (float(first), float(last)) != (low, high):
        losses.append(f"Multiples of {step:g} between the bounds run from {float(first):g} to {float(last):g}.")
    return Translation(translation.definition, losses)


def clipped_multiples(low: float, high: float, step: float, *, log: bool = False) -> Translation:
    """The same where a value that rounds beyond a bound becomes the bound, as in NNI."""
    first, last = _multiples_between(low, high, step, log=log)
    if low == high:
        return constant(low)
    ends = [end for end, is_reached in zip((low, high), _reached(low, high, step), strict=True) if is_reached]
    exact = _exact(step)
    between = max(int((last - first) / exact) + 1, 0)
    if not ends:
        return multiples(low, high, step, log=log)
    words = " and ".join(f"{end:g}" for end in ends)
    if between + len(ends) > MAX_CHOICES:
        found = multiples(low, high, step, log=log)
        return Translation(found.definition, [*found.losses, f"Left out: {words}, to which the source clips."])
    values = sorted({*ends, *(float(first + index * exact) for index in range(between))})
    found = choice(values, ["In the source, the values are not equally likely; here they are."])
    found.losses.append(f"The values are the multiples of {step:g}, and {words}, to which the source clips.")
    return found


def _reached(low: float, high: float, step: float) -> Iterator[bool]:
    """Whether values just above `low` are rounded down, and values just below `high` up: beyond the bound."""
    for bound, is_low in ((low, True), (high, False)):
        steps_to = _exact(bound) / _exact(step)
        fraction = steps_to - steps_to.to_integral_value("ROUND_FLOOR")
        yield 0 < fraction < HALF if is_low else fraction > HALF


def _multiples_between(low: float, high: float, step: float, *, log: bool) -> tuple[Decimal, Decimal]:
    if step <= 0:
        raise Untranslatable("The step must be greater than 0.")
    if log and low <= 0:
        raise Untranslatable("A logarithmic scale needs bounds above 0.")
    if low > high:
        raise Untranslatable(f"The lower bound {low:g} is above the upper bound {high:g}.")
    exact = _exact(step)
    first, last = (_exact(bound) / exact for bound in (low, high))
    return first.to_integral_value("ROUND_CEILING") * exact, last.to_integral_value("ROUND_FLOOR") * exact


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


def of_exponents(translation: Translation, words: str, mistaken: str) -> Translation:
    """Says of bounds that were exponents what they became: they are often written as values by mistake.

    `words` say what the exponents are, `mistaken` what to do if they were meant as values; empty if hardly so.
    """
    first, last = translation.definition.get("min"), translation.definition.get("max")
    if first is None or last is None:
        return translation
    text = f"{words}: the values are from {first:.6g} to {last:.6g}.{mistaken and ' '}{mistaken}"
    if not translation.losses:
        translation.summary = f"{translation.in_words} {text}"
    elif mistaken:
        translation.losses.append(text)
    return translation


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
                whole_value = as_whole(definition["value"], "value")
                return Translation(definition | {"value": whole_value}, translation.losses, translation.summary)
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


def _exact(number: float) -> Decimal:
    """As it is written: 0.1 is a tenth."""
    return Decimal(repr(float(number)))


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
