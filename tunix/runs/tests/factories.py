"""Rows and folders as they stand after real work, made without it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from django.utils import timezone

from tunix.datasets.models import Dataset
from tunix.pipeline.spec import RunOutcome, RunResult
from tunix.runs.choices import RunStatus
from tunix.runs.models import Generation, TunixRun
from tunix.runs.services import build_spec

ASKED = {"dataset_key": "arithmetic-v1", "base_model_id": "tiny-gemma3"}
"""The least that `create_run` takes."""


def make_dataset(key: str = "sums", **overrides: Any) -> Dataset:
    """A dataset of that key; no rows on disk."""
    columns = {"version": "0" * 64, "train_rows": 400, "validation_rows": 256, "test_rows": 0}
    return Dataset.objects.get_or_create(key=key, defaults=columns | overrides)[0]


def make_run(**overrides: Any) -> TunixRun:
    """A completed single run; no folder on disk."""
    run_id = overrides.pop("id", None) or uuid.uuid4()
    dataset = overrides.pop("dataset", None) or make_dataset()
    spec = build_spec(
        run_id=run_id,
        dataset=dataset,
        base_model_id=overrides.get("base_model_id", "tiny-gemma3"),
        hyperparameters=overrides.pop("hyperparameters", {}),
        evaluation=overrides.pop("evaluation", {}),
        method=overrides.get("method", "full"),
    )
    status = overrides.get("status", RunStatus.COMPLETED)
    now = timezone.now()
    columns: dict[str, Any] = {
        "dataset": dataset,
        "base_model_id": spec.base_model_id,
        "status": status,
        "config_json": spec.model_dump(mode="json"),
        "output_dir": f"runs/{run_id}",
        "queued_at": now,
        "started_at": None if status == RunStatus.PENDING else now,
        "finished_at": now if status in TunixRun.TERMINAL else None,
        "epoch": 0 if status == RunStatus.PENDING else 1,
    }
    return TunixRun.objects.create(id=run_id, **columns | overrides)


def make_result(run: TunixRun, **overrides: Any) -> RunResult:
    """What a completed run leaves behind, with the verdict of its judge on two rows."""
    evaluation = run.spec.evaluation
    columns: dict[str, Any] = {
        "run_id": run.run_id,
        "outcome": RunOutcome.COMPLETED,
        "metrics": {"score_mean": 0.5, "train_loss": 1.5},
        "verdict": {
            "judge": evaluation.judge,
            "judge_version": "1",
            "split": evaluation.split,
            "items": 2,
            "score_mean": 0.5,
            "item_scores": [1.0, 0.0],
        },
        "environment": {"threads": 1},
        "started_at": "2025-03-12T10:00:00+00:00",
        "finished_at": "2025-03-12T10:00:04+00:00",
    }
    return RunResult.model_validate(columns | overrides)


def write_result(run: TunixRun, result: RunResult) -> Path:
    """Put the result into the run's folder."""
    run.work_dir().mkdir(parents=True, exist_ok=True)
    path = run.work_dir() / "result.json"
    path.write_text(result.model_dump_json())
    return path


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """A file of JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def make_generation(run: TunixRun, **overrides: Any) -> Generation:
    """A prompt that waits for its answer."""
    columns: dict[str, Any] = {"prompt": "1+1=", "max_new_tokens": 8, "queued_at": timezone.now()}
    return Generation.objects.create(run=run, **columns | overrides)


def answer_of(run: TunixRun, text: str = "2", **overrides: Any) -> dict[str, Any]:
    """An answer as a runner stores it."""
    blank = {"truncated": False, "prompt_cut": False, "reason": "", "error": ""}
    return {"run_id": run.run_id, "text": text} | blank | overrides
