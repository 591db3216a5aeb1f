"""Turns a draft into a search space: applies names, fits numbers, and drops and reports every fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuning.domain.importers.creatable import made_creatable
from tuning.domain.importers.draft import Draft, Parameter
from tuning.domain.importers.field_reader import Untranslatable, as_number
from tuning.domain.importers.report import Imported, InvalidImport, Level, Unmapped
from tuning.domain.importers.spelling import Spelled, spelled_for, value_of
from tuning.domain.importers.suggestions import Suggestions
from tuning.domain.importers.synonyms import meant_metric, meant_parameter
from tuning.domain.selection.budgets import BUDGET_PATH
from tuning.domain.selection.objectives import DEFAULT_METRIC, MOST_FURTHER, OBJECTIVES_PATH, Objective
from tuning.domain.space.conditions import WHEN
from tuning.domain.space.expressions import Comparison, InvalidExpression, Product, parse_comparison
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.metrics import METRICS
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults

NAMES_PATH = "names"


def parse_names(data: Any, draft: Draft) -> dict[str, str]:
    """`names`: the source's name -> ours. Raises InvalidImport with every fault."""
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise InvalidImport({NAMES_PATH: ["Must be an object such as {'lr': 'learning_rate'}."]})
    faults = Faults()
    metrics = {metric[1] for metric in draft.metrics}
    known = {*draft.parameters, *metrics}
    refused = {note.path.rpartition(".")[2] for note in draft.report if note.level == "refused"}
    taken: dict[str, str] = {name: name for name in draft.parameters if name in HYPERPARAMETERS and name not in data}
    for name, ours in data.items():
        path = f"{NAMES_PATH}.{name}"
        if name not in known | refused:
            faults.add(
                path, f"The definition has no parameter or metric of this name.{did_you_mean(str(name), sorted(known))}"
            )
        elif fault := _misnamed(name, ours, name in draft.parameters, name in metrics):
            faults.add(path, fault)
        elif name in draft.parameters and taken.setdefault(ours, name) != name:
            faults.add(path, f"{taken[ours]} is already translated to {ours}.")
    if faults:
        raise InvalidImport(faults.messages)
    return dict(data)


def _misnamed(name: str, ours: Any, is_parameter: bool, is_metric: bool) -> str:
    """Why a name of the source cannot be `ours`; empty if it can. What was refused may be of either kind."""
    if not isinstance(ours, str) or ours not in {**HYPERPARAMETERS, **METRICS}:
        return f"{ours!r} is not a hyperparameter or a metric.{did_you_mean(ours, [*HYPERPARAMETERS, *METRICS])}"
    if ours in METRICS:
        return "" if is_metric or not is_parameter else f"{ours} is a metric, but {name} is not."
    return "" if is_parameter or not is_metric else f"{ours} is a hyperparameter, but {name} is not."


def fitted(draft: Draft, tool: str, names: Mapping[str, str]) -> Imported:
    """The import with the names applied; what has no name here, or does not fit, is dropped and reported."""
    imported = Imported(tool, job=draft.job, names=dict(names))
    _metrics(draft, imported)
    suggestions = Suggestions(draft.parameters, imported.names, HYPERPARAMETERS, meant_parameter)
    chosen = {name: _named(item, imported, suggestions) for name, item in draft.parameters.items()}
    ours = {name: found for name, found in chosen.items() if found is not None}
    fits = {name: _fit(draft, found, draft.parameters[name]) for name, found in ours.items()}
    for name, (definition, _) in fits.items():
        condition = {
            ours.get(other, other): [value_of(fits[other][1], value) for value in values] if other in fits else values
            for other, values in draft.parameters[name].when.items()
        }
        imported.space[ours[name]] = definition | ({WHEN: condition} if condition else {})
    imported.constraints, places = _constraints(draft, ours)
    for item in imported.unmapped:
        if item.kind == "parameter":
            dropped = draft.parameters[item.name]
            message = f"Dropped: there is no hyperparameter named {item.name}.{suggestions.hint(item.name)}"
            draft.leave_out(dropped, message)
    made_creatable(draft, imported, {found: draft.parameters[name] for name, found in ours.items()}, places)
    imported.report = draft.report
    return imported


def _named(item: Parameter, imported: Imported, suggestions: Suggestions) -> str | None:
    found = imported.names.get(item.name)
    if found in HYPERPARAMETERS:
        return found
    if item.name in HYPERPARAMETERS:
        return item.name
    definition = item.translation.definition | ({WHEN: item.when} if item.when else {})
    imported.unmapped.append(Unmapped(item.name, "parameter", definition, suggestions.of(item.name)))
    return None


def _metrics(draft: Draft, imported: Imported) -> None:
    """The first that is known here chooses the best trial, the others are further objectives."""
    chosen: list[str] = []
    suggestions = Suggestions([metric[1] for metric in draft.metrics], imported.names, METRICS, meant_metric)
    for path, name, mode, source in draft.metrics:
        given = imported.names.get(name)
        named = given if given in METRICS else name
        ours = DEFAULT_METRIC if named in JUDGES else named
        if ours not in METRICS:
            unmapped = Unmapped(name, "metric", {"mode": mode}, suggestions.of(name))
            _report_unmapped_metric(draft, imported, unmapped, path, source, suggestions.hint(name))
        elif ours in chosen:
            draft.note(path, source, "lossy", f"Dropped: {ours} is already an objective.")
        elif len(chosen) > MOST_FURTHER:
            draft.note(path, source, "lossy", f"Dropped: a job has at most {MOST_FURTHER + 1} objectives.")
        else:
            _take_metric(draft, path, source, Objective(ours, mode), judge=named if named in JUDGES else "")
            chosen.append(ours)


def _take_metric(draft: Draft, path: str, source: str, objective: Objective, *, judge: str) -> None:
    level: Level = "lossy" if judge else "translated"
    more = f" To judge by {judge}, choose it in evaluation_json." if judge else ""
    if "metric_name" in draft.job:
        draft.job.setdefault(OBJECTIVES_PATH, []).append(objective.to_json())
        summary = f"Becomes an objective: {objective.metric} {objective.mode}."
        draft.note(path, source, level, f"{summary}{more}", part=OBJECTIVES_PATH)
        return
    draft.job |= {"metric_name": objective.metric, "metric_mode": objective.mode}
    summary = f"Becomes metric_name {objective.metric}, metric_mode {objective.mode}."
    draft.note(path, source, level, f"{summary}{more}", part="metric_name")
    _target(draft)


def _report_unmapped_metric(
    draft: Draft, imported: Imported, unmapped: Unmapped, path: str, source: str, hint: str
) -> None:
    if all(item.name != unmapped.name for item in imported.unmapped):
        imported.unmapped.append(unmapped)
    also = ", together with its target value" if draft.target and draft.target[1] is not None else ""
    draft.note(path, source, "lossy", f"Dropped{also}: there is no metric named {unmapped.name}.{hint}")


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
    draft.job.setdefault(BUDGET_PATH, {})["target_value"] = number
    draft.note(path, value, "translated", f"Becomes target_value {number:g}.", part=f"{BUDGET_PATH}.target_value")


def _fit(draft: Draft, ours: str, parameter: Parameter) -> tuple[dict[str, Any], Spelled]:
    """The definition with its values as the hyperparameter spells them, and what it spells differently."""
    translation, spelled, line = spelled_for(ours, parameter.translation)
    draft.rename(parameter, translation.definition["type"])
    if line:
        draft.note(parameter.path, parameter.source, "translated", line)
    for loss in translation.losses:
        draft.note(parameter.path, parameter.source, "lossy", loss)
    return translation.definition, spelled


def _constraints(draft: Draft, ours: Mapping[str, str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The constraints with our names, and the path and the text of each in the source."""
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
        places.append((path, text))
        draft.note(path, text, "translated", "Becomes a constraint.")
    return texts, places
