"""The Celery task of judging again: a wake-up. Supervising does the rest."""

from __future__ import annotations

from celery import shared_task

from tunix.work.supervisor import supervise

from .models import Evaluation


@shared_task(name=Evaluation.TASK)
def run_evaluation(evaluation_id: str) -> None:
    """Judge a run again. Delivered twice, or late, it finds nothing to claim and does nothing."""
    supervise(Evaluation, evaluation_id)
