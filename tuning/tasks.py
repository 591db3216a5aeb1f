"""The Celery tasks of tuning jobs: a wake-up, after which supervising does the rest, and the rehearsal."""

from __future__ import annotations

from celery import shared_task

from tunix.work.supervisor import supervise

from .models import TuningJob
from .preflight import rehearse_kept
from .services.rehearse import TASK


@shared_task(name=TuningJob.TASK)
def run_tuning_job(job_id: str) -> None:
    """Run a queued job to its end. Delivered twice, or late, it finds nothing to claim and does nothing."""
    supervise(TuningJob, job_id)


@shared_task(name=TASK)
def rehearse_job(job_id: str) -> None:
    """Rehearse a job that waits for it, in a process of its own. Does nothing if the job was deleted meanwhile."""
    job = TuningJob.objects.select_related("dataset").filter(pk=job_id).first()
    if job is not None:
        rehearse_kept(job)
