"""Rows as real work leaves them, created without it. Each factory takes any column as an override."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from tuning.choices import TERMINAL_TRIAL_STATUSES, AttemptOutcome, JobStatus, TrialKind, TrialStatus
from tuning.models import TuningAttempt, TuningJob, TuningTrial
from tunix.datasets.importing import Source
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.tests import factories

SPACE = {
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2},
    "batch_size": {"type": "choice", "values": [16, 32, 64]},
}
SPLITS = ("train", "validation", "test")
PARAMS = {"learning_rate": 0.003, "batch_size": 32}
_numbers = count(1)


def make_dataset() -> Dataset:
    """The built-in dataset; no rows on disk."""
    return factories.make_dataset("arithmetic-v1", test_rows=256)


def imported_dataset() -> Dataset:
    """A dataset of a few rows, on disk as well: what services look up must be whole."""
    rows = {split: [{"prompt": f"{split} {n}", "answer": str(n)} for n in range(3)] for split in SPLITS}
    sources = {
        split: Source.from_bytes(f"{split}.jsonl", "\n".join(map(json.dumps, lines)).encode())
        for split, lines in rows.items()
    }
    return import_dataset(key="few-rows", sources=sources)


def make_base_model(**overrides: Any) -> BaseModel:
    """The base model of that id."""
    base_model_id = overrides.pop("base_model_id", "tiny-gemma3")
    columns = {"family": "gemma3", "parameters": 66_000}
    return BaseModel.objects.get_or_create(base_model_id=base_model_id, defaults=columns | overrides)[0]


def make_added_model(**overrides: Any) -> BaseModel:
    """A base model that was added from a folder and has a chat template; no files on disk."""
    columns = {"source": BaseModel.Source.ADDED, "content_hash": "0" * 64, "chat_template": "{{ messages }}"}
    return make_base_model(**{"base_model_id": "some-llama", "family": "llama3"} | columns | overrides)


def make_job(**overrides: Any) -> TuningJob:
    """A created job of 8 trials on arithmetic-v1. A status other than created gets the times that go with it."""
    status = overrides.get("status", JobStatus.CREATED)
    now = timezone.now()
    columns: dict[str, Any] = {
        "name": f"job {next(_numbers)}",
        "base_model_id": make_base_model().base_model_id,
        "metric_name": "score_mean",
        "metric_mode": "max",
        "num_samples": 8,
        "search_space_json": SPACE,
        "fixed_params_json": {"num_epochs": 3},
        "algorithm_json": {"name": "random"},
        "budget_json": {
            "max_seconds": None,
            "max_failed_trials": 4,
            "max_trial_seconds": None,
            "max_judge_cost": None,
            "target_value": None,
            "no_improvement_trials": None,
        },
        "resources_json": {"threads": 1},
        "evaluation_json": {
            "judge": "answer_correctness",
            "split": "validation",
            "max_items": 256,
            "max_new_tokens": 8,
        },
    }
    if status != JobStatus.CREATED:
        columns["queued_at"] = now - timedelta(minutes=2)
    if status not in {JobStatus.CREATED, JobStatus.QUEUED}:
        columns |= {"started_at": now - timedelta(minutes=1), "epoch": 1, "heartbeat_at": now}
    if status in TuningJob.TERMINAL:
        columns["finished_at"] = now
    if "dataset" not in overrides:
        columns["dataset"] = make_dataset()
    return TuningJob.objects.create(**columns | overrides)


def job_request(**overrides: Any) -> dict[str, Any]:
    """What is sent to create a job, with the required fields only, all of which can be found."""
    request = {
        "name": f"job {next(_numbers)}",
        "dataset_key": imported_dataset().key,
        "base_model_id": make_base_model().base_model_id,
        "search_space_json": SPACE,
    }
    return request | overrides


def make_trial_run(job: TuningJob, status: str) -> TunixRun:
    """The run of a trial of `job`; no folder on disk."""
    metrics = {"score_mean": 0.5, "eval_loss": 1.25} if status == RunStatus.COMPLETED else {}
    return factories.make_run(
        origin=RunOrigin.TRIAL,
        status=status,
        dataset=job.dataset,
        base_model_id=job.base_model_id,
        hyperparameters=PARAMS | {"num_epochs": 3},
        metrics_json=metrics,
    )


def make_trial(job: TuningJob | None = None, **overrides: Any) -> TuningTrial:
    """A completed trial with its run and one attempt; a pending one has neither. The next free number is taken."""
    job = job or make_job(status=JobStatus.RUNNING)
    now = timezone.now()
    status = overrides.get("status", TrialStatus.COMPLETED)
    searches = overrides.get("kind", TrialKind.SEARCH) == TrialKind.SEARCH
    columns: dict[str, Any] = {
        "job": job,
        "number": job.trials.count(),
        "slot": job.trials.filter(slot__isnull=False).count() if searches else None,
        "params_json": PARAMS,
        "params_hash": "0" * 64,
        "status": status,
        "metric_value": 0.5 if status == TrialStatus.COMPLETED else None,
        "started_at": None if status == TrialStatus.PENDING else now - timedelta(seconds=4),
        "finished_at": now if status in TERMINAL_TRIAL_STATUSES else None,
    }
    columns |= overrides
    if status != TrialStatus.PENDING and "run" not in overrides:
        columns["run"] = make_trial_run(job, status)
    trial = TuningTrial.objects.create(**columns)
    if trial.run is not None:
        make_attempt(trial, run=trial.run, outcome=AttemptOutcome(str(status)), reason=trial.reason)
    return trial


def make_attempt(trial: TuningTrial, **overrides: Any) -> TuningAttempt:
    """One more execution of a trial, lost unless overridden."""
    columns: dict[str, Any] = {
        "trial": trial,
        "number": trial.attempts.count() + 1,
        "epoch": 1,
        "outcome": AttemptOutcome.LOST,
        "finished_at": trial.finished_at,
    }
    if "run" not in overrides:
        columns["run"] = make_trial_run(trial.job, RunStatus.LOST)
    return TuningAttempt.objects.create(**columns | overrides)
