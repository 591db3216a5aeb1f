"""When a runner lets go of a job that is not over: it is paused and idle, or somebody asked for more at its end."""

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
"""What people ask of a live job that can keep it from ending."""


def last_request(job: TuningJob) -> int:
    """The newest request that the job has heard of; one that comes later has a larger number."""
    return job.events.filter(kind__in=REQUESTS).aggregate(last=Max("pk"))["last"] or 0


def is_asked_for_more(job: TuningJob, known: int | None) -> bool:
    """Whether the decision to end, taken when `known` was the last request, has to be taken again."""
    return known is not None and job.cancel_requested_at is None and last_request(job) > known


def is_idle_for_long(job: TuningJob) -> bool:
    """Whether a paused job, of which no trial runs, has kept its machine for long enough."""
    since = max(time for time in (job.paused_at, job.progress_at) if time is not None)
    return (timezone.now() - since).total_seconds() >= settings.PAUSE_RELEASE_SECONDS


def requeue(job: TuningJob, detail: str) -> None:
    """running -> queued, without a loss being counted. Whoever supervises the runner sends the next wake-up."""
    TuningJob.objects.filter(pk=job.pk).update(
        status=JobStatus.QUEUED, lease_owner="", dispatched_at=None, queued_at=timezone.now()
    )
    job.add_event(EventKind.REQUEUED, detail=detail)


def seconds_in_the_queue(job: TuningJob) -> float:
    """How long a job that had begun before waited for this runner: that is not its own time."""
    if job.epoch == 1 or job.queued_at is None or job.started_at is None or job.queued_at < job.started_at:
        return 0.0
    return max(0.0, float((timezone.now() - job.queued_at).total_seconds()))
