"""The Celery task of tuning jobs: a wake-up. Supervising does the rest."""

from __future__ import annotations

from celery import shared_task

from tunix.work.supervisor import supervise

from .models import TuningJob


@shared_task(name=TuningJob.TASK)
def run_tuning_job(job_id: str) -> None:
    """Run a queued job to its end. Delivered twice, or late, it finds nothing to claim and does nothing."""
    supervise(TuningJob, job_id)
