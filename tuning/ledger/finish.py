"""How a job ends, is requeued, or loses its runner."""

from __future__ import annotations

from django.utils import timezone

from tunix.pipeline.faults import fault_point
from tunix.pipeline.spec import FailureReason
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.work.server_paths import without_server_paths

from ..analysis.budgets import is_ended_early
from ..choices import AttemptOutcome, EventKind, JobStatus, TrialStatus
from ..domain.selection.selection import nothing_completed
from ..models import TuningAttempt, TuningJob
from .best import recompute_best, recompute_best_despite_full_disk
from .ended import end_on_commit
from .failures import ended_trials
from .fence import fence
from .requeue import has_newer_request, requeue
from .verdict import write_verdict


def finish_job(
    job_id: object,
    epoch: int,
    status: JobStatus,
    *,
    error: str = "",
    detail: str = "",
    reason: str = "trials",
    last_request: int | None = None,
) -> TuningJob:
    """running -> a terminal state, with the best of all trials and nothing left open. Raises LeaseLost.

    `reason` is the failure reason if the job fails. If a user made a request after `last_request`, the job is requeued
    instead, and the next epoch decides again.
    """
    error = without_server_paths(error)
    with fence(job_id, epoch) as job:
        # The decision to end was an earlier transaction. A request that was accepted since then must not be lost.
        if status != JobStatus.CANCELED and has_newer_request(job, last_request):
            return _requeue(job, "a request arrived while it was ending")
        if status == JobStatus.CANCELED:
            close_canceled(job)
        elif error := error or _why_nothing_counts(job, detail):
            status = JobStatus.FAILED
            close_failed(job, error)
        else:
            _close_completed(job, detail)
        TuningJob.objects.filter(pk=job.pk).update(
            status=status,
            error=error,
            reason=reason if status == JobStatus.FAILED else "",
            finished_at=timezone.now(),
            lease_owner="",
        )
        job.refresh_from_db()
        fault_point("finish.files")
    return job


def release_job(job_id: object, epoch: int, detail: str) -> TuningJob:
    """running -> queued by its own idle runner, or canceled if that was requested meanwhile. Raises LeaseLost."""
    with fence(job_id, epoch) as job:
        if job.cancel_requested_at is not None:
            return finish_job(job_id, epoch, JobStatus.CANCELED)
        return _requeue(job, detail)


def _requeue(job: TuningJob, detail: str) -> TuningJob:
    _reopen_running(job, detail)
    requeue(job, detail)
    job.refresh_from_db()
    return job


def _reopen_running(job: TuningJob, cause: str) -> None:
    _end_open_attempts(job, AttemptOutcome.LOST, RunStatus.LOST, FailureReason.RUNNER_LOST, cause)
    job.trials.running().update(status=TrialStatus.PENDING)


def _why_nothing_counts(job: TuningJob, detail: str) -> str:
    """Why a job fails of which no trial completed, or none ended at all; empty if one did."""
    ended = ended_trials(job)
    if not ended:
        return f"No trial has ended: {detail or 'there was none to run'}."
    return nothing_completed(ended) or ""


def _close_completed(job: TuningJob, detail: str) -> None:
    _close_open(job)
    write_verdict(job, "" if is_ended_early(job, "search") else detail)
    recompute_best(job)
    job.add_event(EventKind.COMPLETED, detail=detail)
    end_on_commit(job)


def close_canceled(job: TuningJob) -> None:
    """Cancel the open attempts, runs and trials of a job that is being canceled, and record its best so far."""
    _close_open(job)
    recompute_best_despite_full_disk(job)
    job.add_event(EventKind.CANCELED)
    end_on_commit(job)


def close_failed(job: TuningJob, error: str) -> None:
    """The same for a job that fails because of `error`."""
    _close_open(job)
    recompute_best_despite_full_disk(job)
    job.add_event(EventKind.FAILED, detail=error)
    end_on_commit(job)


def _close_open(job: TuningJob) -> None:
    """No trial of an ended job is pending or running. A resume opens them again."""
    _end_open_attempts(job, AttemptOutcome.CANCELED, RunStatus.CANCELED, "canceled")
    job.trials.unfinished().update(status=TrialStatus.CANCELED, reason="canceled", finished_at=timezone.now())


def give_up_epoch(job: TuningJob, epoch: int, cause: str) -> None:
    """The runner of `epoch` is gone: its attempts are lost, their trials become pending with the same parameters."""
    _reopen_running(job, cause)
    job.add_event(EventKind.LOST, detail=f"epoch {epoch}: {cause}")


def _end_open_attempts(job: TuningJob, outcome: str, run_status: str, reason: str, error: str = "") -> None:
    now = timezone.now()
    # The key of each run is read first: after the update the attempts no longer match the filter.
    opened = TuningAttempt.objects.filter(trial__job=job, outcome=AttemptOutcome.RUNNING)
    runs = list(opened.values_list("run_id", flat=True))
    opened.update(outcome=outcome, reason=reason, error=error, finished_at=now)
    TunixRun.objects.filter(pk__in=runs, status=RunStatus.RUNNING).update(
        status=run_status, reason=reason, error=error, finished_at=now
    )
