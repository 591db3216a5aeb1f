"""Turns a draft into a search space: applies names, fits numbers, and drops and reports every fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tuning.domain.importers.draft import Draft, Parameter
from tuning.domain.importers.field_reader import Untranslatable, as_number
from tuning.domain.importers.report import Imported, InvalidImport, Unmapped
from tuning.domain.importers.synonyms import meant_metric, meant_parameter
from tuning.domain.importers.translations import Translation, integers
from tuning.domain.selection.objectives import MOST_FURTHER, OBJECTIVES_PATH, Objective
from tuning.domain.space.conditions import WHEN
from tuning.domain.space.expressions import Comparison, InvalidExpression, Product, parse_comparison
from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, InvalidSearchSpace, SearchSpace
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.metrics import METRICS
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults

NAMES_PATH = "names"
MAX_ROUNDS = 60
"""Leaving out a parameter may leave others without what they depend on: at most once each."""


def parse_names(data: Any, draft: Draft) -> dict[str, str]:
    """`names`: the source's name -> ours. Raises InvalidImport with every fault."""
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise InvalidImport({NAMES_PATH: ["Must be an object such as {'lr': 'learning_rate'}."]})
    faults = Faults()
    known = {*draft.parameters, *(metric[1] for metric in draft.metrics)}
    refused = {note.path.rpartition(".")[2] for note in draft.report if note.level == "refused"}
    taken: dict[str, str] = {name: name for name in draft.parameters if name in HYPERPARAMETERS and name not in data}
    for name, ours in data.items():
        path = f"{NAMES_PATH}.{name}"
        if name not in known | refused:
            faults.add(
                path, f"The definition has no parameter or metric of this name.{did_you_mean(str(name), sorted(known))}"
            )
        elif not isinstance(ours, str) or ours not in {**HYPERPARAMETERS, **METRICS}:
            hint = did_you_mean(ours, HYPERPARAMETERS)
            faults.add(path, f"{ours!r} is not a hyperparameter or a metric.{hint}")
        elif name in draft.parameters and taken.setdefault(ours, name) != name:
            faults.add(path, f"{taken[ours]} is already translated to {ours}.")
    if faults:
        raise InvalidImport(faults.messages)
    return dict(data)


def fitted(draft: Draft, tool: str, names: Mapping[str, str]) -> Imported:
    """The import with the names applied; what has no name here, or does not fit, is dropped and reported."""
    imported = Imported(tool, job=draft.job, names=dict(names))
    _metrics(draft, imported)
    chosen = {name: _named(item, imported) for name, item in draft.parameters.items()}
    ours = {name: found for name, found in chosen.items() if found is not None}
    for name, found in ours.items():
        parameter = _fit(draft, found, draft.parameters[name])
        condition = {ours.get(other, other): values for other, values in parameter.when.items()}
        imported.space[found] = parameter.translation.definition | ({WHEN: condition} if condition else {})
    imported.constraints, places = _constraints(draft, ours)
    for item in imported.unmapped:
        if item.kind == "parameter":
            dropped = draft.parameters[item.name]
            hint = f" Did you mean {item.suggestion}?" if item.suggestion else ""
            message = f"Dropped: there is no hyperparameter named {item.name}.{hint}"
            draft.note(dropped.path, dropped.source, "lossy", message)
    _leave_out_what_is_invalid(draft, imported, {found: draft.parameters[name] for name, found in ours.items()}, places)
    imported.report = draft.report
    return imported


def _named(item: Parameter, imported: Imported) -> str | None:
    if found := imported.names.get(item.name):
        return found
    if item.name in HYPERPARAMETERS:
        return item.name
    definition = item.translation.definition | ({WHEN: item.when} if item.when else {})
    imported.unmapped.append(Unmapped(item.name, "parameter", definition, meant_parameter(item.name)))
    return None


def _metrics(draft: Draft, imported: Imported) -> None:
    """The first that is known here chooses the best trial, the others are further objectives."""
    chosen: list[str] = []
    for path, name, mode, source in draft.metrics:
        ours = imported.names.get(name, name)
        if ours not in METRICS:
            _report_unmapped_metric(draft, imported, path, name, mode, source)
        elif ours in chosen or len(chosen) > MOST_FURTHER:
            draft.note(path, source, "lossy", f"Dropped: {ours} is already an objective, or there are too many.")
        else:
            _take_metric(draft, path, source, Objective(ours, mode), is_first=not chosen)
            chosen.append(ours)


def _take_metric(draft: Draft, path: str, source: str, objective: Objective, *, is_first: bool) -> None:
    if not is_first:
        draft.job.setdefault(OBJECTIVES_PATH, []).append(objective.to_json())
        draft.note(path, source, "translated", f"Becomes an objective: {objective.metric} {objective.mode}.")
        return
    draft.job |= {"metric_name": objective.metric, "metric_mode": objective.mode}
    summary = f"Becomes metric_name {objective.metric}, metric_mode {objective.mode}."
    draft.note(path, source, "translated", summary)
    _target(draft)


def _report_unmapped_metric(draft: Draft, imported: Imported, path: str, name: str, mode: str, source: str) -> None:
    suggestion = meant_metric(name)
    if all(item.name != name for item in imported.unmapped):
        imported.unmapped.append(Unmapped(name, "metric", {"mode": mode}, suggestion))
    hint = f" Did you mean {suggestion}?" if suggestion else ""
    also = ", together with its target value" if draft.target and draft.target[1] is not None else ""
    draft.note(path, source, "lossy", f"Dropped{also}: there is no metric named {name}.{hint}")


def _target(draft: Draft) -> None:
    """The value of the metric at which the search may end; it goes with the metric."""
    path, value = draft.target or ("", None)
    if value is None:
        return
    try:
        number = as_number(value, path, texts=True)
    except Untranslatable:
        draft.note(path, value, "lossy", "Dropped: it is not a number.")
        return
    draft.job.setdefault("budget_json", {})["target_value"] = number
    draft.note(path, value, "translated", f"Becomes target_value {number:g}.")


def _fit(draft: Draft, ours: str, parameter: Parameter) -> Parameter:
    """The parameter with its numbers as the hyperparameter needs them: text becomes numbers, whole floats integers."""
    hyperparameter = HYPERPARAMETERS.get(ours)
    if hyperparameter is None or hyperparameter.kind not in ("int", "float"):
        return parameter
    translation = Translation(_numbers(parameter.translation).definition)
    if hyperparameter.kind == "int":
        translation = integers(translation)
    for loss in translation.losses:
        draft.note(parameter.path, parameter.source, "lossy", loss)
    return replace(parameter, translation=translation)


def _numbers(translation: Translation) -> Translation:
    """Values that are numbers in quotation marks, as numbers."""
    definition = translation.definition
    if definition["type"] == "constant":
        return Translation(definition | {"value": _number(definition["value"])})
    if definition["type"] != "choice":
        return translation
    values = [_number(value) for value in definition["values"]]
    return Translation(definition | {"values": values}) if len(set(values)) == len(values) else translation


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for read in (int, float):
        try:
            return read(value.strip())
        except ValueError:
            continue
    return value


def _constraints(draft: Draft, ours: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The constraints with our names, and the path of each in the source."""
    texts, places = [], []
    for path, text in draft.constraints:
        try:
            comparison = parse_comparison(text if isinstance(text, str) else "")
        except InvalidExpression as error:
            draft.note(path, text, "refused", str(error))
            continue
        renamed = [
            Product(side.factor, tuple(ours.get(name, name) for name in side.names))
            for side in (comparison.left, comparison.right)
        ]
        texts.append(str(Comparison(renamed[0], comparison.symbol, renamed[1])))
        places.append(path)
        draft.note(path, text, "translated", "Becomes a constraint.")
    return texts, places


def _leave_out_what_is_invalid(
    draft: Draft, imported: Imported, parameters: Mapping[str, Parameter], places: list[str]
) -> None:
    """Until what is left is a valid space: each fault refuses the parameter or the constraint it is about."""
    for _ in range(MAX_ROUNDS):
        if not imported.space:
            imported.constraints = []
            return
        try:
            SearchSpace.parse(imported.space, imported.constraints)
        except InvalidSearchSpace as invalid:
            faulty = _refused(draft, imported, parameters, places, invalid.errors)
            if not faulty:
                raise InvalidImport({"definition": [str(invalid)]}) from invalid
        else:
            return


def _refused(
    draft: Draft,
    imported: Imported,
    parameters: Mapping[str, Parameter],
    places: list[str],
    errors: Mapping[str, list[str]],
) -> bool:
    gone: set[str] = set()
    bad: set[int] = set()
    for path, messages in errors.items():
        text = f"{path}: {' '.join(messages)}"
        if path.startswith(f"{CONSTRAINTS_PATH}["):
            index = int(path[len(CONSTRAINTS_PATH) + 1 : -1])
            draft.note(places[index], imported.constraints[index], "refused", text)
            bad.add(index)
            continue
        name = path.removeprefix(f"{SEARCH_SPACE_PATH}.").partition(".")[0]
        if name in imported.space:
            draft.note(parameters[name].path, parameters[name].source, "refused", text)
            gone.add(name)
    imported.space = {name: item for name, item in imported.space.items() if name not in gone}
    imported.constraints = [item for index, item in enumerate(imported.constraints) if index not in bad]
    places[:] = [item for index, item in enumerate(places) if index not in bad]
    return bool(gone or bad)
