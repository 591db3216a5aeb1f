"""Ax's parameters: those of `create_experiment`, and range and choice configurations, as JSON or Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuning.domain.importers import kinds
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.kinds import Kind
from tuning.domain.importers.spec import Refused, Spec

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
        draft.parameter(name, f"{path}[{index}]", item, _kind, when=conditions.get(name), source=words)
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
                draft.note(f"{path}[{index}]", below, "refused", f"Depends on {text}, which is none of the values.")
    return found


def _values(item: Mapping[str, Any]) -> list[Any]:
    values = item.get("values")
    return values if isinstance(values, list) else []


def _kind(spec: Spec) -> Kind:
    for key in ("name", "type", "parameter_type", "value_type", "is_ordered", "sort_values", *DEPENDENTS):
        spec.get(key)
    if spec.get("type") == "fixed":
        return kinds.constant(spec.get("value"))
    if "bounds" in spec:
        return _range(spec)
    return kinds.choice(spec.items("values"))


def _range(spec: Spec) -> Kind:
    bounds = spec.items("bounds")
    if len(bounds) != 2:
        raise Refused("bounds must be two numbers.")
    ends = Spec({"lower": bounds[0], "upper": bounds[1]})
    is_log = spec.get("scaling") == "log" or spec.get("log_scale") is True
    if _is_whole(spec, bounds):
        low, high = ends.whole("lower"), ends.whole("upper")
        return kinds.log_whole(low, high) if is_log else kinds.whole(low, high, spec.whole("step_size", 1))
    reals = ends.number("lower"), ends.number("upper")
    if "step_size" in spec:
        return kinds.steps(*reals, spec.number("step_size"))
    return kinds.loguniform(*reals) if is_log else kinds.uniform(*reals)


def _is_whole(spec: Spec, bounds: list[Any]) -> bool:
    """Where no type is given Ax goes by the bounds."""
    named = spec.get("parameter_type") or spec.get("value_type")
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
