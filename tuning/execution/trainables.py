"""The allow-list of what a trial may execute. Runs on a Ray worker, without Django and without the database."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tunix.pipeline.engine.progress import Report
from tunix.pipeline.engine.steps import AtRung, ignore_rung, rungs_before_end
from tunix.pipeline.failures import TimedOut, reason_for
from tunix.pipeline.faults import fault_point
from tunix.pipeline.files import write_text
from tunix.pipeline.folder import RESULT, run_dir
from tunix.pipeline.spec import RunOutcome, RunResult, RunSpec

from .journal import note_ended, note_started
from .worker import register_worker

Execute = Callable[[RunSpec, Path, Report, AtRung], RunResult]


def run_pipeline(spec: RunSpec, artifacts_dir: Path, report: Report, at_rung: AtRung) -> RunResult:
    """A real fine-tuning run: train, generate, judge."""
    from tunix.pipeline.run import execute

    return execute(spec, report, artifacts_dir=artifacts_dir, at_rung=at_rung)


def run_nothing(spec: RunSpec, artifacts_dir: Path, report: Report, at_rung: AtRung) -> RunResult:
    """Write a result without training: for measuring the overhead of a trial, and for fault tests.

    Its score is a known function of the learning rate with its maximum at 1e-3. It takes NOOP_SECONDS (default 0). Its
    loss at a rung grows with the distance of the learning rate from 1e-3, and falls from rung to rung.
    """
    started = datetime.now(UTC).isoformat()
    outcome: dict[str, Any] = {"outcome": RunOutcome.COMPLETED}
    try:
        _report_progress(spec, report, at_rung)
        fault_point("trial.checkpoint")
    except Exception as error:
        outcome = {"outcome": RunOutcome.FAILED, "reason": reason_for(error), "error": str(error)}
    score = 1.0 / (1.0 + abs(float(spec.hyperparameters["learning_rate"] or 0.0) - 1e-3))
    result = RunResult(
        run_id=spec.run_id,
        metrics={"score_mean": score},
        step=_noop_steps(spec),
        started_at=started,
        finished_at=datetime.now(UTC).isoformat(),
        **outcome,
    )
    try:
        fault_point("trial.result")
        write_text(run_dir(artifacts_dir, spec.run_id) / RESULT, result.model_dump_json())
    except OSError as error:
        return result.model_copy(update={"outcome": RunOutcome.FAILED, "reason": reason_for(error)})
    return result


def _report_progress(spec: RunSpec, report: Report, at_rung: AtRung) -> None:
    """Wait for NOOP_SECONDS; report progress ten times meanwhile and each rung, as a training run does."""
    pause, steps = float(os.environ.get("NOOP_SECONDS", "0")) / 10, _noop_steps(spec)
    rungs = rungs_before_end(spec.rungs, steps)
    distance = abs(math.log10(float(spec.hyperparameters["learning_rate"] or 1.0) / 1e-3))
    for tenth in range(10):
        time.sleep(pause)
        report(tenth, {})
        for rung in rungs:
            if tenth < rung.step * 10 / steps <= tenth + 1:
                at_rung(rung, distance + 1 - rung.step / steps)


def _noop_steps(spec: RunSpec) -> int:
    return int(spec.hyperparameters.get("num_steps") or 100)


TRAINABLES: dict[str, Execute] = {"pipeline": run_pipeline, "noop": run_nothing}


def run_trial(config: dict[str, Any], at_rung: AtRung = ignore_rung) -> dict[str, Any]:
    """Execute one trial's configuration; returns the report to Ray: metrics, run id and outcome.

    `at_rung` is called at each rung and may end the trial with SystemExit. A run that failed, and one that is not a
    search trial, reports no metrics: otherwise Ray could choose it as the best.
    """
    fault_point("trial.started")
    spec = RunSpec.model_validate(config["spec"])
    artifacts_dir = Path(config["artifacts_dir"])
    register_worker(run_dir(artifacts_dir, spec.run_id), config.get("quarantined", ()))
    execute = TRAINABLES[config["trainable"]]
    note_started(config, spec)
    result = execute(spec, artifacts_dir, reporter(config.get("max_seconds")), at_rung)
    note_ended(config, spec, result)
    competes = result.outcome == RunOutcome.COMPLETED and config.get("kind", "search") == "search"
    metrics = result.metrics if competes else {}
    failure = {"reason": str(result.reason), "error": result.error} if result.reason else {}
    return {**metrics, "run_id": result.run_id, "outcome": str(result.outcome), **failure}


def reporter(max_seconds: float | None) -> Report:
    """A progress callback that raises TimedOut once a run has taken longer than `max_seconds`."""
    started = time.monotonic()

    def report(step: int, metrics: dict[str, float]) -> None:
        fault_point("trial.training")
        seconds = time.monotonic() - started
        if max_seconds is not None and seconds > max_seconds:
            raise TimedOut(
                f"It took more than {max_seconds:g} seconds (budget_json.max_trial_seconds), at step {step}."
            )

    return report
