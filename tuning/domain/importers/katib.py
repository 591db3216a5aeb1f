"""Katib Experiments. Every number in them is text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
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
ROUNDING = ("random", "tpe")
"""Algorithms of Katib's hyperopt service, where a step means multiples of it. In the others steps begin at `min`."""
WITHOUT_STEPS = ("bayesianoptimization", "hyperband")
WITHOUT_DISTRIBUTIONS = ("bayesianoptimization", "hyperband", "cmaes", "sobol", "pbt")
WITHOUT_BELLS = ("grid", "multivariate-tpe")
BELLS = ("normal", "logNormal")
DISTRIBUTIONS = ("uniform", "logUniform", *BELLS)
SMALLEST = 1e-10
"""Where a logarithmic scale begins in Katib's optuna service when `min` is 0; there that is 1 for whole numbers."""
COUNTS = {
    "maxTrialCount": "num_samples",
    "parallelTrialCount": "max_concurrent_trials",
    "maxFailedTrialCount": "max_failed_trials",
}
"""With the last one, an Experiment fails at that number of failures; ours fails above it."""


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
    algorithm = draft.section(spec, "algorithm", f"{path}algorithm")
    read = partial(_translated, algorithm=str(algorithm.get("algorithmName") or ROUNDING[0]).lower())
    for index, item in enumerate(spec["parameters"]):
        name = item.get("name") if isinstance(item, Mapping) else None
        draft.parameter(str(name or index), f"{path}parameters[{index}]", item, read)
    _objective(draft.section(spec, "objective", f"{path}objective"), draft, f"{path}objective")
    draft.algorithm(f"{path}algorithm.algorithmName", algorithm.get("algorithmName"), ALGORITHMS)
    settings = algorithm.get("algorithmSettings")
    draft.left_out(f"{path}algorithm.algorithmSettings", settings, "Dropped: options differ between tools.")
    for key, name in COUNTS.items():
        fails_at = name == "max_failed_trials" and spec.get(key) not in (0, "0")  # 0 fails with the first, as 1 does
        draft.number_of_job(name, f"{path}{key}", spec.get(key), less=int(fails_at))
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
    draft.rest(objective, ("objectiveMetricName", "type", "goal", "additionalMetricNames"), path)


def _translated(reader: FieldReader, *, algorithm: str) -> Translation:
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
    found = _numeric(space, algorithm, is_whole=kind == "int")
    if ignored := space.left_over():
        found.losses.append(f"Dropped, because there is no equivalent here: {', '.join(ignored)}.")
    return found


def _numeric(space: FieldReader, algorithm: str, *, is_whole: bool) -> Translation:
    """Which values there are depends on the algorithm: each of Katib's services reads a space in its own way."""
    number = space.whole if is_whole else space.number
    low, high, shape = number("min"), number("max"), _shape(space)
    step = number("step") if "step" in space else None
    losses = _ignored(algorithm, shape, step)
    if algorithm in WITHOUT_DISTRIBUTIONS and low <= 0:
        shape = "uniform"  # a logarithmic scale could not begin there
    if algorithm == "multivariate-tpe" and shape.startswith("log"):
        low = max(low, 1 if is_whole else SMALLEST)
    if not _has_steps(algorithm, shape):
        step = None
    if is_whole and algorithm == "sobol" and high > low:
        high, lost = _before_last(int(low), int(high), int(step or 1))
        losses.append(lost)
    found = _spaced(low, high, 1 if step is None and is_whole else step, shape, algorithm)
    found = translations.integers(found) if is_whole else found
    found.losses += losses
    return found


def _before_last(low: int, high: int, step: int) -> tuple[int, str]:
    """Goptuna rounds down a share of `high - low`, which is below 1."""
    if step < 1:
        raise Untranslatable("The step must be greater than 0.")
    last = low + (high - low) // step * step
    return max(last - step, low), f"Katib's sobol never draws the last whole number, {last}: it is left out."


def _shape(space: FieldReader) -> str:
    shape = str(space.get("distribution", "uniform"))
    if shape not in (*DISTRIBUTIONS, "unknown"):
        raise Untranslatable(f"There is no distribution {shape}.")
    return "uniform" if shape == "unknown" else shape


def _has_steps(algorithm: str, shape: str) -> bool:
    return algorithm not in WITHOUT_STEPS and not (algorithm == "multivariate-tpe" and shape.startswith("log"))


def _ignored(algorithm: str, shape: str, step: float | None) -> list[str]:
    """What the algorithm's service does not read, or does not accept."""
    found = []
    if step is not None and not _has_steps(algorithm, shape):
        found.append(f"The step is left out: Katib's {algorithm} ignores it here.")
    if shape != "uniform" and algorithm in WITHOUT_DISTRIBUTIONS:
        found.append(f"Katib's {algorithm} ignores the distribution {shape}; where possible, it counts here.")
    if shape in BELLS and algorithm in WITHOUT_BELLS:
        found.append(f"Katib's {algorithm} does not accept the distribution {shape}.")
    return found


def _spaced(low: float, high: float, step: float | None, shape: str, algorithm: str) -> Translation:
    """Numbers between the bounds: all of them, or those that the service reaches in steps."""
    is_log = shape.startswith("log")
    if step is None:
        return _continuous(low, high, shape)
    if step <= 0:
        raise Untranslatable("The step must be greater than 0.")
    if algorithm == "grid":
        return translations.grid(low, step, _grid_length(low, high, step))
    if algorithm in ROUNDING:
        found = translations.multiples(low, high, step, log=is_log)
    else:
        found = translations.steps(low, high, step, log=is_log)
    if shape in BELLS:
        kept = [loss for loss in found.losses if loss != translations.ROUNDED]
        found.losses = [*kept, "The bell shape is lost: every step between the bounds is equally likely."]
    return found


def _grid_length(low: float, high: float, step: float) -> int:
    """How many points Katib's grid has: rounding errors may leave out `max`."""
    count = translations.arange_length(low, high + step, step)
    last = low + (count - 1) * ((low + step) - low)
    return count - 1 if last > high else count


def _continuous(low: float, high: float, shape: str) -> Translation:
    if shape == "uniform":
        return translations.uniform(low, high)
    if shape == "normal":
        return _bell(low, high)
    found = translations.loguniform(low, high)
    if shape == "logNormal":
        found.losses.append("The bell shape is lost: every order of magnitude is equally likely.")
    return found


def _bell(low: float, high: float) -> Translation:
    if low >= high:
        return translations.uniform(low, high)
    std = float(f"{(high - low) / 6:.12g}")
    definition = {"type": "normal", "mean": (low + high) / 2, "std": std, "min": low, "max": high}
    return Translation(definition, [f"Truncated at {low:g} and {high:g}, which Katib's bell exceeds rarely."])
