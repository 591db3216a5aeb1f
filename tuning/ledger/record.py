"""Records how executions end: run, evaluation, attempt, trial and best so far, in one transaction."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from tunix.evaluation.recording import record_result
from tunix.pipeline.spec import FailureReason, RunOutcome, RunResult
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.work.server_paths import without_server_paths

from ..analysis.guards import guards_of_another_version, stored_scores
from ..analysis.judging import judge_of_another_version
from ..choices import AttemptOutcome, EventKind, TrialKind, TrialStatus
from ..domain.selection.objectives import Objective, value_in, values_in
from ..domain.selection.selection import last_line
from ..models import TrialMetric, TuningAttempt, TuningJob, TuningTrial
from .best import keep_best
from .fence import fence

RETRIED = frozenset({FailureReason.LOST, FailureReason.QUARANTINED})
"""Failure reasons that are not the trial's fault: it is executed again."""

CLOSED_FIELDS = [
    "status",
    "metric_value",
    "values_json",
    "judged_rows",
    "guards_json",
    "trained_steps",
    "stopped_json",
    "reason",
    "error",
    "finished_at",
]


def record_outcome(
    job_id: object,
    epoch: int,
    attempt_id: int,
    result: RunResult,
    result_hash: str,
    curve: Sequence[tuple[int, str, float]] = (),
    worker: str = "",
) -> TuningTrial | None:
    """Store how one execution ended: run, verdict, intermediate metrics, attempt, trial and best so far.

    `curve` holds (step, name, value). Returns the trial, or None if the attempt already had an outcome: a result that
    is delivered twice counts once. Raises LeaseLost.
    """
    with fence(job_id, epoch) as job:
        attempt = TuningAttempt.objects.select_related("trial", "run").filter(pk=attempt_id).first()
        if attempt is None or attempt.outcome != AttemptOutcome.RUNNING:
            return None
        record_result(attempt.run, result, result_hash, is_noted=attempt.trial.kind == TrialKind.HELD_OUT)
        TrialMetric.objects.bulk_create(
            [TrialMetric(attempt=attempt, step=step, name=name, value=value) for step, name, value in curve],
            ignore_conflicts=True,  # values at rungs of early stopping are stored already
        )
        outcome, reason, error, value = judged(job, result)
        other = judge_of_another_version(job, result.verdict) or guards_of_another_version(job, result)
        if outcome == AttemptOutcome.COMPLETED and other:
            outcome, reason, error, value = AttemptOutcome.FAILED, str(FailureReason.JUDGE_ERROR), other, None
        close_attempt(attempt, outcome, reason, error, worker)
        attempt.trial.guards_json = stored_scores(result)
        attempt.trial.trained_steps = result.step
        completed = outcome == AttemptOutcome.COMPLETED
        raced_out = result.verdict.raced_out if completed and result.verdict else None
        attempt.trial.judged_rows = raced_out.rows if raced_out else None
        attempt.trial.values_json = values_in(result, job.further_objectives) if completed else {}
        return close_trial(job, attempt.trial, outcome, reason, error, value)


def judged(job: TuningJob, result: RunResult) -> tuple[AttemptOutcome, str, str, float | None]:
    """(outcome, reason, error, metric value) of a result. Without a finite value of the job's metric it failed."""
    if result.outcome == RunOutcome.CANCELED:
        return AttemptOutcome.CANCELED, "canceled", result.error, None
    if result.outcome == RunOutcome.FAILED:
        return AttemptOutcome.FAILED, str(result.reason or FailureReason.ERROR), result.error, None
    value = value_in(result, Objective(job.metric_name, job.metric_mode))
    if value is None or not math.isfinite(value):
        detail = f"The run completed without a finite value of {job.metric_name}."
        return AttemptOutcome.FAILED, "metric_missing", detail, None
    return AttemptOutcome.COMPLETED, "", "", value


def record_death(
    job_id: object,
    epoch: int,
    attempt_id: int,
    error: str,
    reason: FailureReason = FailureReason.LOST,
    worker: str = "",
) -> TuningTrial | None:
    """Store that an execution ended without a result, and why.

    A trial whose worker was lost is executed again, up to MAX_ATTEMPTS times in all; any other reason fails it.
    Returns the trial if it has ended. Raises LeaseLost.
    """
    error = without_server_paths(error)
    with fence(job_id, epoch) as job:
        attempt = TuningAttempt.objects.select_related("trial", "run").filter(pk=attempt_id).first()
        if attempt is None or attempt.outcome != AttemptOutcome.RUNNING:
            return None
        is_lost = reason in RETRIED
        close_attempt(attempt, AttemptOutcome.LOST if is_lost else AttemptOutcome.FAILED, reason, error, worker)
        close_run(attempt.run_id, RunStatus.LOST if is_lost else RunStatus.FAILED, reason, error)
        # Refusals by quarantined workers are not counted: the trial has not started on them.
        if is_lost and attempt.trial.attempts.filter(reason=FailureReason.LOST).count() < settings.MAX_ATTEMPTS:
            TuningTrial.objects.filter(pk=attempt.trial_id).update(status=TrialStatus.PENDING)
            return None
        return close_trial(job, attempt.trial, AttemptOutcome.FAILED, reason, error, None)


def close_attempt(attempt: TuningAttempt, outcome: str, reason: str, error: str, worker: str) -> None:
    """Close one execution."""
    TuningAttempt.objects.filter(pk=attempt.pk).update(
        outcome=outcome, reason=reason, error=error, worker=worker[:200], finished_at=timezone.now()
    )


def close_run(run_id: object, status: str, reason: str, error: str) -> None:
    """Close its run, unless it has ended already: the run of a completed result has its own terminal state."""
    TunixRun.objects.filter(pk=run_id, status=RunStatus.RUNNING).update(
        status=status, reason=reason, error=error, finished_at=timezone.now()
    )


def close_trial(
    job: TuningJob, trial: TuningTrial, outcome: str, reason: str, error: str, value: float | None
) -> TuningTrial:
    """End a trial: its row, the job's progress, an event if it failed, the best so far if it completed."""
    now = timezone.now()
    trial.status, trial.metric_value, trial.reason, trial.error = outcome, value, reason, error
    trial.finished_at = now
    trial.save(update_fields=CLOSED_FIELDS)
    # Only restarts in a row count against MAX_RESTARTS: a job that ends trials makes progress.
    TuningJob.objects.filter(pk=job.pk).update(progress_at=now, restarts=0)
    if outcome == AttemptOutcome.FAILED:
        job.add_event(EventKind.TRIAL_FAILED, detail=f"trial {trial.number}: {reason}. {last_line(error)}".strip())
    elif outcome == AttemptOutcome.COMPLETED:
        keep_best(job, trial)
    return trial
