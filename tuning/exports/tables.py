"""A job and its trials for elsewhere: CSV, JSON, and a study of Optuna's.

Written row by row, in a number of queries that does not grow with the trials.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import F

from tunix.pages.spreadsheet import csv_lines

from ..analysis.trial_columns import Place, columns_in
from ..choices import TrialKind
from ..domain.sampling import optuna_study
from ..domain.space.search_space import SearchSpace
from ..ledger.files import request_of
from ..models import TrialMetric, TuningJob

FIRST = ("number", "kind", "status", "metric_name", "metric_value")
"""The columns of a CSV file before the parameters."""
CURVE = "eval_loss"
"""The metric that runs report on the way."""
UNREAD = ("sampler_state", "run__config_json", "run__environment_json")
"""Large columns that no export has."""


def trial_rows(job: TuningJob) -> Iterator[dict[str, Any]]:
    """All trials, in the order of their numbers. One query."""
    columns = columns_in(Place.EXPORT)
    trials = job.trials.for_tables().select_related("run").defer(*UNREAD).order_by("number")
    for trial in trials.iterator():
        row = {column.name: column.value(trial) for column in columns}
        row |= {"params_json": trial.params_json, "values_json": trial.values_json}
        yield row | {"metrics": trial.run.metrics_json or {} if trial.run else {}}


def csv_of(job: TuningJob) -> Iterator[str]:
    """The trials as CSV, a column for each parameter and each metric that any of them has."""
    params, metrics = _names(job.trials.values_list("params_json", "run__metrics_json").iterator())
    more = [column.name for column in columns_in(Place.EXPORT) if column.name not in FIRST]
    header = [*FIRST, *(f"params.{name}" for name in params), *more, *(f"metrics.{name}" for name in metrics)]
    rows = (
        [
            *((row | {"metric_name": job.metric_name})[name] for name in FIRST),
            *(row["params_json"].get(name) for name in params),
            *(_as_text(row[name]) for name in more),
            *(row["metrics"].get(name) for name in metrics),
        ]
        for row in trial_rows(job)
    )
    return csv_lines(header, rows)


def json_of(job: TuningJob) -> Iterator[str]:
    """`{"job": ..., "trials": [...]}`: the first creates the same job when it is posted to /api/tuning/jobs."""
    return _object({"id": str(job.pk), "status": job.status, "job": request_of(job)}, trial_rows(job))


def optuna_of(job: TuningJob) -> Iterator[str]:
    """The search as a study of Optuna's, as JSON: see docs/importing.md for what reads it."""
    return _object(study_of(job), study_trials(job))


EXPORTS: dict[str, tuple[Callable[[TuningJob], Iterator[str]], str, str]] = {
    "csv": (csv_of, "text/csv; charset=utf-8", "csv"),
    "json": (json_of, "application/json", "json"),
    "optuna": (optuna_of, "application/json", "optuna.json"),
}
"""By the name of the format: what writes it, its media type, the ending of its files."""


def study_of(job: TuningJob) -> dict[str, Any]:
    """The study without its trials: directions, distributions, and the space itself as a user attribute."""
    space = job.space()
    return {
        "study_name": f"{job.name} {job.pk}",
        "directions": [optuna_study.DIRECTIONS[objective.mode] for objective in job.objectives],
        "metric_names": [objective.metric for objective in job.objectives],
        "user_attrs": {"job_id": str(job.pk), **optuna_study.space_attributes(space)},
        "distributions": optuna_study.distributions(space),
    }


def study_trials(job: TuningJob) -> Iterator[dict[str, Any]]:
    """The trials of the search as Optuna knows trials; an excluded one has failed. Two queries."""
    space, curves, further = job.space(), _curves(job), [objective.metric for objective in job.further_objectives]
    upcoming = next(curves, None)
    for row in trial_rows(job):
        if row["kind"] != TrialKind.SEARCH:
            continue
        while upcoming is not None and upcoming[0] < row["number"]:
            upcoming = next(curves, None)
        curve = upcoming[1] if upcoming is not None and upcoming[0] == row["number"] else {}
        values = [row["metric_value"], *(row["values_json"].get(name) for name in further)]
        yield _study_trial(space, row, values) | {"intermediate_values": curve}


def _study_trial(space: SearchSpace, row: Mapping[str, Any], values: list[float | None]) -> dict[str, Any]:
    state = optuna_study.STATES[row["status"]]
    if row["excluded_reason"] or (state == "COMPLETE" and None in values):
        state = "FAIL"
    attributes = ("number", "slot", "replicate", "reason", "excluded_reason", "run_id", "params_json", "metrics")
    return {
        "state": state,
        "values": values if state == "COMPLETE" else None,
        "params": optuna_study.parameters(space, row["params_json"]),
        "datetime_start": row["started_at"],
        "datetime_complete": row["finished_at"],
        "user_attrs": {name: row[name] for name in attributes if row[name] not in ("", None)},
    }


def _curves(job: TuningJob) -> Iterator[tuple[int, dict[int, float]]]:
    """(number of the trial, value by step) of the attempts that count."""
    reported = TrialMetric.objects.filter(
        attempt__trial__job=job,
        attempt__trial__run=F("attempt__run"),
        name=job.early_stopping.metric if job.early_stopping else CURVE,
    ).order_by("attempt__trial__number", "step")
    values = reported.values_list("attempt__trial__number", "step", "value").iterator()
    for number, group in groupby(values, key=lambda point: point[0]):
        yield number, {step: value for _, step, value in group if math.isfinite(value)}  # JSON has no NaN


def _names(rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Any] | None]]) -> tuple[list[str], list[str]]:
    """The parameters and the metrics that any trial has, in the order in which they come up."""
    params: dict[str, None] = {}
    metrics: dict[str, None] = {}
    for given, measured in rows:
        params |= dict.fromkeys(given)
        metrics |= dict.fromkeys(measured or ())
    return list(params), sorted(metrics)


def _object(head: Mapping[str, Any], trials: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON object whose last member is a long list."""
    yield json.dumps(head, ensure_ascii=False)[:-1] + optuna_study.TRIALS_FOLLOW
    for index, trial in enumerate(trials):
        yield (",\n" if index else "\n") + json.dumps(trial, ensure_ascii=False, default=_as_text)
    yield "\n]}\n"


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float) else str(value)
