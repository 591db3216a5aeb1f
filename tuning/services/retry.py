"""Retry failed and canceled trials: the same parameters, a new attempt."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tunix.work.disk import refuse_without_space

from ..choices import TERMINAL_JOB_STATUSES, EventKind
from ..models import TuningJob, TuningTrial
from .reasons import retriable_failures
from .transitions import lock_for, queue, refuse_used_up_failures, reopen


def retry_trial(*, trial: TuningTrial, actor: Any) -> TuningTrial:
    """Let a failed or canceled trial wait to run again. A job that has ended is queued again as well.

    Whatever the reason it failed, it no longer counts as failed. Raises Conflict, NoSpace and OverQuota.
    """
    with transaction.atomic():
        lock_for(trial, "retry")
        _retry(trial.job, trial.job.trials.filter(pk=trial.pk), actor)
        trial.refresh_from_db()
    return trial


def retry_failed_trials(*, job: TuningJob, actor: Any) -> TuningJob:
    """The same for every failed trial at once. Raises Conflict, also if none failed, NoSpace and OverQuota."""
    with transaction.atomic():
        lock_for(job, "retry")
        _retry(job, job.trials.filter(pk__in=[trial.pk for trial in retriable_failures(job)]), actor)
    job.refresh_from_db()
    return job


def _retry(job: TuningJob, trials: QuerySet[TuningTrial], actor: Any) -> None:
    """Reopen the trials, and queue a job that has ended: it also runs the trials that num_samples still allows."""
    detail = "; ".join(f"trial {trial.number}, {trial.status}: {trial.reason}" for trial in trials.order_by("number"))
    reopen(trials)
    if job.status in TERMINAL_JOB_STATUSES:
        refuse_without_space()
        refuse_used_up_failures(job)
        queue(job, "retry", event=EventKind.RETRIED, actor=actor, detail=detail)
    else:
        job.add_event(EventKind.RETRIED, actor=actor, detail=detail)
