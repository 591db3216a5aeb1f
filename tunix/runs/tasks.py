"""The Celery task of single runs."""

from __future__ import annotations

from celery import shared_task

from tunix.work.supervisor import supervise

from .models import TunixRun


@shared_task(name=TunixRun.TASK)
def run_training(run_id: str) -> None:
    """Supervise a pending run. A duplicate or late message finds nothing to claim and does nothing."""
    supervise(TunixRun, run_id)
