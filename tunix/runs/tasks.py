"""The Celery tasks of single runs, their exports, added models and generations."""

from __future__ import annotations

from celery import shared_task

from tunix.work.supervisor import supervise

from .base_models.addition import TASK, finish_addition
from .base_models.export_checks import TASK as CHECK_TASK
from .base_models.export_checks import check_promoted
from .export_requests import TASK as EXPORT_TASK
from .export_requests import export_waiting
from .models import BaseModel, Generation, TunixRun


@shared_task(name=TunixRun.TASK)
def run_training(run_id: str) -> None:
    """Supervise a pending run. A duplicate or late message finds nothing to claim and does nothing."""
    supervise(TunixRun, run_id)


@shared_task(name=TASK)
def read_added_model(pk: int) -> None:
    """Read the files of an added model and run its smoke test. Does nothing if it was deleted meanwhile."""
    model = BaseModel.objects.filter(pk=pk, source=BaseModel.Source.ADDED).first()
    if model is not None:
        finish_addition(model)


@shared_task(name=CHECK_TASK)
def check_export(pk: int) -> None:
    """Compare the folder of a promoted model with its run. Does nothing if it was deleted meanwhile."""
    model = BaseModel.objects.filter(pk=pk, source=BaseModel.Source.PROMOTED).first()
    if model is not None:
        check_promoted(model)


@shared_task(name=Generation.TASK)
def run_generation(generation_id: str) -> None:
    """Supervise a pending generation. A duplicate or late message finds nothing to claim and does nothing."""
    supervise(Generation, generation_id)


@shared_task(name=EXPORT_TASK)
def export_requested_run(run_id: str) -> None:
    """Export a run that waits for it. Does nothing if it was deleted meanwhile."""
    run = TunixRun.objects.with_relations().filter(pk=run_id).first()
    if run is not None:
        export_waiting(run)
