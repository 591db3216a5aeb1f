"""Requests and messages at bad moments: a cancel, a resume, a message that is delivered five times."""

from __future__ import annotations

from random import Random

from celery import current_app

from tuning.choices import LIVE_JOB_STATUSES, JobStatus
from tuning.models import TuningJob
from tuning.services.run import cancel_job, resume_job
from tunix.api.exceptions import Conflict

from .world import World

COPIES = 5


def duplicate_messages(world: World, random: Random) -> bool:
    """Send the wake-up of a job, in any state, five times."""
    job = _one_of(list(TuningJob.objects.order_by("created_at")), random)
    if job is None:
        return False
    for _ in range(COPIES):
        current_app.send_task(job.TASK, args=[str(job.pk)])
    return True


def cancel(world: World, random: Random) -> bool:
    job = _one_of(list(TuningJob.objects.filter(status__in=LIVE_JOB_STATUSES).order_by("created_at")), random)
    if job is None:
        return False
    try:
        cancel_job(job=job, actor=None)
    except Conflict:
        return False
    return True


def resume(world: World, random: Random) -> bool:
    ended = TuningJob.objects.filter(status__in=[JobStatus.FAILED, JobStatus.CANCELED]).order_by("created_at")
    job = _one_of(list(ended), random)
    if job is None:
        return False
    try:
        resume_job(job=job, actor=None)
    except Conflict:
        return False
    return True


def _one_of(jobs: list[TuningJob], random: Random) -> TuningJob | None:
    return random.choice(jobs) if jobs else None
