"""Ray Tune's spaces: functions of `ray.tune` by name, as JSON or as they stand in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tuning.domain.importers import kinds
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.kinds import Kind
from tuning.domain.importers.python_text import PythonCall
from tuning.domain.importers.spec import Refused, Spec

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "uniform": ("lower", "upper"),
    "quniform": ("lower", "upper", "q"),
    "loguniform": ("lower", "upper", "base"),
    "qloguniform": ("lower", "upper", "q", "base"),
    "randn": ("mean", "sd"),
    "qrandn": ("mean", "sd", "q"),
    "randint": ("lower", "upper"),
    "qrandint": ("lower", "upper", "q"),
    "lograndint": ("lower", "upper", "base"),
    "qlograndint": ("lower", "upper", "q", "base"),
    "choice": ("categories",),
    "grid_search": ("values",),
    "sample_from": ("func",),
}
LISTS = ("choice", "grid_search")


def looks_like(data: Any) -> bool:
    """Somewhere a function of Ray's is named."""
    if not isinstance(data, Mapping):
        return False
    return any(_call(item) is not None or looks_like(item) for item in data.values())


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """Every member is a parameter; objects without a function are nested configuration."""
    _members(data, draft, "")
    calls = [_call(item) for item in _leaves(data)]
    grids = sum(call == "grid_search" for call in calls)
    if grids and grids == sum(call is not None for call in calls):
        draft.job["algorithm_json"] = {"name": "grid"}
        draft.note("definition", "grid_search", "translated", "Everything is a grid: the sampler becomes grid.")
    elif grids:
        message = "Becomes choice: here a grid takes in all parameters or none."
        draft.note("definition", "grid_search", "lossy", message)


def _members(data: Mapping[str, Any], draft: Draft, prefix: str) -> None:
    for name, item in data.items():
        full = f"{prefix}{name}"
        if _call(item) is not None:
            draft.parameter(full, full, item, _kind)
        elif isinstance(item, Mapping) and not isinstance(item, PythonCall):
            _members(item, draft, f"{full}.")
        else:
            draft.parameter(full, full, {"value": item}, _fixed, source=item)


def _leaves(data: Any) -> list[Any]:
    if not isinstance(data, Mapping) or _call(data) is not None:
        return [data]
    return [leaf for item in data.values() for leaf in _leaves(item)]


def _call(item: Any) -> str | None:
    """The function that an object names as its only member."""
    if not isinstance(item, Mapping) or len(item) != 1:
        return None
    key = next(iter(item))
    name = key.rpartition(".")[2] if isinstance(key, str) else ""
    return name if name in ARGUMENTS else None


def _fixed(spec: Spec) -> Kind:
    value = spec.get("value")
    if isinstance(value, Mapping):
        raise Refused("Is computed by Python, which is not run here.")
    return kinds.constant(value)


def _kind(spec: Spec) -> Kind:
    (key,) = spec.data
    name = key.rpartition(".")[2]
    if name == "sample_from":
        raise Refused("Is computed by a function of its own, which is not run here.")
    return FUNCTIONS[name](Spec(_named(name, spec.get(key))))


def _named(name: str, given: Any) -> dict[str, Any]:
    """Arguments by name."""
    known = ARGUMENTS[name]
    if isinstance(given, Mapping):
        positional, named = given.get("", []), {key: value for key, value in given.items() if key}
    else:
        positional, named = given, {}
    if not isinstance(positional, list):
        raise Refused(f"The arguments of {name} must be a list.")
    if name in LISTS and not named and not (len(positional) == 1 and isinstance(positional[0], list)):
        positional = [positional]  # in JSON the values often stand there by themselves
    if len(positional) > len(known) or set(named) - set(known):
        raise Refused(f"{name} takes {', '.join(known)}.")
    return dict(zip(known, positional, strict=False)) | named


def _bounds(spec: Spec) -> tuple[float, float]:
    return spec.number("lower"), spec.number("upper")


def _below(spec: Spec) -> tuple[int, int]:
    """Whole bounds of which the upper one is excluded."""
    return spec.whole("lower"), spec.whole("upper") - 1


def _said(kind: Kind) -> Kind:
    kind.said = f"{kind.in_words[:-1]}: the upper bound is excluded there and included here."
    return kind


def _bell(spec: Spec) -> tuple[float, float]:
    return spec.number("mean", 0), spec.number("sd", 1)


FUNCTIONS: dict[str, Callable[[Spec], Kind]] = {
    "uniform": lambda spec: kinds.uniform(*_bounds(spec)),
    "quniform": lambda spec: kinds.multiples(*_bounds(spec), spec.number("q")),
    "loguniform": lambda spec: kinds.loguniform(*_bounds(spec)),
    "qloguniform": lambda spec: kinds.multiples(*_bounds(spec), spec.number("q"), log=True),
    "randn": lambda spec: kinds.bell(*_bell(spec)),
    "qrandn": lambda spec: kinds.flat_bell(*_bell(spec), spec.number("q")),
    "randint": lambda spec: _said(kinds.whole(*_below(spec))),
    "qrandint": lambda spec: kinds.integers(kinds.multiples(*_bounds(spec), spec.whole("q", 1))),
    "lograndint": lambda spec: _said(kinds.log_whole(*_below(spec))),
    "qlograndint": lambda spec: kinds.integers(kinds.multiples(*_bounds(spec), spec.whole("q"), log=True)),
    "choice": lambda spec: kinds.choice(spec.items("categories")),
    "grid_search": lambda spec: kinds.choice(spec.items("values")),
}
