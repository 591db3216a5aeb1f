"""Executes single runs and evaluations in the runner process: `TunixRun.RUNNER` and `Evaluation.RUNNER`.

The runner of runs is in this app because it records an evaluation, and `tunix.runs` does not depend on this app.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tunix.pipeline.failures import Canceled, EvaluationUnavailable, message_of, reason_for
from tunix.pipeline.judges import Meter
from tunix.pipeline.run import execute, judge_again
from tunix.pipeline.spec import EvaluationSpec, FailureReason, RunOutcome, RunResult
from tunix.runs.models import TunixRun
from tunix.runs.outputs import clear_outputs
from tunix.runs.reproducing import report_on
from tunix.runs.results import ResultUnreadable, changed_files, read_result, storable
from tunix.work.database_retries import retry_database
from tunix.work.keeper import LeaseKeeper
from tunix.work.lease import finish
from tunix.work.server_paths import without_server_paths

from .choices import EvaluationStatus
from .models import Evaluation
from .recording import close_run, verdict_fields

logger = logging.getLogger(__name__)


def run_training(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    """Trains and evaluates a single run, and records the result under `epoch`.

    If the folder already contains a completed result, an earlier runner died after writing it, and it is recorded.
    """
    run = TunixRun.objects.get(pk=pk)
    result, result_hash = _earlier_result(run) or _execute(run, keeper)
    report = report_on(run, result)
    retry_database(lambda: close_run(run, epoch, result, result_hash, reproduction_json=report))


def run_evaluation(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    """Rejudges a run and records the verdict under `epoch`."""
    evaluation = Evaluation.objects.select_related("run").get(pk=pk)
    status, fields = _judge(evaluation, keeper)
    retry_database(lambda: finish(Evaluation, pk, epoch, status, **fields))


def _judge(evaluation: Evaluation, keeper: LeaseKeeper) -> tuple[str, dict[str, Any]]:
    """The final status of the evaluation, and its other columns."""
    asked = EvaluationSpec.model_validate({name: getattr(evaluation, name) for name in EvaluationSpec.model_fields})
    meter = Meter()
    try:
        verdict = judge_again(
            evaluation.run.spec,
            artifacts_dir=settings.ARTIFACTS_DIR,
            evaluation=asked,
            output_dir=evaluation.work_dir(),
            report=_reporter(keeper),
            meter=meter,
        )
    except Canceled:
        return EvaluationStatus.CANCELED, _used(meter)
    except EvaluationUnavailable as error:
        return _failed(FailureReason.USER_ERROR, str(error), meter)
    except Exception as error:
        logger.exception("evaluation %s failed", evaluation.pk)
        return _failed(reason_for(error), message_of(error), meter)
    return EvaluationStatus.COMPLETED, verdict_fields(verdict)


def _failed(reason: FailureReason, error: str, meter: Meter) -> tuple[str, dict[str, Any]]:
    return EvaluationStatus.FAILED, {"reason": reason, "error": without_server_paths(storable(error))} | _used(meter)


def _used(meter: Meter) -> dict[str, Any]:
    """The usage of a service counts even without a verdict."""
    return {"usage_json": meter.usage.model_dump()} if meter.usage else {}


def _earlier_result(run: TunixRun) -> tuple[RunResult, str] | None:
    """The completed result of an earlier attempt, if its files are unchanged."""
    try:
        result, result_hash = read_result(run.work_dir())
    except ResultUnreadable:
        return None
    is_complete = result.outcome == RunOutcome.COMPLETED and not changed_files(run.work_dir(), result)
    return (result, result_hash) if is_complete else None


def _execute(run: TunixRun, keeper: LeaseKeeper) -> tuple[RunResult, str]:
    """The result of a new attempt. If a failed result could not be written to disk, its hash is empty."""
    clear_outputs(run.work_dir())
    result = execute(run.spec, _reporter(keeper), artifacts_dir=settings.ARTIFACTS_DIR)
    try:
        return read_result(run.work_dir())
    except ResultUnreadable:
        if result.outcome != RunOutcome.FAILED:
            raise
        return result.model_copy(update={"error": without_server_paths(storable(result.error))}), ""


def _reporter(keeper: LeaseKeeper) -> Callable[[int, dict[str, float]], None]:
    """The callback of the pipeline, through which a cancellation reaches it."""

    def report(step: int, metrics: dict[str, float]) -> None:
        if keeper.cancel_event.is_set():
            raise Canceled

    return report
