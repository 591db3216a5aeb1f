"""Further objectives: metrics of a job in addition to the first, which alone chooses the best trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tunix.pipeline.metrics import default_mode, metric_names
from tunix.pipeline.spec import RunResult
from tunix.validation.errors import Faults, Messages, join
from tunix.validation.fields import Fields

OBJECTIVES_PATH = "objectives_json"
MOST_FURTHER = 4
"""Beside the first. With more nearly every trial is on the front."""
ONE_OBJECTIVE = frozenset({"cmaes", "gp"})
"""Samplers that follow a single metric."""
DEFAULT_METRIC = "score_mean"


@dataclass(frozen=True)
class Objective:
    """A metric, and whether more (`max`) or less (`min`) of it is better."""

    metric: str
    mode: str

    def to_json(self) -> dict[str, str]:
        """As `parse_objectives` reads it back."""
        return asdict(self)


def parse_objectives(
    data: Any, first: Objective, judge: str, faults: Faults, warnings: Faults
) -> tuple[Objective, ...]:
    """`objectives_json`: the objectives after `first`. Null is an empty list."""
    if data is None:
        return ()
    if not isinstance(data, list):
        faults.add(OBJECTIVES_PATH, "Must be a list of objects, or null.")
        return ()
    if len(data) > MOST_FURTHER:
        faults.add(OBJECTIVES_PATH, f"At most {MOST_FURTHER} beside metric_name.")
        return ()
    parsed = [
        _parse(entry, join(OBJECTIVES_PATH, str(index)), judge, faults, warnings) for index, entry in enumerate(data)
    ]
    _refuse_repeated([first, *parsed], judge, faults)
    return tuple(parsed)


def _parse(data: Any, path: str, judge: str, faults: Faults, warnings: Faults) -> Objective:
    fields = Fields(data, faults, path=path, known=("metric", "mode"))
    if fields.get("metric") is None:
        fields.refuse("metric", "Required.")
    metric = fields.choice("metric", metric_names(judge), DEFAULT_METRIC)
    usual = default_mode(metric)
    mode = fields.choice("mode", ("max", "min"), usual)
    if mode != usual and fields.get("metric") == metric:
        better = "larger" if usual == "max" else "smaller"
        warnings.add(fields.path("mode"), f"{metric} is better when {better}: {mode} looks for the worst.")
    return Objective(metric, mode)


def _refuse_repeated(objectives: Sequence[Objective], judge: str, faults: Faults) -> None:
    """The judge's own name is another one of the mean score."""
    seen: list[str] = []
    for index, objective in enumerate(objectives, start=-1):
        name = DEFAULT_METRIC if objective.metric == judge else objective.metric
        if name in seen:
            path = join(join(OBJECTIVES_PATH, str(index)), "metric")
            faults.add(path, f"{objective.metric} is an objective of this job already.")
        seen.append(name)


def too_many_for(algorithm: str, further: Sequence[Objective]) -> Messages:
    """Why a sampler cannot follow so many objectives, by path."""
    if not further or algorithm not in ONE_OBJECTIVE:
        return {}
    message = f"{algorithm} follows one objective; with objectives_json use tpe, nsga2, random, sobol or grid."
    return {"algorithm_json.name": [message]}


def value_in(result: RunResult, objective: Objective) -> float | None:
    """What a run reported under an objective. Items that could not be judged have the worst score, which is 0.

    Where less of a judge's score is better, the worst is 1.
    """
    verdict = result.verdict
    if verdict is not None and objective.mode == "min" and objective.metric in (DEFAULT_METRIC, verdict.judge):
        return verdict.score_mean if verdict.score_best is None else verdict.score_best
    return result.metrics.get(objective.metric)


def values_in(result: RunResult, further: Sequence[Objective]) -> dict[str, float | None]:
    """What a run reported under further objectives; None where that is no finite number."""
    reported = {one.metric: value_in(result, one) for one in further}
    return {name: value if value is not None and math.isfinite(value) else None for name, value in reported.items()}
