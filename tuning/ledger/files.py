"""The files of a job: its definition, the resolved space, the best result. All can be rebuilt from the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from tunix.pipeline.faults import fault_point
from tunix.pipeline.files import write_text
from tunix.pipeline.hyperparameters import resolve

from ..analysis.best import Best
from ..analysis.guards import job_guards_of, why_no_best
from ..domain.job_definition import FIELDS
from ..models import TuningJob

REQUEST, SPACE = "request.json", "param_space.json"
BEST_VERSION = 1
"""Of the form of `best.json`: raise it with each field that is added, or that gets another form. Files from before
there was a version have none. The checker compares a file of another version only in the fields that both have."""
FORGOTTEN_WITHIN = timedelta(days=1)
"""Older jobs are not searched for unpublished files: the reconciler calls this every few seconds."""


def request_of(job: TuningJob) -> dict[str, Any]:
    """The complete definition of a job: creating a job from it gives the same search."""
    return {field: getattr(job, field) for field in FIELDS}


def write_request(job: TuningJob) -> None:
    """Write `request.json`, and `param_space.json`: the search space and the values of all other hyperparameters."""
    folder = job.work_dir()
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / REQUEST, request_of(job))
    write_json(folder / SPACE, space_of(job))


def space_of(job: TuningJob) -> dict[str, Any]:
    """The content of `param_space.json`."""
    searched = job.search_space_json
    decided = {*searched, "num_epochs"} if "num_steps" in searched else {*searched}  # only one of the two applies
    fixed = {name: value for name, value in resolve(job.fixed_params_json, job.method).items() if name not in decided}
    space = {"dataset_version": job.dataset.version, "search": searched, "constraints": job.constraints_json}
    return space | {"fixed": fixed}


def stage_best(job: TuningJob, best: Best | None, front: Sequence[int] = (), expected: float | None = None) -> None:
    """Write `best.<epoch>.json`; `publish_best` renames it once the rows are committed. Raises OSError."""
    path = _staged_best(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A transaction that was rolled back may have left one. If the disk is full now, it must not be published.
    path.unlink(missing_ok=True)
    write_json(path, best_of(job, best, front, expected))


def publish_best(job: TuningJob) -> None:
    """`best.<epoch>.json` -> `best.json`, if one is staged: a full disk may have prevented that."""
    staged = _staged_best(job)
    if not staged.exists():
        return
    fault_point("finish.committed")
    with suppress(FileNotFoundError):  # the reconciler has published it in the meantime
        staged.replace(staged.with_name("best.json"))


def publish_forgotten() -> None:
    """Publish what recently ended jobs staged under their last epoch and did not rename, because the process died."""
    ended_lately = TuningJob.objects.filter(
        status__in=TuningJob.TERMINAL, finished_at__gt=timezone.now() - FORGOTTEN_WITHIN
    )
    for job in ended_lately.only("pk", "epoch"):
        publish_best(job)


def _staged_best(job: TuningJob) -> Path:
    """Named by epoch, so that a late process of an older epoch cannot publish over a newer result."""
    return job.work_dir() / f"best.{job.epoch}.json"


def best_of(
    job: TuningJob, best: Best | None, front: Sequence[int] = (), expected: float | None = None
) -> dict[str, Any]:
    """The content of `best.json`; the best is null if no trial completed.

    `front`: the trials on the Pareto front. `expected`: what the best configuration will score with other seeds.
    """
    trial = best.trial if best else None
    return {
        "version": BEST_VERSION,
        "job_id": str(job.pk),
        "metric_name": job.metric_name,
        "metric_mode": job.metric_mode,
        "best_trial": trial.number if trial else None,
        "best_run_id": str(trial.run_id) if trial else None,
        "best_params": trial.params_json if trial else None,
        "best_value": best.value if best else None,
        "best_runs": best.runs if best else 0,
        "expected_value": expected if best else None,
        "best_values": trial.values_json if trial else {},
        "objectives": job.objectives_json,
        "pareto_front": list(front),
        "hyperparameters": trial.run.config_json["hyperparameters"] if trial and trial.run else None,
        "run_dir": trial.run.output_dir if trial and trial.run else None,
        "result_sha256": trial.run.result_hash if trial and trial.run else None,
        "confirmed_run_id": str(job.confirmed_run_id) if job.confirmed_run_id else None,
        "verdict": job.verdict_json,
        "guards": job_guards_of(job).readings(trial) if trial else [],
        "ended_early": job.ended_early_json,
        "why_no_best": "" if trial else why_no_best(job) or "",
    }


def write_json(path: Path, data: Any) -> None:
    """Write a JSON file atomically: it is complete or absent."""
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
