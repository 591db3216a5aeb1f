"""Katib Experiments. Every number in them is text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable, as_number
from tuning.domain.importers.translations import Translation

SIMILAR = "Both learn from earlier trials, with different models."
ALGORITHMS = {
    "random": ("random", ""),
    "grid": ("grid", ""),
    "tpe": ("tpe", ""),
    "multivariate-tpe": ("tpe", ""),
    "bayesianoptimization": ("tpe", SIMILAR),
    "cmaes": ("cmaes", ""),
    "sobol": ("sobol", ""),
}
COUNTS = {
    "maxTrialCount": "num_samples",
    "parallelTrialCount": "max_concurrent_trials",
    "maxFailedTrialCount": "max_failed_trials",
}


def looks_like(data: Any) -> bool:
    """A parameter has a `feasibleSpace`."""
    spec = data.get("spec", data) if isinstance(data, Mapping) else None
    listed = spec.get("parameters") if isinstance(spec, Mapping) else None
    items = listed if isinstance(listed, list) else []
    return any(isinstance(item, Mapping) and "feasibleSpace" in item for item in items)


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """Parameters, objective, algorithm and counts of an Experiment, or of its `spec` alone."""
    draft.texts = True
    spec, path = (data["spec"], "spec.") if isinstance(data.get("spec"), Mapping) else (data, "")
    for index, item in enumerate(spec["parameters"]):
        name = item.get("name") if isinstance(item, Mapping) else None
        draft.parameter(str(name or index), f"{path}parameters[{index}]", item, _translated)
    _objective(draft.section(spec, "objective", f"{path}objective"), draft, f"{path}objective")
    algorithm = draft.section(spec, "algorithm", f"{path}algorithm")
    draft.algorithm(f"{path}algorithm.algorithmName", algorithm.get("algorithmName"), ALGORITHMS)
    settings = algorithm.get("algorithmSettings")
    draft.left_out(f"{path}algorithm.algorithmSettings", settings, "Dropped: options differ between tools.")
    for key, name in COUNTS.items():
        draft.number_of_job(name, f"{path}{key}", spec.get(key))
    stopping = draft.section(spec, "earlyStopping", f"{path}earlyStopping")
    rule = "median" if stopping.get("algorithmName") == "medianstop" else None
    draft.stopping(f"{path}earlyStopping", stopping, rule)
    draft.rest(spec, ("parameters", "objective", "algorithm", "earlyStopping", *COUNTS), path.rstrip("."))


def _objective(objective: Mapping[str, Any], draft: Draft, path: str) -> None:
    if not objective:
        return
    draft.objective(path, objective, objective.get("objectiveMetricName"), objective.get("type"))
    draft.target = (f"{path}.goal", objective.get("goal"))
    more = objective.get("additionalMetricNames")
    draft.left_out(f"{path}.additionalMetricNames", more, "Dropped: every run records all its metrics.")


def _translated(reader: FieldReader) -> Translation:
    reader.get("name")
    kind = reader.get("parameterType")
    space = FieldReader(reader.get("feasibleSpace"), texts=True)
    if kind in ("categorical", "discrete"):
        values = space.items("list")
        return translations.choice(
            [as_number(value, "list", texts=True) for value in values] if kind == "discrete" else values
        )
    if kind not in ("double", "int"):
        raise Untranslatable(f"There is no parameterType {kind}.")
    found = (_whole if kind == "int" else _real)(space)
    if ignored := space.left_over():
        found.losses.append(f"Dropped, because there is no equivalent here: {', '.join(ignored)}.")
    return found


def _real(space: FieldReader) -> Translation:
    low, high = space.number("min"), space.number("max")
    distribution = str(space.get("distribution", "uniform"))
    if "step" in space and distribution == "uniform":
        return translations.steps(low, high, space.number("step"))
    match distribution:
        case "uniform":
            return translations.uniform(low, high)
        case "logUniform":
            return translations.loguniform(low, high)
        case "normal":
            return _bell(low, high)
        case "logNormal":
            flat = translations.loguniform(low, high)
            return Translation(flat.definition, ["The bell shape is lost: every order of magnitude is equally likely."])
    raise Untranslatable(f"There is no distribution {distribution}.")


def _bell(low: float, high: float) -> Translation:
    if low >= high:
        return translations.uniform(low, high)
    bounds: Sequence[float] = (low, high)
    definition = {
        "type": "normal",
        "mean": sum(bounds) / 2,
        "std": float(f"{(high - low) / 6:.12g}"),
        "min": low,
        "max": high,
    }
    return Translation(
        definition,
        ["The width of the bell depends on Katib's algorithm; here it is a sixth of the range."],
    )


def _whole(space: FieldReader) -> Translation:
    low, high = space.whole("min"), space.whole("max")
    distribution = str(space.get("distribution", "uniform"))
    if distribution == "uniform":
        return translations.whole(low, high, space.whole("step", 1))
    if distribution == "logUniform":
        return translations.log_whole(low, high)
    flat = translations.whole(low, high) if distribution == "normal" else translations.log_whole(low, high)
    return Translation(flat.definition, ["The bell shape is lost: all whole numbers are equally likely here."])
