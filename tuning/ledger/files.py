"""The files of a job: what was asked, the resolved space, the best result. All can be rebuilt from the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from tunix.pipeline.faults import fault_point
from tunix.pipeline.files import write_text
from tunix.pipeline.hyperparameters import resolve

from ..analysis.guards import job_guards_of, why_no_best
from ..domain.job_definition import FIELDS
from ..models import TuningJob, TuningTrial

FORGOTTEN_WITHIN = timedelta(days=1)


def request_of(job: TuningJob) -> dict[str, Any]:
    """The definition of a job, complete: creating a job from it gives the same search."""
    return {field: getattr(job, field) for field in FIELDS}


def write_request(job: TuningJob) -> None:
    """`request.json` and `param_space.json`: the search space, and every other hyperparameter with its value."""
    folder = job.work_dir()
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "request.json", request_of(job))
    searched = job.search_space_json
    decided = {*searched, "num_epochs"} if "num_steps" in searched else {*searched}  # of the two only one holds
    fixed = {name: value for name, value in resolve(job.fixed_params_json).items() if name not in decided}
    space = {"dataset_version": job.dataset.version, "search": searched, "constraints": job.constraints_json}
    write_json(folder / "param_space.json", space | {"fixed": fixed})


def stage_best(job: TuningJob, trial: TuningTrial | None, epoch: int, front: Sequence[int] = ()) -> Path:
    """Write `best.<epoch>.json`; `publish_best` gives it its plain name once the rows are committed."""
    path = job.work_dir() / f"best.{epoch}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, best_of(job, trial, front))
    return path


def publish_best(staged: Path) -> None:
    """best.<epoch>.json -> best.json"""
    fault_point("finish.committed")
    staged.replace(staged.with_name("best.json"))


def publish_forgotten() -> None:
    """Publish what was staged under the last epoch of a job that has ended lately, and did not get its name."""
    ended_lately = TuningJob.objects.filter(
        status__in=TuningJob.TERMINAL, finished_at__gt=timezone.now() - FORGOTTEN_WITHIN
    )
    for job in ended_lately.only("pk", "epoch"):
        staged = job.work_dir() / f"best.{job.epoch}.json"
        if staged.exists():
            publish_best(staged)


def best_of(job: TuningJob, trial: TuningTrial | None, front: Sequence[int] = ()) -> dict[str, Any]:
    """What `best.json` says; all null when no trial completed. `front` holds the trials on the Pareto front."""
    return {
        "job_id": str(job.pk),
        "metric_name": job.metric_name,
        "metric_mode": job.metric_mode,
        "best_trial": trial.number if trial else None,
        "best_run_id": str(trial.run_id) if trial else None,
        "best_params": trial.params_json if trial else None,
        "best_value": trial.metric_value if trial else None,
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
    """Write a JSON file that is whole or absent."""
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
