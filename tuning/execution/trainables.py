"""What a trial may execute: an allow-list. Runs on a Ray worker, without Django and without the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tunix.pipeline.files import write_text
from tunix.pipeline.spec import RunOutcome, RunResult, RunSpec

Execute = Callable[[RunSpec, Path], RunResult]


def run_pipeline(spec: RunSpec, artifacts_dir: Path) -> RunResult:
    """A real fine-tuning run: train, generate, judge."""
    from tunix.pipeline.run import execute

    return execute(spec, lambda step, metrics: None, artifacts_dir=artifacts_dir)


def run_nothing(spec: RunSpec, artifacts_dir: Path) -> RunResult:
    """Nothing but a result: for measuring what a trial costs apart from training.

    Its score is a known function of the learning rate, highest at 1e-3.
    """
    started = datetime.now(UTC).isoformat()
    score = 1.0 / (1.0 + abs(float(spec.hyperparameters["learning_rate"] or 0.0) - 1e-3))
    result = RunResult(
        run_id=spec.run_id,
        outcome=RunOutcome.COMPLETED,
        metrics={"score_mean": score},
        started_at=started,
        finished_at=datetime.now(UTC).isoformat(),
    )
    write_text(artifacts_dir / "runs" / spec.run_id / "result.json", result.model_dump_json())
    return result


TRAINABLES: dict[str, Execute] = {"pipeline": run_pipeline, "noop": run_nothing}


def run_trial(config: dict[str, Any]) -> dict[str, Any]:
    """Execute one trial's configuration; returns what is reported to Ray: its metrics and its run id.

    A run that did not complete reports no metrics, or Ray could call it the best.
    """
    spec = RunSpec.model_validate(config["spec"])
    result = TRAINABLES[config["trainable"]](spec, Path(config["artifacts_dir"]))
    metrics = result.metrics if result.outcome == RunOutcome.COMPLETED else {}
    return {**metrics, "run_id": result.run_id, "outcome": str(result.outcome)}
