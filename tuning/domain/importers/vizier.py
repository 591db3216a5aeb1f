"""Study specs of Vizier and Vertex AI: camelCase or snake_case, and whole numbers often as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft, When
from tuning.domain.importers.field_reader import FieldReader, Untranslatable, as_number
from tuning.domain.importers.translations import Translation

SIMILAR = "Both learn from earlier trials, with different models."
ALGORITHMS = {
    "random_search": ("random", ""),
    "grid_search": ("grid", ""),
    "quasi_random_search": ("sobol", ""),
    "nsga2": ("nsga2", ""),
    "cmaes": ("cmaes", ""),
    "algorithm_unspecified": ("tpe", SIMILAR),
    "default": ("tpe", SIMILAR),
    "gaussian_process_bandit": ("tpe", SIMILAR),
    "gp_ucb_pe": ("tpe", SIMILAR),
}
COUNTS = {
    "max_trial_count": "num_samples",
    "parallel_trial_count": "max_concurrent_trials",
    "max_failed_trial_count": "max_failed_trials",
}
"""The last one is the failure with which a job of Vertex's fails; ours fails with one more."""
METRIC = ("metric_id", "name", "goal")
CONDITIONAL = "conditional_parameter_specs"
PARENTS = ("parent_discrete_values", "parent_int_values", "parent_categorical_values", "parent_values")


def looks_like(data: Any) -> bool:
    """A parameter has a `parameterId` and its values in a member that ends in `ValueSpec`."""
    listed = _member(_member(data, "study_spec") or data, "parameters")
    return isinstance(listed, list) and any(_member(item, "parameter_id") is not None for item in listed)


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """Parameters with those that depend on them, metrics, algorithm, and the counts of a tuning job."""
    draft.texts = True
    whole = Snake(data)
    study, path = _study(whole)
    listed = study.get("parameters")
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        _parameter(item, draft, f"{path}parameters[{index}]", {})
    _metrics(study, draft, path)
    draft.algorithm(f"{path}algorithm", study.get("algorithm"), ALGORITHMS)
    for count, name in COUNTS.items():
        fails_at = name == "max_failed_trials"
        if not (fails_at and whole.get(count) in (0, "0")):  # 0 leaves it to the service
            draft.number_of_job(name, whole.spelled.get(count, count), whole.get(count), less=int(fails_at))
    known = {"parameters", "metrics", "metric_information", "algorithm", "display_name", *COUNTS}
    for name in study:
        if "stopping" in name:
            draft.stopping(f"{path}{study.spelled[name]}", study[name], "median" if "median" in name else None)
            known.add(name)
    draft.rest(study.original, [study.spelled[name] for name in study if name in known], path.rstrip("."))


class Snake(dict[str, Any]):
    """An object with its names in snake_case; `spelled` has the names of the source."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.spelled = _spelled(data)
        super().__init__({name: _snake(data[key]) for name, key in self.spelled.items()})
        self.original = data

    @property
    def words(self) -> str:
        """As it is in the source."""
        return json.dumps(self.original, ensure_ascii=False)

    def without(self, name: str) -> Snake:
        """The same without one of its members."""
        return Snake({key: value for key, value in self.original.items() if key != self.spelled.get(name)})


def _spelled(data: Mapping[str, Any]) -> dict[str, str]:
    """The names of an object by what they are in snake_case."""
    return {re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).lower(): key for key in data}


def _member(data: Any, name: str) -> Any:
    """One member of an object, without looking at the others; None if there is none."""
    spelled = _spelled(data) if isinstance(data, Mapping) else {}
    return data[spelled[name]] if name in spelled else None


def _snake(data: Any) -> Any:
    if isinstance(data, Mapping):
        return Snake(data)
    return [_snake(item) for item in data] if isinstance(data, list) else data


def _study(data: Snake) -> tuple[Snake, str]:
    inner = data.get("study_spec")
    return (inner, f"{data.spelled['study_spec']}.") if isinstance(inner, Snake) else (data, "")


def _metrics(study: Snake, draft: Draft, path: str) -> None:
    key = "metrics" if study.get("metrics") else "metric_information"
    metrics, path = study.get(key), f"{path}{study.spelled.get(key, key)}"
    for index, item in enumerate(metrics if isinstance(metrics, list) else []):
        found = item if isinstance(item, Mapping) else {}
        draft.objective(f"{path}[{index}]", item, found.get("metric_id") or found.get("name"), found.get("goal"))
        if isinstance(found, Snake):
            draft.rest(found.original, [found.spelled[key] for key in found if key in METRIC], f"{path}[{index}]")


def _parameter(item: Any, draft: Draft, path: str, when: When) -> None:
    name = item.get("parameter_id") if isinstance(item, Snake) else None
    if not isinstance(name, str):
        draft.note(path, item, "refused", "Has no parameterId.")
        return
    found = draft.parameter(name, path, item.without(CONDITIONAL), _translated, when=when)
    conditional, below_path = item.get(CONDITIONAL), f"{path}.{item.spelled.get(CONDITIONAL)}"
    for index, below in enumerate(conditional if isinstance(conditional, list) else []):
        _conditional(name, found is not None, below, draft, f"{below_path}[{index}]", when)


def _conditional(name: str, known: bool, below: Any, draft: Draft, path: str, when: When) -> None:
    values = _parent_values(below)
    if not known or values is None:
        draft.note(
            path, below, "refused", f"The values of {name} that it depends on cannot be read, or {name} is refused."
        )
        return
    _parameter(below.get("parameter_spec"), draft, path, when | {name: values})


def _parent_values(below: Any) -> list[Any] | None:
    for key in PARENTS if isinstance(below, Mapping) else ():
        found = below.get(key)
        values = found.get("values") if isinstance(found, Mapping) else None
        if isinstance(values, list) and values:
            try:
                return values if "categorical" in key else [as_number(value, key, texts=True) for value in values]
            except Untranslatable:
                return None
    return None


def _translated(reader: FieldReader) -> Translation:
    reader.get("parameter_id")
    scale = str(reader.get("scale_type", "UNIT_LINEAR_SCALE"))
    for key, read in VALUES.items():
        if key in reader:
            return _without_default(FieldReader(reader.get(key), texts=True), read, scale)
    raise Untranslatable("Has no field with its values, such as doubleValueSpec.")


def _without_default(space: FieldReader, read: Any, scale: str) -> Translation:
    translation: Translation = read(space, scale)
    if "default_value" in space:
        translation.losses.append("The default value is dropped: no trial starts from it.")
        space.get("default_value")
    if "REVERSE" in scale:
        translation.losses.append("The reversed logarithmic scale is lost: all values are equally likely.")
    return translation


def _double(space: FieldReader, scale: str) -> Translation:
    low, high = space.number("min_value", 0), space.number("max_value", 0)
    return translations.loguniform(low, high) if scale == "UNIT_LOG_SCALE" else translations.uniform(low, high)


def _integer(space: FieldReader, scale: str) -> Translation:
    low, high = space.whole("min_value", 0), space.whole("max_value", 0)
    return translations.log_whole(low, high) if scale == "UNIT_LOG_SCALE" else translations.whole(low, high)


VALUES = {
    "double_value_spec": _double,
    "integer_value_spec": _integer,
    "categorical_value_spec": lambda space, scale: translations.choice(space.items("values")),
    "discrete_value_spec": lambda space, scale: translations.choice(
        [as_number(value, "values", texts=True) for value in space.items("values")]
    ),
}
