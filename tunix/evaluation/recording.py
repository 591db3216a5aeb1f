"""Records a run's result in the database: in the row of the run, and as an evaluation with its verdict.

The run of a trial is recorded by the job's ledger, under the job's lease; a single run is closed under its own.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from tunix.pipeline.folder import run_path
from tunix.pipeline.spec import JudgeResult, RunOutcome, RunResult
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.results import storable
from tunix.statistics.unjudged import counted
from tunix.work.lease import finish

from .access_to_test_set import TEST, note_access_to_test_set
from .analysis.intervals import interval_fields
from .choices import EvaluationStatus
from .models import Evaluation

logger = logging.getLogger(__name__)

STATUS_OF_OUTCOME = {
    RunOutcome.COMPLETED: RunStatus.COMPLETED,
    RunOutcome.FAILED: RunStatus.FAILED,
    RunOutcome.CANCELED: RunStatus.CANCELED,
}


def record_result(run: TunixRun, result: RunResult, result_hash: str, *, is_noted: bool = False) -> Evaluation | None:
    """Records the result of a run without its own lease; does nothing if the run has already ended.

    Call it in a transaction. `is_noted`: its access to the test split is already recorded. Returns the evaluation, or
    None if the result has no verdict.
    """
    status, fields = result_fields(run, result, result_hash)
    written = (
        TunixRun.objects.filter(pk=run.pk)
        .exclude(status__in=TunixRun.TERMINAL)
        .update(status=status, finished_at=datetime.fromisoformat(result.finished_at), **fields)
    )
    run.refresh_from_db()
    if not written or result.verdict is None:
        return None
    return record_verdict(run=run, verdict=result.verdict, is_noted=is_noted)


def close_run(run: TunixRun, epoch: int, result: RunResult, result_hash: str, **more: Any) -> bool:
    """Writes the run's terminal status, `more` columns and its evaluation in one transaction.

    Returns False, and changes nothing, if the epoch has passed.
    """
    status, fields = result_fields(run, result, result_hash)
    with transaction.atomic():
        if not finish(TunixRun, run.pk, epoch, status, **fields, **more):
            logger.warning("run %s: epoch %s has passed; its result is not recorded", run.pk, epoch)
            return False
        run.refresh_from_db()
        if result.verdict is not None:
            record_verdict(run=run, verdict=result.verdict)
    return True


def result_fields(run: TunixRun, result: RunResult, result_hash: str) -> tuple[str, dict[str, Any]]:
    """The status and other columns of a run that ended with `result`, except for the time."""
    fields = {
        "metrics_json": result.metrics,
        "environment_json": result.environment,
        "output_dir": run_path(run.pk),
        "result_hash": result_hash,
        "judge_usage_json": result.judge_usage.model_dump() if result.judge_usage else None,
        "reason": result.reason or "",
        "error": result.error,
        "started_at": run.started_at or datetime.fromisoformat(result.started_at),
    }
    return STATUS_OF_OUTCOME[result.outcome], fields


def record_verdict(*, run: TunixRun, verdict: JudgeResult, is_noted: bool = False) -> Evaluation:
    """Creates the evaluation with a run's verdict, and records its access to the test split if there was one."""
    spec = run.spec.evaluation
    if verdict.split == TEST and not is_noted:
        note_access_to_test_set(dataset=run.dataset, subject=f"run {run}", actor=run.owner)
    return Evaluation.objects.create(
        run=run,
        status=EvaluationStatus.COMPLETED,
        own_lease=False,
        judge=verdict.judge,
        judge_options=spec.judge_options,
        split=verdict.split,
        max_items=spec.max_items,
        max_new_tokens=spec.max_new_tokens,
        temperature=spec.temperature,
        samples=spec.samples,
        owner_id=run.owner_id,
        project=run.project,
        started_at=run.started_at,
        finished_at=run.finished_at,
        **verdict_fields(verdict),
    )


def verdict_fields(verdict: JudgeResult) -> dict[str, Any]:
    """The columns of an evaluation that depend on the verdict."""
    return {
        "judge_version": verdict.judge_version,
        "items": verdict.items,
        "score_mean": verdict.score_mean,
        "metrics_json": verdict.metrics,
        "item_scores": verdict.item_scores,
        "row_order": verdict.row_order,
        "item_groups": verdict.item_groups,
        "score_best": verdict.score_best,
        "planned_items": verdict.raced_out.planned if verdict.raced_out else None,
        **interval_of(verdict),
        "failed_items": verdict.failed_items,
        "failures_json": [storable(text) for text in verdict.failures],
        "usage_json": verdict.usage.model_dump() if verdict.usage else None,
        "judge_noise": _noise_of(verdict),
    }


def interval_of(verdict: JudgeResult) -> dict[str, Any]:
    """The columns with the interval of the score: of its items, or of the estimate if they are only a part."""
    found = verdict.raced_out
    if found is None:
        return interval_fields(counted(verdict.item_scores))
    method = f"difference estimator, {found.rows} of {found.planned} rows"
    return {"score_low": found.low, "score_high": found.high, "interval_method": method}


def _noise_of(verdict: JudgeResult) -> float | None:
    """The standard error that the judge adds to the mean score; None unless it judged items twice."""
    from tunix.statistics.noise import judge_noise

    if verdict.second_scores is None:
        return None
    try:
        return judge_noise(verdict.item_scores, verdict.second_scores)
    except ValueError:  # no item has both scores
        return None
