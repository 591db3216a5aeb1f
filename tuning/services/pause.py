"""Pause and unpause: what runs goes on to its end, and nothing new starts until somebody says so."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from tunix.api.exceptions import Conflict
from tunix.work.dispatch import dispatch_on_commit

from ..choices import EventKind, JobStatus
from ..models import TuningJob
from .transitions import lock, reread, why_not


def pause_job(*, job: TuningJob, actor: Any) -> TuningJob:
    """Start no new trial of a queued or running job. No change where it is paused. Raises Conflict."""
    with transaction.atomic():
        _lock_for(job, "pause")
        if not job.is_paused:
            TuningJob.objects.filter(pk=job.pk).update(paused_at=timezone.now())
            job.add_event(EventKind.PAUSED, actor=actor)
    reread(job)
    return job


def unpause_job(*, job: TuningJob, actor: Any) -> TuningJob:
    """Go on. A worker is woken where the runner has let go of the job. No change unless it is paused.

    The pause does not count against `max_seconds`. Raises Conflict.
    """
    with transaction.atomic():
        _lock_for(job, "unpause")
        if job.is_paused:
            _go_on(job)
            job.add_event(EventKind.UNPAUSED, actor=actor)
    reread(job)
    return job


def _lock_for(job: TuningJob, verb: str) -> None:
    lock(job)
    if reason := why_not(job, verb):
        raise Conflict(f"Cannot {verb}: {reason}")


def _go_on(job: TuningJob) -> None:
    now = timezone.now()
    fields: dict[str, Any] = {"paused_at": None, "paused_seconds": job.paused_seconds + job.seconds_of_pause(now)}
    if job.status == JobStatus.QUEUED:
        fields |= {"queued_at": now, "dispatched_at": None}
        dispatch_on_commit(job)
    TuningJob.objects.filter(pk=job.pk).update(**fields)
