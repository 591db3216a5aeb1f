"""Plain lists of values by name, as of scikit-learn and axolotl, and scipy's distributions beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.python.text import PythonCall, by_name
from tuning.domain.importers.synonyms import meant_parameter
from tuning.domain.importers.translations import Translation
from tuning.domain.sampling.algorithm import ALGORITHM_PATH

TOGETHER = "_"
"""Axolotl's name for values of several parameters that belong together."""
MODULES = ("scipy.stats.", "sklearn.utils.fixes.")
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "uniform": ("loc", "scale"),
    "loguniform": ("a", "b", "loc", "scale"),
    "reciprocal": ("a", "b", "loc", "scale"),
    "randint": ("low", "high", "loc"),
    "norm": ("loc", "scale"),
}


def looks_like(data: Any) -> bool:
    """Every member is a list of values or a distribution of scipy's, and one of them has a name that is known here."""
    if not isinstance(data, Mapping) or not any(meant_parameter(name)[0] for name in data):
        return False
    members = [item for name, item in data.items() if name != TOGETHER]
    return all(_is_member(item) for item in members) and any(not _is_unread(item) for item in members)


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """Every list is a choice; where there is nothing else, every combination is tried."""
    for name, item in data.items():
        if name == TOGETHER:
            message = "Values of several parameters that belong together cannot be kept together here."
            draft.note(name, item, "refused", message)
        elif isinstance(item, PythonCall):
            draft.parameter(name, name, item, _distribution)
        else:
            draft.parameter(name, name, {"values": item}, _choice, source=item)
    is_grid = not any(isinstance(item, PythonCall) for item in data.values())
    draft.job[ALGORITHM_PATH] = {"name": "grid" if is_grid else "random"}
    message = (
        "Lists alone: every combination is tried, by the sampler grid." if is_grid else "The sampler becomes random."
    )
    draft.note("definition", ", ".join(data), "translated", message, part=ALGORITHM_PATH)


def _is_member(item: Any) -> bool:
    if isinstance(item, PythonCall):
        return True
    return isinstance(item, list) and bool(item) and not any(_is_container(value) for value in item)


def _is_container(value: Any) -> bool:
    return isinstance(value, list | Mapping) and not isinstance(value, PythonCall)


def _is_unread(item: Any) -> bool:
    return isinstance(item, PythonCall) and not _scipy(item)


def _scipy(call: PythonCall) -> str:
    """The distribution of scipy's that a call makes; empty for any other call."""
    name = call.function.rpartition(".")[2]
    return name if call.function.startswith(MODULES) and name in ARGUMENTS and name in call else ""


def _choice(reader: FieldReader) -> Translation:
    return translations.choice(reader.items("values"))


def _distribution(reader: FieldReader) -> Translation:
    call = reader.data
    name = _scipy(call) if isinstance(call, PythonCall) else ""
    if not name:
        return translations.constant(FieldReader({"value": call}).get("value"))  # which says why it is not read
    arguments = FieldReader(by_name(ARGUMENTS[name], reader.get(name)))
    translation = DISTRIBUTIONS[name](arguments)
    if arguments.left_over():
        raise Untranslatable(f"{name} is moved or stretched by {', '.join(arguments.left_over())}.")
    return translation


def _uniform(reader: FieldReader) -> Translation:
    low, width = reader.number("loc", 0), reader.number("scale", 1)
    high = float(Decimal(repr(float(low))) + Decimal(repr(float(width))))
    translation = translations.uniform(low, high)
    translation.summary = f"Becomes {translation.definition['type']}, from loc {low:g} to loc + scale, {high:g}."
    return translation


def _whole(reader: FieldReader) -> Translation:
    translation = translations.whole(reader.whole("low"), reader.whole("high") - 1)
    translation.summary = f"{translation.in_words[:-1]}; the upper bound is exclusive in the source and inclusive here."
    return translation


def _log(reader: FieldReader) -> Translation:
    return translations.loguniform(reader.number("a"), reader.number("b"))


DISTRIBUTIONS: dict[str, Callable[[FieldReader], Translation]] = {
    "uniform": _uniform,
    "loguniform": _log,
    "reciprocal": _log,
    "randint": _whole,
    "norm": lambda reader: translations.bell(reader.number("loc", 0), reader.number("scale", 1)),
}
