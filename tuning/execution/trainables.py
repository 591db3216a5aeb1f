"""What a trial may execute: an allow-list. Runs on a Ray worker, without Django and without the database."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tunix.pipeline.engine.progress import Report
from tunix.pipeline.engine.steps import AtRung, go_on, rungs_on_the_way
from tunix.pipeline.failures import TimedOut, reason_for
from tunix.pipeline.faults import fault_point
from tunix.pipeline.files import write_text
from tunix.pipeline.folder import RESULT, run_dir
from tunix.pipeline.spec import RunOutcome, RunResult, RunSpec

from .journal import note_ended, note_started
from .worker import sign_in

Execute = Callable[[RunSpec, Path, Report, AtRung], RunResult]


def run_pipeline(spec: RunSpec, artifacts_dir: Path, report: Report, at_rung: AtRung) -> RunResult:
    """A real fine-tuning run: train, generate, judge."""
    from tunix.pipeline.run import execute

    return execute(spec, report, artifacts_dir=artifacts_dir, at_rung=at_rung)


def run_nothing(spec: RunSpec, artifacts_dir: Path, report: Report, at_rung: AtRung) -> RunResult:
    """Nothing but a result: for measuring what a trial costs apart from training, and for proofs by fault.

    Its score is a known function of the learning rate, highest at 1e-3. It takes NOOP_SECONDS (default 0). At a rung
    its loss is higher the further the learning rate is from 1e-3, and falls on the way.
    """
    started = datetime.now(UTC).isoformat()
    outcome: dict[str, Any] = {"outcome": RunOutcome.COMPLETED}
    try:
        _pass_the_time(spec, report, at_rung)
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


def _pass_the_time(spec: RunSpec, report: Report, at_rung: AtRung) -> None:
    """Wait for NOOP_SECONDS and report ten times meanwhile, as a training would, and at the rungs."""
    pause, steps = float(os.environ.get("NOOP_SECONDS", "0")) / 10, _noop_steps(spec)
    rungs = rungs_on_the_way(spec.rungs, steps)
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


def run_trial(config: dict[str, Any], at_rung: AtRung = go_on) -> dict[str, Any]:
    """Execute one trial's configuration; returns what is reported to Ray: its metrics and its run id.

    `at_rung` hears of the rungs on the way, where there are any, and may end the trial by SystemExit.

    A run that did not complete reports no metrics, nor does one that is not of the search: Ray could call it the best.
    """
    fault_point("trial.started")
    spec = RunSpec.model_validate(config["spec"])
    artifacts_dir = Path(config["artifacts_dir"])
    sign_in(run_dir(artifacts_dir, spec.run_id), config.get("set_aside", ()))
    execute = TRAINABLES[config["trainable"]]
    note_started(config, spec)
    result = execute(spec, artifacts_dir, reporter(config.get("max_seconds")), at_rung)
    note_ended(config, spec, result)
    competes = result.outcome == RunOutcome.COMPLETED and config.get("kind", "search") == "search"
    metrics = result.metrics if competes else {}
    blame = {"reason": str(result.reason), "error": result.error} if result.reason else {}
    return {**metrics, "run_id": result.run_id, "outcome": str(result.outcome), **blame}


def reporter(max_seconds: float | None) -> Report:
    """Ends a run that takes longer than `max_seconds`, at its next sign of progress."""
    started = time.monotonic()

    def report(step: int, metrics: dict[str, float]) -> None:
        fault_point("trial.training")
        seconds = time.monotonic() - started
        if max_seconds is not None and seconds > max_seconds:
            raise TimedOut(
                f"It took more than {max_seconds:g} seconds (budget_json.max_trial_seconds), at step {step}."
            )

    return report
