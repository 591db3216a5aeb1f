"""When a runner releases a job that has not ended: it is paused and idle, or a request arrived while it was ending."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from ..choices import EventKind, JobStatus
from ..models import TuningJob

REQUESTS = frozenset(
    {
        EventKind.CHANGED,
        EventKind.PAUSED,
        EventKind.UNPAUSED,
        EventKind.RETRIED,
        EventKind.ENQUEUED,
        EventKind.EXCLUDED,
        EventKind.INCLUDED,
    },
)
"""Requests of users that can keep a live job from ending."""


def last_request(job: TuningJob) -> int:
    """The key of the newest request so far. Keys rise, so a later request has a larger one."""
    return job.events.filter(kind__in=REQUESTS).aggregate(last=Max("pk"))["last"] or 0


def has_newer_request(job: TuningJob, known: int | None) -> bool:
    """Whether a request arrived after `known`, the last one that the decision to end took into account."""
    return known is not None and job.cancel_requested_at is None and last_request(job) > known


def is_idle_too_long(job: TuningJob) -> bool:
    """Whether a paused job without running trials has held its worker for PAUSE_RELEASE_SECONDS."""
    since = max(time for time in (job.paused_at, job.progress_at) if time is not None)
    return (timezone.now() - since).total_seconds() >= settings.PAUSE_RELEASE_SECONDS


def requeue(job: TuningJob, detail: str) -> None:
    """running -> queued, which does not count as a loss. The supervisor of the runner sends the next wake-up."""
    TuningJob.objects.filter(pk=job.pk).update(
        status=JobStatus.QUEUED, lease_owner="", dispatched_at=None, queued_at=timezone.now()
    )
    job.add_event(EventKind.RELEASED, detail=detail)


def seconds_queued(job: TuningJob) -> float:
    """How long a job that had started before waited for this runner. Its time budget does not include that."""
    if job.epoch == 1 or job.queued_at is None or job.started_at is None or job.queued_at < job.started_at:
        return 0.0
    return max(0.0, float((timezone.now() - job.queued_at).total_seconds()))
