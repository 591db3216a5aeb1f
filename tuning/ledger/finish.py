"""How a job ends, goes back into the queue, or loses its runner."""

from __future__ import annotations

from django.utils import timezone

from tunix.pipeline.faults import fault_point
from tunix.pipeline.spec import FailureReason
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun

from ..analysis.budgets import is_ended_early
from ..choices import AttemptOutcome, EventKind, JobStatus, TrialStatus
from ..domain.selection.selection import nothing_completed
from ..models import TuningAttempt, TuningJob
from .best import recompute_best, recompute_best_despite_full_disk
from .failures import ended_trials
from .fence import fence
from .requeue import is_asked_for_more, requeue
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
    """running -> a terminal state, with the best over all trials and nothing left open.

    `reason` is why it failed, in a word, where it does. Where somebody asked for something after `last_request`, the
    job goes back into the queue instead: the next epoch decides again.
    """
    with fence(job_id, epoch) as job:
        if status != JobStatus.CANCELED and is_asked_for_more(job, last_request):
            return _requeue(job, "something was asked for at its end")
        if status == JobStatus.CANCELED:
            close_canceled(job)
        elif error := error or nothing_completed(ended_trials(job)) or _nothing_ran(job, detail):
            status = JobStatus.FAILED
            close_failed(job, error)
        else:
            _close_open(job)
            write_verdict(job, "" if is_ended_early(job, "search") else detail)
            recompute_best(job)
            job.add_event(EventKind(str(status)), detail=detail)
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
    """running -> queued by its own runner, which has nothing to do; canceled, where that was asked meanwhile."""
    with fence(job_id, epoch) as job:
        if job.cancel_requested_at is not None:
            return finish_job(job_id, epoch, JobStatus.CANCELED)
        return _requeue(job, detail)


def _requeue(job: TuningJob, detail: str) -> TuningJob:
    _reopen_what_runs(job, detail)
    requeue(job, detail)
    job.refresh_from_db()
    return job


def _reopen_what_runs(job: TuningJob, cause: str) -> None:
    _end_open_attempts(job, AttemptOutcome.LOST, RunStatus.LOST, FailureReason.RUNNER_LOST, cause)
    job.trials.running().update(status=TrialStatus.PENDING)


def _nothing_ran(job: TuningJob, detail: str) -> str:
    """Why a job that ends without a single ended trial failed; empty when there is one."""
    return "" if ended_trials(job) else f"No trial has ended: {detail or 'there was none to run'}."


def close_canceled(job: TuningJob) -> None:
    """Open attempts, runs and trials of a job become canceled."""
    _close_open(job)
    recompute_best_despite_full_disk(job)
    job.add_event(EventKind.CANCELED)


def close_failed(job: TuningJob, error: str) -> None:
    """The same for a job that fails."""
    _close_open(job)
    recompute_best_despite_full_disk(job)
    job.add_event(EventKind.FAILED, detail=error)


def _close_open(job: TuningJob) -> None:
    """No trial of a job that has ended waits or runs: a resume opens it again."""
    _end_open_attempts(job, AttemptOutcome.CANCELED, RunStatus.CANCELED, "canceled")
    job.trials.unfinished().update(status=TrialStatus.CANCELED, reason="canceled", finished_at=timezone.now())


def give_up_epoch(job: TuningJob, epoch: int, cause: str) -> None:
    """The runner of `epoch` is gone: its attempts are lost, their trials wait with unchanged parameters."""
    _reopen_what_runs(job, cause)
    job.add_event(EventKind.LOST, detail=f"epoch {epoch}: {cause}")


def _end_open_attempts(job: TuningJob, outcome: str, run_status: str, reason: str, error: str = "") -> None:
    now = timezone.now()
    opened = TuningAttempt.objects.filter(trial__job=job, outcome=AttemptOutcome.RUNNING)
    runs = list(opened.values_list("run_id", flat=True))
    opened.update(outcome=outcome, reason=reason, error=error, finished_at=now)
    TunixRun.objects.filter(pk__in=runs, status=RunStatus.RUNNING).update(
        status=run_status, reason=reason, error=error, finished_at=now
    )
