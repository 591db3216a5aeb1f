"""Ray Tune's spaces: functions of `ray.tune` by name, as JSON or as Python source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.python.text import PythonCall
from tuning.domain.importers.translations import Translation
from tuning.domain.sampling.algorithm import ALGORITHM_PATH

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
ROUNDED = (
    "Older versions of Ray draw the first and the last value less often than the others; here they are equally likely."
)


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
        draft.job[ALGORITHM_PATH] = {"name": "grid"}
        message = "Every parameter is a grid: the sampler becomes grid."
        draft.note("definition", "grid_search", "translated", message, part=ALGORITHM_PATH)
    elif grids:
        message = "Becomes choice: here a grid covers all parameters or none."
        draft.note("definition", "grid_search", "lossy", message)


def _members(data: Mapping[str, Any], draft: Draft, prefix: str) -> None:
    for name, item in data.items():
        full = f"{prefix}{name}"
        if _call(item) is not None:
            draft.parameter(full, full, item, _translated)
        elif isinstance(item, Mapping) and not isinstance(item, PythonCall):
            _members(item, draft, f"{full}.")
        else:
            draft.parameter(full, full, {"value": item}, _fixed, source=item)


def _leaves(data: Any) -> list[Any]:
    if not isinstance(data, Mapping) or _call(data) is not None:
        return [data]
    return [leaf for item in data.values() for leaf in _leaves(item)]


def _call(item: Any) -> str | None:
    """Ray's function that an object names as its only member: `tune.uniform`; outside of Python also `uniform`."""
    if not isinstance(item, Mapping) or len(item) != 1:
        return None
    is_call = isinstance(item, PythonCall)
    key = item.function if isinstance(item, PythonCall) else next(iter(item))
    module, _, name = key.rpartition(".") if isinstance(key, str) else ("", "", "")
    is_rays = module.startswith("ray.") if is_call else module in ("", "tune", "ray.tune")
    return name if is_rays and name in ARGUMENTS else None


def _fixed(reader: FieldReader) -> Translation:
    return translations.constant(reader.get("value"))


def _translated(reader: FieldReader) -> Translation:
    (key,) = reader.data
    name = key.rpartition(".")[2]
    if name == "sample_from":
        raise Untranslatable("sample_from computes its values by a function, and no code is run here.")
    return FUNCTIONS[name](FieldReader(_named(name, reader.get(key))))


def _named(name: str, given: Any) -> dict[str, Any]:
    """Arguments by name."""
    known = ARGUMENTS[name]
    if isinstance(given, Mapping):
        positional, named = given.get("", []), {key: value for key, value in given.items() if key}
    else:
        positional, named = given, {}
    if not isinstance(positional, list):
        raise Untranslatable(f"The arguments of {name} must be a list.")
    if name in LISTS and not named and not (len(positional) == 1 and isinstance(positional[0], list)):
        positional = [positional]  # in JSON the values are often not in a list of arguments
    if len(positional) > len(known) or set(named) - set(known):
        raise Untranslatable(f"{name} takes the arguments {', '.join(known)}.")
    return dict(zip(known, positional, strict=False)) | named


def _bounds(reader: FieldReader) -> tuple[float, float]:
    return reader.number("lower"), reader.number("upper")


def _below(reader: FieldReader) -> tuple[int, int]:
    """Whole bounds of which the upper one is excluded."""
    return reader.whole("lower"), reader.whole("upper") - 1


def _exclusive(translation: Translation) -> Translation:
    translation.summary = f"{translation.in_words[:-1]}; the upper bound is exclusive in the source and inclusive here."
    return translation


def _whole_steps(reader: FieldReader, *, log: bool = False) -> Translation:
    """Multiples of q, bounds included; but q 1 is as if there were no q, and the upper bound is excluded again."""
    step = reader.whole("q", 1)
    if step == 1:
        return _exclusive((translations.log_whole if log else translations.whole)(*_below(reader)))
    found = translations.integers(translations.multiples(*_bounds(reader), step, log=log))
    found.losses = [ROUNDED if loss == translations.ROUNDED else loss for loss in found.losses]
    return found


def _bell(reader: FieldReader) -> tuple[float, float]:
    return reader.number("mean", 0), reader.number("sd", 1)


FUNCTIONS: dict[str, Callable[[FieldReader], Translation]] = {
    "uniform": lambda reader: translations.uniform(*_bounds(reader)),
    "quniform": lambda reader: translations.multiples(*_bounds(reader), reader.number("q")),
    "loguniform": lambda reader: translations.loguniform(*_bounds(reader)),
    "qloguniform": lambda reader: translations.multiples(*_bounds(reader), reader.number("q"), log=True),
    "randn": lambda reader: translations.bell(*_bell(reader)),
    "qrandn": lambda reader: translations.flat_bell(*_bell(reader), reader.number("q")),
    "randint": lambda reader: _exclusive(translations.whole(*_below(reader))),
    "qrandint": _whole_steps,
    "lograndint": lambda reader: _exclusive(translations.log_whole(*_below(reader))),
    "qlograndint": lambda reader: _whole_steps(reader, log=True),
    "choice": lambda reader: translations.choice(reader.items("categories")),
    "grid_search": lambda reader: translations.choice(reader.items("values")),
}
