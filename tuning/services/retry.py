"""Failed and canceled trials run again, with the same parameters and as a new attempt, because somebody says so."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tunix.api.exceptions import Conflict
from tunix.work.disk import refuse_without_space

from ..analysis.confirmation import is_confirming
from ..choices import TERMINAL_JOB_STATUSES, EventKind, TrialKind, TrialStatus
from ..models import TuningJob, TuningTrial
from .transitions import lock, refuse_used_up_failures, reopen, search_again, why_not

RETRIABLE = (TrialStatus.FAILED, TrialStatus.CANCELED)


def retry_trial(*, trial: TuningTrial, actor: Any) -> TuningTrial:
    """Let a failed or canceled trial wait again. A job that has ended is queued with it, and goes on.

    Whatever it failed of, it does not count as failed any more. Raises Conflict, NoSpace and OverQuota.
    """
    job = trial.job
    with transaction.atomic():
        lock(job)
        trial.refresh_from_db()
        if reason := why_not_retry(trial):
            raise Conflict(f"Cannot retry: {reason}")
        _retry(job, job.trials.filter(pk=trial.pk), actor)
        trial.refresh_from_db()
    return trial


def retry_failed_trials(*, job: TuningJob, actor: Any) -> TuningJob:
    """The same for every failed trial at once. Raises Conflict, also where none failed, NoSpace and OverQuota."""
    with transaction.atomic():
        lock(job)
        if reason := why_not_retry_failed(job):
            raise Conflict(f"Cannot retry: {reason}")
        _retry(job, job.trials.filter(pk__in=[trial.pk for trial in _failed(job)]), actor)
    job.refresh_from_db()
    return job


def why_not_retry(trial: TuningTrial) -> str:
    """Why a trial cannot be run again; empty when it can."""
    if trial.status not in RETRIABLE:
        hint = " It waits to run already." if trial.status == TrialStatus.PENDING else ""
        return f"The trial is {trial.status}: only one that failed or was canceled runs again.{hint}"
    if trial.is_excluded:
        return "The trial is excluded: include it first."
    if trial.kind in {TrialKind.CONFIRMATION, TrialKind.HELD_OUT} and not _is_of_this_confirmation(trial):
        return "The trial belongs to a confirmation that has ended: confirm the winner again."
    return why_not(trial.job, "retry")


def why_not_retry_failed(job: TuningJob) -> str:
    """Why there is nothing to retry; empty when there is."""
    return why_not(job, "retry") or ("" if _failed(job) else "None of its trials failed.")


def _failed(job: TuningJob) -> list[TuningTrial]:
    failed = job.trials.select_related("job").failed().order_by("number")
    return [trial for trial in failed if not why_not_retry(trial)]


def _is_of_this_confirmation(trial: TuningTrial) -> bool:
    return is_confirming(trial.job) and trial.round == trial.job.confirmation_round


def _retry(job: TuningJob, trials: QuerySet[TuningTrial], actor: Any) -> None:
    """Reopen, and put a job that has ended into the queue: what it lacks of num_samples is run as well."""
    detail = "; ".join(f"trial {trial.number}, {trial.status}: {trial.reason}" for trial in trials.order_by("number"))
    reopen(trials)
    if job.status in TERMINAL_JOB_STATUSES:
        refuse_without_space()
        refuse_used_up_failures(job)
        search_again(job, TERMINAL_JOB_STATUSES, verb="retry", event=EventKind.RETRIED, actor=actor, detail=detail)
    else:
        job.add_event(EventKind.RETRIED, actor=actor, detail=detail)
