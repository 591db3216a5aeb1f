"""Determined's `hyperparameters`, and the searcher beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.translations import Translation, exponential

TYPES = ("categorical", "int", "double", "log", "const")
STOPS = "It also stops trials early, with asha."
SEARCHERS = {
    "random": ("random", ""),
    "grid": ("grid", ""),
    "adaptive_asha": ("random", STOPS),
    "async_halving": ("random", STOPS),
    "asha": ("random", STOPS),
}
MAX_POINTS = 1000


def looks_like(data: Any) -> bool:
    """`hyperparameters`, or a space with `minval` or `vals`."""
    if not isinstance(data, Mapping):
        return False
    inner = data.get("hyperparameters")
    return _has_type(inner) or (isinstance(inner, Mapping) and "searcher" in data) or _has_type(data)


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """Hyperparameters at any depth, searcher."""
    inner = data.get("hyperparameters")
    searcher = draft.section(data, "searcher")
    is_grid = searcher.get("name") == "grid"
    if not isinstance(inner, Mapping):
        _members(data, draft, "", "", is_grid)
        return
    _members(inner, draft, "hyperparameters.", "", is_grid)
    draft.algorithm("searcher.name", searcher.get("name"), SEARCHERS)
    if SEARCHERS.get(str(searcher.get("name")), ("", ""))[1] == STOPS:
        draft.stopping("searcher.name", searcher.get("name"), "asha")
    if "metric" in searcher:
        goal = "minimize" if searcher.get("smaller_is_better", True) is True else "maximize"
        draft.objective("searcher", searcher, searcher.get("metric"), goal)
    draft.number_of_job("num_samples", "searcher.max_trials", searcher.get("max_trials"))
    concurrent = searcher.get("max_concurrent_trials") or None  # 0 means without a limit
    draft.number_of_job("max_concurrent_trials", "searcher.max_concurrent_trials", concurrent)
    known = ("name", "metric", "smaller_is_better", "max_trials", "max_concurrent_trials")
    draft.rest(searcher, known, "searcher")
    draft.rest(data, ("hyperparameters", "searcher", "name", "description"))


def _has_type(data: Any) -> bool:
    if not isinstance(data, Mapping):
        return False
    return any(
        isinstance(item, Mapping)
        and ((item.get("type") in TYPES and {"minval", "vals", "val"} & set(item)) or _has_type(item))
        for item in data.values()
    )


def _members(data: Mapping[str, Any], draft: Draft, path: str, prefix: str, is_grid: bool) -> None:
    for name, item in data.items():
        full, where = f"{prefix}{name}", f"{path}{name}"
        if not isinstance(item, Mapping):
            draft.parameter(
                full, where, {"value": item}, lambda reader: translations.constant(reader.get("value")), source=item
            )
        elif item.get("type") in TYPES:
            draft.parameter(full, where, item, _on_grid if is_grid else _translated)
        else:
            _members(item, draft, f"{where}.", f"{full}.", is_grid)


def _translated(reader: FieldReader) -> Translation:
    reader.get("count")  # of a grid only
    match reader.get("type"):
        case "const":
            return translations.constant(reader.get("val"))
        case "categorical":
            return translations.choice(reader.items("vals"))
        case "int":
            return translations.whole(reader.whole("minval"), reader.whole("maxval"))
        case "double":
            return translations.uniform(reader.number("minval"), reader.number("maxval"))
    base = reader.number("base")
    low, high = reader.number("minval"), reader.number("maxval")
    ends = (exponential(bound, base) for bound in ((low, high) if base >= 1 else (high, low)))
    found = translations.loguniform(*ends)
    words = f"minval and maxval of log are exponents of {base:g}"
    mistaken = f"If {low:g} to {high:g} was meant, write their logarithms to that base." if low > 0 else ""
    return translations.of_exponents(found, f"In Determined, {words}", mistaken)


def _on_grid(reader: FieldReader) -> Translation:
    """A grid takes `count` points from a range, both ends included; a single one is its middle."""
    translation = _translated(reader)
    if "count" not in reader or "min" not in translation.definition:
        return translation
    count = reader.whole("count")
    low, high = reader.number("minval"), reader.number("maxval")
    if translation.definition["type"] == "int" and count > high - low:
        return translation
    if not 1 <= count <= MAX_POINTS:
        raise Untranslatable(f"count must be from 1 to {MAX_POINTS:,} here.")
    points = [low + (high - low) * index / (count - 1) for index in range(count)] if count > 1 else [(low + high) / 2]
    found = translations.choice([_point(reader, point) for point in points])
    found.summary = f"Becomes {found.definition['type']} of {_counted(count)} of its grid."
    return found


def _counted(count: int) -> str:
    return "the only point, the middle," if count == 1 else f"the {count} points"


def _point(reader: FieldReader, point: float) -> float:
    if reader.get("type") == "log":
        return exponential(point, reader.number("base"))
    return _rounded(point) if reader.get("type") == "int" else float(f"{point:.12g}")


def _rounded(point: float) -> int:
    """Go rounds halves away from zero, Python to the even neighbor."""
    return int(math.copysign(math.floor(abs(point) + 0.5), point))
