"""Ax's parameters: those of `create_experiment`, and range and choice configurations, as JSON or Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.translations import Translation
from tuning.domain.space.distributions.faults import MAX_STEPS

CALLS = ("RangeParameterConfig", "ChoiceParameterConfig")
MAX_DIGITS = 15
DEPENDENTS = ("dependents", "dependent_parameters")


def looks_like(data: Any) -> bool:
    """A list of parameters with `bounds`, or with `values` and a name."""
    named = [item for item in _listed(data) if isinstance(item, Mapping) and "name" in item]
    return any(
        "bounds" in item or "parameter_type" in item or item.get("type") in ("choice", "fixed") for item in named
    )


def translate(data: Any, draft: Draft) -> None:
    """Parameters with those that depend on them, constraints, objective."""
    listed = _listed(data)
    path = "parameters" if isinstance(data, Mapping) else ""
    conditions = _conditions(listed, draft, path)
    for index, (item, words) in enumerate(zip(listed, _as_written(data), strict=True)):
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or not name:
            draft.note(f"{path}[{index}]", item, "refused", "Has no name.")
            continue
        draft.parameter(name, f"{path}[{index}]", item, _translated, when=conditions.get(name), source=words)
    if isinstance(data, Mapping):
        _experiment(data, draft)


def _listed(data: Any) -> list[Any]:
    """The parameters. A call in Python is its arguments."""
    found: list[Any] = []
    for item in _as_written(data):
        is_call = isinstance(item, Mapping) and len(item) == 1 and next(iter(item)) in CALLS
        found.append(next(iter(item.values())) if is_call else item)
    return found


def _as_written(data: Any) -> list[Any]:
    listed = data.get("parameters") if isinstance(data, Mapping) else data
    return listed if isinstance(listed, list) else []


def _conditions(listed: list[Any], draft: Draft, path: str) -> dict[str, dict[str, list[Any]]]:
    """Parameter -> the parameter that it depends on, and the values under which it exists."""
    found: dict[str, dict[str, list[Any]]] = {}
    for index, item in enumerate(listed):
        below = next((item[key] for key in DEPENDENTS if item.get(key)), None) if isinstance(item, Mapping) else None
        if not isinstance(below, Mapping):
            continue
        given = item.get("values")
        values = {str(value): value for value in reversed(given if isinstance(given, list) else [])}
        for text, names in below.items():
            value = values.get(text)
            for name in names if isinstance(names, list) and value is not None else []:
                found.setdefault(str(name), {}).setdefault(str(item.get("name")), []).append(value)
            if value is None:
                draft.note(f"{path}[{index}]", below, "refused", f"Depends on {text}, which is not one of the values.")
    return found


def _translated(reader: FieldReader) -> Translation:
    for key in ("name", "type", "parameter_type", "value_type", "is_ordered", "sort_values", *DEPENDENTS):
        reader.get(key)
    if reader.get("type") == "fixed":
        return translations.constant(reader.get("value"))
    if "bounds" in reader:
        return _range(reader)
    return translations.choice(reader.items("values"))


def _range(reader: FieldReader) -> Translation:
    bounds = reader.items("bounds")
    if len(bounds) != 2:
        raise Untranslatable("bounds must be two numbers.")
    ends = FieldReader({"lower": bounds[0], "upper": bounds[1]})
    is_log = reader.get("scaling") == "log" or reader.get("log_scale") is True
    # Where no type is given, Ax goes by the bounds.
    named = reader.get("parameter_type") or reader.get("value_type")
    is_whole = named == "int" if named else all(isinstance(bound, int) for bound in bounds)
    if is_whole:
        low, high = ends.whole("lower"), ends.whole("upper")
        return (
            translations.log_whole(low, high) if is_log else translations.whole(low, high, reader.whole("step_size", 1))
        )
    reals = ends.number("lower"), ends.number("upper")
    if "step_size" in reader:
        return translations.steps(*reals, reader.number("step_size"))
    unit = _unit(reader.data.get("digits"))
    if unit is not None and reals[1] - reals[0] <= MAX_STEPS * unit:
        reader.get("digits")
        return translations.multiples(*reals, unit, log=is_log)
    return translations.loguniform(*reals) if is_log else translations.uniform(*reals)


def _unit(digits: Any) -> float | None:
    """What values that are rounded to so many digits are multiples of."""
    is_number = isinstance(digits, int) and not isinstance(digits, bool) and abs(digits) <= MAX_DIGITS
    return float(f"1e{-digits}") if is_number else None


def _experiment(data: Mapping[str, Any], draft: Draft) -> None:
    constraints = data.get("parameter_constraints")
    for index, text in enumerate(constraints if isinstance(constraints, list) else []):
        draft.constraints.append((f"parameter_constraints[{index}]", text))
    _objective(data, draft)
    known = ("parameters", "parameter_constraints", "objective", "objectives", "name", "description")
    draft.rest(data, known)


def _objective(data: Mapping[str, Any], draft: Draft) -> None:
    text = data.get("objective")
    if isinstance(text, str):
        for part in (part.strip() for part in text.split(",")):
            draft.objective("objective", text, part.lstrip("-").strip(), "min" if part.startswith("-") else "max")
    for name, properties in draft.section(data, "objectives").items():
        least = isinstance(properties, Mapping) and properties.get("minimize") is True
        draft.objective(f"objectives.{name}", {name: properties}, name, "min" if least else "max")
        if isinstance(properties, Mapping):
            draft.rest(properties, ("minimize",), f"objectives.{name}")
