"""Ax's parameters: those of `create_experiment`, and range and choice configurations, as JSON or Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.translations import Translation

CALLS = ("RangeParameterConfig", "ChoiceParameterConfig")
DEPENDENTS = ("dependents", "dependent_parameters")


def looks_like(data: Any) -> bool:
    """A list of parameters with `bounds`, or with `values` and a name."""
    return any(isinstance(item, Mapping) and _is_parameter(item) for item in _listed(data))


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
    return [_plain(item) for item in _as_written(data)]


def _as_written(data: Any) -> list[Any]:
    listed = data.get("parameters") if isinstance(data, Mapping) else data
    return listed if isinstance(listed, list) else []


def _plain(item: Any) -> Any:
    """A call in Python is its arguments."""
    if isinstance(item, Mapping) and len(item) == 1 and next(iter(item)) in CALLS:
        return next(iter(item.values()))
    return item


def _is_parameter(item: Mapping[str, Any]) -> bool:
    return "name" in item and ("bounds" in item or item.get("type") in ("choice", "fixed") or "parameter_type" in item)


def _conditions(listed: list[Any], draft: Draft, path: str) -> dict[str, dict[str, list[Any]]]:
    """Parameter -> the parameter that it depends on, and the values under which it exists."""
    found: dict[str, dict[str, list[Any]]] = {}
    for index, item in enumerate(listed):
        below = next((item[key] for key in DEPENDENTS if item.get(key)), None) if isinstance(item, Mapping) else None
        if not isinstance(below, Mapping):
            continue
        values = {str(value): value for value in reversed(_values(item))}
        for text, names in below.items():
            value = values.get(text)
            for name in names if isinstance(names, list) and value is not None else []:
                found.setdefault(str(name), {}).setdefault(str(item.get("name")), []).append(value)
            if value is None:
                draft.note(f"{path}[{index}]", below, "refused", f"Depends on {text}, which is not one of the values.")
    return found


def _values(item: Mapping[str, Any]) -> list[Any]:
    values = item.get("values")
    return values if isinstance(values, list) else []


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
    if _is_whole(reader, bounds):
        low, high = ends.whole("lower"), ends.whole("upper")
        return (
            translations.log_whole(low, high) if is_log else translations.whole(low, high, reader.whole("step_size", 1))
        )
    reals = ends.number("lower"), ends.number("upper")
    if "step_size" in reader:
        return translations.steps(*reals, reader.number("step_size"))
    return translations.loguniform(*reals) if is_log else translations.uniform(*reals)


def _is_whole(reader: FieldReader, bounds: list[Any]) -> bool:
    """Where no type is given Ax goes by the bounds."""
    named = reader.get("parameter_type") or reader.get("value_type")
    return named == "int" if named else all(isinstance(bound, int) for bound in bounds)


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
