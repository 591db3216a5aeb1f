"""The work of single runs and of judging again, in the runner process: `TunixRun.RUNNER` and `Evaluation.RUNNER`.

A run's work stands here and not in `tunix.runs`: it ends by recording an evaluation, which that room does not know.
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

from .choices import EvaluationStatus
from .models import Evaluation
from .recording import close_run, verdict_fields

logger = logging.getLogger(__name__)


def run_training(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    """Train and judge a single run, and record what came out under `epoch`.

    A completed result that lies in the folder already is recorded as it is: an earlier runner died after it.
    """
    run = TunixRun.objects.get(pk=pk)
    result, result_hash = _completed_before(run) or _carried_out(run, keeper)
    report = report_on(run, result)
    retry_database(lambda: close_run(run, epoch, result, result_hash, reproduction_json=report))


def run_evaluation(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    """Judge a run again and record the verdict under `epoch`."""
    evaluation = Evaluation.objects.select_related("run").get(pk=pk)
    status, fields = _judged(evaluation, keeper)
    retry_database(lambda: finish(Evaluation, pk, epoch, status, **fields))


def _judged(evaluation: Evaluation, keeper: LeaseKeeper) -> tuple[str, dict[str, Any]]:
    """The status that the evaluation ends with, and its other columns."""
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
    return EvaluationStatus.FAILED, {"reason": reason, "error": storable(error)} | _used(meter)


def _used(meter: Meter) -> dict[str, Any]:
    """What a judging used that came to no verdict is used all the same."""
    return {"usage_json": meter.usage.model_dump()} if meter.usage else {}


def _completed_before(run: TunixRun) -> tuple[RunResult, str] | None:
    """The completed result of an earlier try, if it lies there as it was written."""
    try:
        result, result_hash = read_result(run.work_dir())
    except ResultUnreadable:
        return None
    is_whole = result.outcome == RunOutcome.COMPLETED and not changed_files(run.work_dir(), result)
    return (result, result_hash) if is_whole else None


def _carried_out(run: TunixRun, keeper: LeaseKeeper) -> tuple[RunResult, str]:
    """The result of doing it now. Where the disk took no result, the hash is empty."""
    clear_outputs(run.work_dir())
    result = execute(run.spec, _reporter(keeper), artifacts_dir=settings.ARTIFACTS_DIR)
    try:
        return read_result(run.work_dir())
    except ResultUnreadable:
        if result.outcome != RunOutcome.FAILED:
            raise
        return result.model_copy(update={"error": storable(result.error)}), ""


def _reporter(keeper: LeaseKeeper) -> Callable[[int, dict[str, float]], None]:
    """What the pipeline calls on the way; the only place where a cancel reaches it."""

    def report(step: int, metrics: dict[str, float]) -> None:
        if keeper.cancel_event.is_set():
            raise Canceled

    return report
