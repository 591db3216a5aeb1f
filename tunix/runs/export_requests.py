"""Exports of runs by a worker, as a page asks for them."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, ServiceError, in_words
from tunix.pipeline.exporting import MERGED
from tunix.pipeline.failures import message_of
from tunix.work.disk import refuse_without_space
from tunix.work.publishing import NotPublished, publish

from .choices import RunStatus
from .exporting import export_run
from .kept_exports import FAILED, RUNNING, WAITING, export_dir, read_export, write_export
from .models import TunixRun

TASK = "tunix.runs.export_run"

logger = logging.getLogger(__name__)


def request_export(*, run: TunixRun, actor: Any) -> TunixRun:
    """Sends the task that exports a completed run below `artifacts/exports`. Raises Conflict and NoSpace."""
    if why := why_no_export(run):
        raise Conflict(why)
    refuse_without_space()
    with transaction.atomic():
        record_act(Act.EXPORTED, run, kind=AuditKind.RUN, actor=actor)
        write_export(run, WAITING)
        transaction.on_commit(lambda: _send(run), robust=True)
    return run


def why_no_export(run: TunixRun) -> str:
    """Why the run cannot be exported; empty if it can, as far as that is known without reading its checkpoint."""
    if run.status != RunStatus.COMPLETED:
        return f"Only a completed run can be exported; this one is {run.get_status_display()}."
    if run.method == "untuned":
        return "The run scored its base model as it is: there is nothing to export."
    if (kept := read_export(run)) and kept.is_live:
        return "The run is being exported."
    if (export_dir(run) / MERGED).exists():
        return "The run was exported. Move its folders away to export it again."
    return ""


def export_waiting(run: TunixRun) -> None:
    """Exports a run that waits for it, and keeps the result or any error. A message that comes twice finds nothing."""
    kept = read_export(run)
    if kept is None or kept.state != WAITING:
        return
    write_export(run, RUNNING)
    try:
        export_run(run=run)
    except ServiceError as error:
        write_export(run, FAILED, error=in_words(error))
    except Exception as error:  # or it would look as if it ran
        logger.exception("run %s: its export failed", run.pk)
        write_export(run, FAILED, error=message_of(error))


def _send(run: TunixRun) -> None:
    try:
        publish(TASK, str(run.pk))
    except NotPublished as error:
        logger.warning("run %s: its export could not be sent to a worker: %s", run.pk, error)
        if (kept := read_export(run)) is None or kept.state == WAITING:  # else the message did arrive
            write_export(run, FAILED, error="No worker could be reached. Export the run again.")
