"""Optuna's distributions, by name, as `distribution_to_json` writes them; and studies as JSON that hold them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.reading import checked
from tuning.domain.importers.translations import Translation
from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, InvalidSearchSpace, SearchSpace


def looks_like(data: Any) -> bool:
    """Distributions, or a study with them."""
    return bool(_distributions(data)) or _own_space(data) is not None


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """A study exported by this service contains its search space; of other studies the distributions are read."""
    own = _own_space(data)
    if own is not None:
        draft_of_ours(own, draft, "user_attrs.search_space_json")
    else:
        for path, name, item in _distributions(data):
            draft.parameter(name, path, item, _translated, source=item)
    _directions(data, draft)


def draft_of_ours(space: SearchSpace, draft: Draft, path: str) -> None:
    """A space in our own words needs no translation."""
    for name, definition in space.to_json().items():
        when = definition.pop("when", {})
        draft.parameter(name, f"{path}.{name}", definition, _as_it_is, when=when)
    for text in space.constraints_json():
        draft.constraints.append((path, text))


def _as_it_is(reader: FieldReader) -> Translation:
    return Translation({key: reader.get(key) for key in reader.data}, summary="No translation needed.")


def _directions(data: Mapping[str, Any], draft: Draft) -> None:
    directions = data.get("directions") or data.get("direction")
    directions = [directions] if isinstance(directions, str) else directions
    if not isinstance(directions, Sequence) or not directions:
        return
    names = data.get("metric_names")
    known = names if isinstance(names, Sequence) and not isinstance(names, str) else []
    for index, direction in enumerate(directions):
        name = known[index] if index < len(known) else None
        draft.objective(f"directions[{index}]", direction, name, direction)


def _own_space(data: Any) -> SearchSpace | None:
    attributes = data.get("user_attrs") if isinstance(data, Mapping) else None
    if not isinstance(attributes, Mapping) or not attributes.get(SEARCH_SPACE_PATH):
        return None
    try:
        return SearchSpace.parse(attributes[SEARCH_SPACE_PATH], attributes.get(CONSTRAINTS_PATH))
    except InvalidSearchSpace:
        return None


def _distributions(data: Any) -> list[tuple[str, str, Any]]:
    """(path, name, distribution) of each parameter, wherever they are kept."""
    if not isinstance(data, Mapping):
        return []
    below = data.get("distributions")
    if isinstance(below, Mapping):
        return _named(below, "distributions.")
    trials = data.get("trials")
    if isinstance(trials, Sequence) and not isinstance(trials, str):
        found: dict[str, tuple[str, str, Any]] = {}
        for number, trial in enumerate(trials):
            inside = trial.get("distributions") if isinstance(trial, Mapping) else None
            for item in _named(inside, f"trials[{number}].distributions."):
                found.setdefault(item[1], item)
        return list(found.values())
    return _named(data, "")


def _named(data: Any, path: str) -> list[tuple[str, str, Any]]:
    items = data.items() if isinstance(data, Mapping) else ()
    found = [(f"{path}{name}", name, _unpacked(item)) for name, item in items]
    objects = [item for _, _, item in found if isinstance(item, Mapping)]
    are_distributions = any(str(item.get("name")).endswith("Distribution") and "attributes" in item for item in objects)
    return found if are_distributions else []


def _unpacked(item: Any) -> Any:
    """`distribution_to_json` gives text, which is often stored as it is."""
    if isinstance(item, str) and item.startswith("{") and len(item) < 100_000:
        try:
            return checked(json.loads(item))
        except (ValueError, RecursionError):  # an InvalidImport is a ValueError, too
            return item
    return item


def _translated(reader: FieldReader) -> Translation:
    read = DISTRIBUTIONS.get(str(reader.get("name")))
    if read is None:
        raise Untranslatable(f"There is no distribution {reader.get('name')}.")
    return read(FieldReader(reader.get("attributes")))


def _float(reader: FieldReader) -> Translation:
    low, high = reader.number("low"), reader.number("high")
    if "step" in reader:
        return translations.steps(low, high, reader.number("step"))
    return translations.loguniform(low, high) if reader.get("log") is True else translations.uniform(low, high)


def _int(reader: FieldReader) -> Translation:
    low, high = reader.whole("low"), reader.whole("high")
    return (
        translations.log_whole(low, high)
        if reader.get("log") is True
        else translations.whole(low, high, reader.whole("step", 1))
    )


def _bounds(reader: FieldReader) -> tuple[float, float]:
    return reader.number("low"), reader.number("high")


DISTRIBUTIONS: dict[str, Callable[[FieldReader], Translation]] = {
    "FloatDistribution": _float,
    "IntDistribution": _int,
    "CategoricalDistribution": lambda reader: translations.choice(reader.items("choices")),
    "UniformDistribution": lambda reader: translations.uniform(*_bounds(reader)),
    "LogUniformDistribution": lambda reader: translations.loguniform(*_bounds(reader)),
    "DiscreteUniformDistribution": lambda reader: translations.steps(*_bounds(reader), reader.number("q")),
    "IntUniformDistribution": _int,
    "IntLogUniformDistribution": lambda reader: translations.log_whole(reader.whole("low"), reader.whole("high")),
}
