"""The Celery task of evaluations."""

from __future__ import annotations

from celery import shared_task

from tunix.work.supervisor import supervise

from .models import Evaluation


@shared_task(name=Evaluation.TASK)
def run_evaluation(evaluation_id: str) -> None:
    """Supervise a pending evaluation. A duplicate or late message finds nothing to claim and does nothing."""
    supervise(Evaluation, evaluation_id)
