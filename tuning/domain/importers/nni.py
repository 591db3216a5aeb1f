"""NNI's search spaces, and the experiment around them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft, When
from tuning.domain.importers.field_reader import FieldReader, Untranslatable, as_number, as_whole
from tuning.domain.importers.translations import Translation
from tunix.validation.values import MAX_CHOICE_LENGTH

SIMILAR = "Both learn from earlier trials, with different models."
TUNERS = {
    "random": ("random", ""),
    "gridsearch": ("grid", ""),
    "tpe": ("tpe", ""),
    "smac": ("tpe", SIMILAR),
    "anneal": ("tpe", SIMILAR),
    "metis": ("tpe", SIMILAR),
    "gp": ("tpe", SIMILAR),
}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
COUNTS = {"max_trial_number": "num_samples", "trial_concurrency": "max_concurrent_trials"}
DURATIONS = {"max_experiment_duration": "max_seconds", "max_trial_duration": "max_trial_seconds"}
OLDER = {"max_trial_num": "max_trial_number", "max_exec_duration": "max_experiment_duration"}
"""Names of NNI before 2.0, each with today's."""
FILES = ("search_space_file", "search_space_path")
KNOWN = ("search_space", *COUNTS, *DURATIONS, "tuner", "assessor", "experiment_name")


def looks_like(data: Any) -> bool:
    """A parameter has `_type` and `_value`, or an experiment names the file with its search space."""
    space, _ = _space(data)
    return any(isinstance(item, Mapping) and "_type" in item for item in space.values()) or bool(_files(space))


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """The space with its nested choices; of an experiment also tuner, counts and durations."""
    space, path = _space(data)
    for key, file in _files(space).items():
        raise Untranslatable(f"Its search space is in another file, {file} ({key}): import that file.")
    for name, item in space.items():
        _parameter(name, item, draft, f"{path}{name}", {})
    if not path:
        return
    experiment = {OLDER.get(_snake(key), _snake(key)): value for key, value in data.items()}
    spelled = {OLDER.get(_snake(key), _snake(key)): key for key in data}
    _tuner(draft.section(experiment, "tuner"), draft)
    for key, name in (*COUNTS.items(), *DURATIONS.items()):
        written = experiment.get(key)
        amount = _seconds(written) if key in DURATIONS else written
        draft.number_of_job(name, spelled.get(key, key), amount, source=written)
    assessor = draft.section(experiment, "assessor")
    is_median = str(_name_of(assessor, "Assessor")).lower() == "medianstop"
    draft.stopping("assessor", assessor, "median" if is_median else None)
    draft.rest(data, [key for name, key in spelled.items() if name in KNOWN])


def _files(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an experiment that name its search space, with the file."""
    return {key: value for key, value in data.items() if _snake(key) in FILES and isinstance(value, str)}


def _tuner(tuner: Mapping[str, Any], draft: Draft) -> None:
    draft.algorithm("tuner.name" if "name" in tuner else "tuner.builtinTunerName", _name_of(tuner, "Tuner"), TUNERS)
    arguments = draft.section(tuner, "classArgs", "tuner.classArgs")
    message = "Dropped: NNI does not name its metric. Choose metric_name and metric_mode yourself."
    draft.left_out("tuner.classArgs.optimize_mode", arguments.get("optimize_mode"), message)
    options = [key for key in arguments if key != "optimize_mode"]
    draft.left_out("tuner.classArgs", ", ".join(options), "Dropped: options differ between tools.")
    draft.rest(tuner, ("name", "builtinTunerName", "classArgs"), "tuner")


def _name_of(algorithm: Mapping[str, Any], kind: str) -> Any:
    return algorithm.get("name", algorithm.get(f"builtin{kind}Name"))


def _space(data: Any) -> tuple[Mapping[str, Any], str]:
    if not isinstance(data, Mapping):
        return {}, ""
    for key in ("searchSpace", "search_space"):
        if isinstance(data.get(key), Mapping):
            return data[key], f"{key}."
    return data, ""


def _snake(key: str) -> str:
    """NNI's own files say maxTrialNumber, its Python max_trial_number."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", key).lower()


def _seconds(value: Any) -> Any:
    """`2h` or `1.5h` in seconds, rounded up as NNI does; numbers are seconds already."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd])", value.strip().lower()) if isinstance(value, str) else None
    return math.ceil(float(found[1]) * SECONDS[found[2]]) if found else value


def _parameter(name: str, item: Any, draft: Draft, path: str, when: When) -> None:
    branches = _branches(item)
    if branches is None:
        draft.parameter(name, path, item, _translated, when=when)
        return
    plain = {"_type": "choice", "_value": [branch["_name"] for branch in branches]}
    if draft.parameter(name, path, plain, _translated, when=when, source=item) is None:
        return
    for index, branch in enumerate(branches):
        for key, below in branch.items():
            if key != "_name":
                where = f"{path}._value[{index}].{key}"
                _parameter(f"{name}.{key}", below, draft, where, when | {name: [branch["_name"]]})


def _branches(item: Any) -> list[Mapping[str, Any]] | None:
    """The options of a choice whose options have parameters of their own; None for other parameters."""
    values = item.get("_value") if isinstance(item, Mapping) and item.get("_type") == "choice" else None
    if not isinstance(values, list) or not values or not all(isinstance(value, Mapping) for value in values):
        return None
    names = [value.get("_name") for value in values]
    short = all(isinstance(name, str) and len(name) <= MAX_CHOICE_LENGTH for name in names)
    return values if short and len(set(names)) == len(names) else None


def _translated(reader: FieldReader) -> Translation:
    name, values = reader.get("_type"), reader.items("_value")
    read = TYPES.get(name) if isinstance(name, str) else None
    if read is None:
        raise Untranslatable(f"There is no _type {name}.")
    if name == "choice":
        return translations.choice(values)
    count = NUMBERS[str(name)]
    if len(values) != count:
        raise Untranslatable(f"{name} takes {count} numbers.")
    return read(*(as_number(value, "_value") for value in values))


def _below(low: float, high: float) -> Translation:
    translation = translations.whole(as_whole(low, "_value"), as_whole(high, "_value") - 1)
    translation.summary = f"{translation.in_words[:-1]}; the upper bound is exclusive in the source and inclusive here."
    return translation


TYPES: dict[str, Callable[..., Translation]] = {
    "choice": translations.choice,
    "randint": _below,
    "uniform": translations.uniform,
    "quniform": translations.clipped_multiples,
    "loguniform": translations.loguniform,
    "qloguniform": lambda low, high, q: translations.clipped_multiples(low, high, q, log=True),
    "normal": translations.bell,
    "qnormal": translations.flat_bell,
    "lognormal": translations.log_bell,
    "qlognormal": translations.log_bell,
}
NUMBERS = {name: 3 if name.startswith("q") else 2 for name in TYPES}
