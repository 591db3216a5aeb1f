"""The Celery task of single runs: a wake-up. Supervising does the rest."""

from __future__ import annotations

from celery import shared_task

from tunix.work.supervisor import supervise

from .models import TunixRun


@shared_task(name=TunixRun.TASK)
def run_training(run_id: str) -> None:
    """Train a pending run to its end. Delivered twice, or late, it finds nothing to claim and does nothing."""
    supervise(TunixRun, run_id)
