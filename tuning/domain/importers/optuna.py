"""Optuna's distributions as `json_to_distribution` takes them, studies that hold them, and `trial.suggest_*`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.python.suggest import Suggest, Suggests
from tuning.domain.importers.python.text import PythonCall, PythonDict, by_name
from tuning.domain.importers.reading import checked
from tuning.domain.importers.report import InvalidImport
from tuning.domain.importers.translations import Translation
from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, InvalidSearchSpace, SearchSpace
from tunix.validation.json_text import InvalidJson, parse_json

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "FloatDistribution": ("low", "high", "log", "step"),
    "IntDistribution": ("low", "high", "log", "step"),
    "CategoricalDistribution": ("choices",),
    "UniformDistribution": ("low", "high"),
    "LogUniformDistribution": ("low", "high"),
    "DiscreteUniformDistribution": ("low", "high", "q"),
    "IntUniformDistribution": ("low", "high", "step"),
    "IntLogUniformDistribution": ("low", "high", "step"),
}
"""In the order in which Python takes them."""
SHORT = {"float": "FloatDistribution", "int": "IntDistribution", "categorical": "CategoricalDistribution"}
SUGGESTED = {
    "suggest_float": "FloatDistribution",
    "suggest_int": "IntDistribution",
    "suggest_categorical": "CategoricalDistribution",
    "suggest_uniform": "UniformDistribution",
    "suggest_loguniform": "LogUniformDistribution",
    "suggest_discrete_uniform": "DiscreteUniformDistribution",
}
MAX_PACKED = 100_000


def looks_like(data: Any) -> bool:
    """Distributions, a study with them, or a function that suggests values."""
    return isinstance(data, Suggests) or bool(_distributions(data)) or _own_space(data) is not None


def translate(data: Any, draft: Draft) -> None:
    """A study exported by this service contains its search space; of other studies the distributions are read."""
    if isinstance(data, Suggests):
        for call in data:
            _suggested(call, draft)
        return
    own = _own_space(data)
    if own is not None:
        draft_of_ours(own, draft, "user_attrs.search_space_json")
    else:
        for path, name, item in _distributions(data):
            draft.parameter(name, path, item, _translated, source=item)
    _directions(data, draft)


def _suggested(call: Suggest, draft: Draft) -> None:
    if call.refusal:
        draft.note(call.parameter, call, "refused", call.refusal)
        return
    attributes = {key: value for key, value in call.arguments.items() if key != "name"}
    data = {"name": SUGGESTED[call.method], "attributes": attributes}
    draft.parameter(call.parameter, call.parameter, data, _translated, when=call.when, source=call)


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
    return found if any(_is_distribution(item) for _, _, item in found) else []


def _is_distribution(item: Any) -> bool:
    if not isinstance(item, Mapping):
        return False
    if "name" in item:
        return str(item["name"]).endswith("Distribution") and "attributes" in item
    return str(item.get("type")) in SHORT and ({"low", "high"} <= set(item) or "choices" in item)


def _unpacked(item: Any) -> Any:
    """`distribution_to_json` gives text, which is often stored as it is. In Python a distribution is a call."""
    if isinstance(item, PythonCall):
        name = item.function.rpartition(".")[2]
        if not item.function.startswith("optuna.") or name not in item or name not in ARGUMENTS:
            return item
        return PythonDict({"name": name, "attributes": by_name(ARGUMENTS[name], item[name])}, item.words)
    if isinstance(item, str) and item.startswith("{") and len(item) < MAX_PACKED:
        try:
            return checked(parse_json(item))
        except (InvalidJson, InvalidImport):
            return item
    return item


def _translated(reader: FieldReader) -> Translation:
    short = SHORT.get(str(reader.get("type"))) if "name" not in reader else None
    name = short or str(reader.get("name"))
    read = DISTRIBUTIONS.get(name)
    if read is None:
        raise Untranslatable(f"There is no distribution {name}.")
    if short:
        return read(reader)
    attributes = FieldReader(reader.get("attributes"))
    translation = read(attributes)
    for key in attributes.left_over():
        raise Untranslatable(f"{name} has no attribute {key}.")
    return translation


def _is_log(reader: FieldReader) -> bool:
    log = reader.get("log", False)
    if not isinstance(log, bool):
        raise Untranslatable("log: Must be true or false.")
    return log


def _float(reader: FieldReader) -> Translation:
    low, high, is_log = reader.number("low"), reader.number("high"), _is_log(reader)
    if "step" not in reader:
        reader.get("step")
        return translations.loguniform(low, high) if is_log else translations.uniform(low, high)
    if is_log:
        raise Untranslatable("Optuna takes either step or log, not both.")
    return translations.steps(low, high, reader.number("step"))


def _int(reader: FieldReader) -> Translation:
    low, high, step = reader.whole("low"), reader.whole("high"), reader.whole("step", 1)
    return translations.log_whole(low, high) if _is_log(reader) else translations.whole(low, high, step)


def _int_log(reader: FieldReader) -> Translation:
    reader.get("step")  # Optuna ignores it
    return translations.log_whole(reader.whole("low"), reader.whole("high"))


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
    "IntLogUniformDistribution": _int_log,
}
