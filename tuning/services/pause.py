"""Pause and unpause a job: running trials finish, and no new ones start while it is paused."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from tunix.work.dispatch import dispatch_on_commit

from ..choices import EventKind, JobStatus
from ..models import TuningJob
from .transitions import lock_for, reread


def pause_job(*, job: TuningJob, actor: Any) -> TuningJob:
    """Start no new trial of a queued or running job. No change if it is paused. Raises Conflict."""
    with transaction.atomic():
        lock_for(job, "pause")
        if not job.is_paused:
            TuningJob.objects.filter(pk=job.pk).update(paused_at=timezone.now())
            job.add_event(EventKind.PAUSED, actor=actor)
    reread(job)
    return job


def unpause_job(*, job: TuningJob, actor: Any) -> TuningJob:
    """Start trials again. A worker is woken if the runner has released the job. No change unless it is paused.

    The pause does not count against `max_seconds`. Raises Conflict.
    """
    with transaction.atomic():
        lock_for(job, "unpause")
        if job.is_paused:
            _unpause(job)
            job.add_event(EventKind.UNPAUSED, actor=actor)
    reread(job)
    return job


def _unpause(job: TuningJob) -> None:
    now = timezone.now()
    fields: dict[str, Any] = {"paused_at": None, "paused_seconds": job.paused_seconds + job.seconds_of_pause(now)}
    if job.status == JobStatus.QUEUED:
        fields |= {"queued_at": now, "dispatched_at": None, "next_try_at": None}
        dispatch_on_commit(job)
    TuningJob.objects.filter(pk=job.pk).update(**fields)
