"""Deletes promoted and added models, but nothing that was trained from them, and no folder of a user."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict
from tunix.pipeline.models.added import added_dir

from ..choices import TERMINAL_RUN_STATUSES, RunStatus
from ..methods import is_from_folder
from ..models import BaseModel, TunixRun

JOBS = "tuning.TuningJob"
"""Jobs start from base models too. The model is named by string because `tuning` depends on this app."""


def delete_model(*, model: BaseModel, actor: Any) -> None:
    """Deletes a promoted or added model. Runs that started from it are kept, and a version is never reused.

    Only files below the artifacts folder go: a model that was added in place keeps its folder.

    Raises Conflict for a built-in model, and if a job or an unfinished run starts from it.
    """
    with transaction.atomic():
        locked = BaseModel.objects.select_for_update().filter(pk=model.pk).first()
        if locked is None:
            return
        if reason := why_not_delete(locked):
            raise Conflict(reason)
        record_act(Act.DELETED, locked, kind=AuditKind.BASE_MODEL, actor=actor)
        folder = _own_folder(locked)
        locked.delete()
        if folder is not None:
            transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def deletion_question(model: BaseModel) -> str:
    """The question before a deletion, with what it costs."""
    if model.source == BaseModel.Source.ADDED:
        question = "Delete the model? A folder that was added in place stays where it is."
    else:
        question = "Delete the model and its folder? Runs that started from it stay but cannot be reproduced."
    number = _dependent_runs(model).count() if is_from_folder(model) else 0
    if not number:
        return question
    need = "1 completed run needs" if number == 1 else f"{number:,} completed runs need"
    return f"{question} {need} it to answer, to be judged again, exported or promoted."


def _dependent_runs(model: BaseModel) -> QuerySet[TunixRun]:
    """The completed runs whose checkpoints are of use only beside the folder of this model."""
    return TunixRun.objects.filter(
        base_model_id=model.base_model_id,
        config_json__base_model_hash=model.content_hash,
        status=RunStatus.COMPLETED,
    )


def _own_folder(model: BaseModel) -> Path | None:
    """The folder that was made for this model."""
    if model.source == BaseModel.Source.ADDED:
        return added_dir(settings.ARTIFACTS_DIR, model.base_model_id)
    return model.folder()


def why_not_delete(model: BaseModel) -> str:
    """Why the model cannot be deleted now, as a sentence; empty if it can."""
    if model.source == BaseModel.Source.BUILT_IN:
        return "Only promoted and added models can be deleted, not built-in ones."
    jobs = apps.get_model(JOBS).objects.filter(base_model_id=model.base_model_id)
    if job := jobs.first():
        more = f", and {others} more" if (others := jobs.count() - 1) else ""
        return f"The job '{job.name[:80]}' starts from it{more}. First delete unneeded jobs."
    runs = TunixRun.objects.filter(base_model_id=model.base_model_id).exclude(status__in=TERMINAL_RUN_STATUSES)
    if run := runs.first():
        return f"The run {run.run_id[:8]} starts from it and is {run.get_status_display()}. Wait for it, or cancel it."
    return ""
